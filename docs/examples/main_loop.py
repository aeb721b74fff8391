"""An older program with a loop of its own, to which chat is added with one line: client.poll().

python main_loop.py NAME

The program drives a lamp. Chat may write !on, !off and !dim.
"""

from __future__ import annotations

import time

from chat_source import arguments, open_client, printable

from kick_live import ChatMessage, KickClient

PACE = 0.1  # seconds a round


class Lamp:
    """What the program is really about."""

    def __init__(self) -> None:
        self.wanted = 0
        self.brightness = 0

    def step(self) -> None:
        """Move a little towards what is wanted, once a round."""
        difference = self.wanted - self.brightness
        self.brightness += max(-10, min(10, difference))


def main(client: KickClient, lamp: Lamp) -> None:
    """Turn the loop until the client is closed, or until Ctrl-C."""
    commands = {"!on": 100, "!dim": 30, "!off": 0}

    @client.on(ChatMessage)
    def obey(message: ChatMessage) -> None:
        command = message.plain_text.strip().casefold()
        if command in commands:
            lamp.wanted = commands[command]
            print(f"{printable(message.sender.username)}: {command}", flush=True)

    client.connect()
    while not client.closed:
        started = time.monotonic()
        client.poll()  # fires the listeners for what has come, and returns at once
        lamp.step()
        time.sleep(max(0.0, PACE - (time.monotonic() - started)))


if __name__ == "__main__":
    options = arguments(__doc__).parse_args()
    with open_client(options, demo_lines=["!on", "!dim", "!off"]) as client:
        main(client, Lamp())
