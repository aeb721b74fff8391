"""Log a channel's chat to a text file.

python chat_logger.py NAME [--file chat.log]
"""

from __future__ import annotations

from pathlib import Path

from chat_source import arguments, open_client, printable, words

from kick_live import ChatMessage, KickClient


def main(client: KickClient, path: Path) -> None:
    """Append every message to the file, and show it."""
    # Line by line, so that what was written is there even if the program is killed.
    with path.open("a", encoding="utf-8", buffering=1) as file:

        @client.on(ChatMessage)
        def log(message: ChatMessage) -> None:
            when = message.created_at or message.received_at
            name = printable(message.sender.username)
            line = f"{when:%Y-%m-%d %H:%M:%S} {name}: {words(message)}"
            print(line, file=file)
            print(line, flush=True)

        client.run()


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--file", type=Path, default=Path("chat.log"))
    options = parser.parse_args()
    with open_client(options) as client:
        main(client, options.file)
