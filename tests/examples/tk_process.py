"""Run the example with Tk in a process of its own, and print as JSON what its window showed.

Xlib ends the whole process when its server goes, so the tests themselves do not open windows.

Arguments: the address of a simulator, the number of lines to keep, what the last message says.
"""

from __future__ import annotations

import json
import sys

import tk_chat

from kick_live import ChatMessage, Endpoints, KickClient


def main(address: str, lines: str, last: str) -> None:
    """Show the chat until the last message."""
    tk_chat.LINES = int(lines)
    endpoints = Endpoints.at(address)
    with KickClient("amber-quokka", endpoints=endpoints, remember_ids=False) as client:
        client.connect()
        window = tk_chat.ChatWindow(client)

        def look(message: ChatMessage) -> None:
            if message.content == last:
                window.root.update_idletasks()
                shown = window.text.get("1.0", "end").split("\n")
                in_view = window.text.bbox("end -2 chars") is not None
                json.dump(
                    {"lines": [line for line in shown if line], "in_view": in_view}, sys.stdout
                )
                client.close()

        client.on(ChatMessage, look)
        window.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
