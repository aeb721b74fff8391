"""Count votes in chat: a message that is one of the options votes for it.

python vote_counter.py NAME --options desert forest harbour --seconds 60
"""

from __future__ import annotations

from collections import Counter

from chat_source import arguments, open_client

from kick_live import ChatMessage, KickClient

WIDTH = 30


def main(client: KickClient, options: list[str]) -> Counter[str]:
    """Count until the client is closed, or until Ctrl-C; everybody's last vote counts."""
    names = {option.casefold(): option for option in options}
    votes: dict[int | str, str] = {}

    @client.on(ChatMessage)
    def vote(message: ChatMessage) -> None:
        option = names.get(message.plain_text.strip().casefold())
        if option is not None and not message.historical:
            votes[message.sender.id or message.sender.username] = option

    print(f"Write one of these in chat: {', '.join(options)}", flush=True)
    client.run()
    result = Counter(votes.values())
    most = max([1, *result.values()])
    for option in sorted(options, key=lambda option: -result[option]):
        bar = "#" * round(WIDTH * result[option] / most)
        print(f"{option:>12} {bar:<{WIDTH}} {result[option]}")
    return result


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--options", nargs="+", default=["desert", "forest", "harbour"])
    options = parser.parse_args()
    with open_client(options, demo_lines=[*options.options, options.options[0]]) as client:
        main(client, options.options)
