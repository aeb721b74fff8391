"""A chat window with Tk, which takes events from its own loop.

python tk_chat.py NAME          (on Debian and Ubuntu: apt install python3-tk)
"""

from __future__ import annotations

import sys

try:
    import tkinter
    from tkinter import scrolledtext
except ModuleNotFoundError:
    sys.exit("This Python was built without Tk. On Debian and Ubuntu: apt install python3-tk")

from chat_source import arguments, open_client, words

from kick_live import ChatMessage, KickClient, KickLiveError

EVERY = 50  # milliseconds
LINES = 500


class ChatWindow:
    """A window that shows a chat; listeners run on Tk's thread, so they may touch widgets."""

    def __init__(self, client: KickClient) -> None:
        self.client = client
        self.root = tkinter.Tk()
        self.root.title("Chat")
        self.status = tkinter.StringVar(self.root, "connected")
        self.text = scrolledtext.ScrolledText(self.root, wrap="word", state="disabled")
        self.text.tag_configure("name", font="TkHeadingFont")
        self.text.pack(fill="both", expand=True)
        tkinter.Label(self.root, textvariable=self.status, anchor="w").pack(fill="x")
        client.on(ChatMessage, self.show)

    def show(self, message: ChatMessage) -> None:
        """Append a message; the oldest go."""
        self.text["state"] = "normal"
        self.text.insert("end", message.sender.username, "name", f": {words(message)}\n")
        self.text.delete("1.0", f"end -{LINES + 1} lines")
        self.text["state"] = "disabled"
        self.text.see("end")

    def take(self) -> None:
        """Fire listeners for what has come, and come back later."""
        try:
            self.client.poll()
        except KickLiveError as error:
            self.status.set(f"not connected: {error}")
            return
        if self.client.closed:
            self.root.destroy()
        else:
            self.root.after(EVERY, self.take)

    def run(self) -> None:
        """Show the window until it is closed, or the client is."""
        self.root.after(0, self.take)
        self.root.mainloop()


def main(client: KickClient) -> None:
    """Open the window, then connect; without a screen end with a sentence."""
    try:
        window = ChatWindow(client)
    except tkinter.TclError as error:
        sys.exit(
            f"Tk cannot open a window ({error}). Run it on a desktop, over ssh with -X, or on a "
            "screen that is not there: xvfb-run python tk_chat.py ..."
        )
    client.connect()
    window.run()


if __name__ == "__main__":
    options = arguments(__doc__).parse_args()
    with open_client(options) as client:
        main(client)
