"""Read a chat aloud, one message after the other, on a thread of its own.

python text_to_speech.py NAME

Speaking takes longer than writing, so messages wait in a queue. It is short: when it is full, new
messages are left out, instead of being read minutes late. What moderators remove is not read.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from chat_source import arguments, open_client, printable

from kick_live import ChatMessage, KickClient, MessageDeleted, UserBanned

WAITING = 10


def speak(text: str) -> None:
    """A stand-in for a speech engine: it prints, and takes its time."""
    print(f"(speaking) {text}", flush=True)
    time.sleep(0.02 * len(text))


def main(client: KickClient, speak: Callable[[str], object] = speak) -> None:
    """Queue what is written and let a worker speak it."""
    waiting: queue.Queue[ChatMessage | None] = queue.Queue(maxsize=WAITING)
    removed: set[str] = set()

    def work() -> None:
        while (message := waiting.get()) is not None:
            if message.id not in removed and message.sender.username not in removed:
                speak(printable(f"{message.sender.username} says {message.plain_text}"))

    @client.on(ChatMessage)
    def hear(message: ChatMessage) -> None:
        removed.discard(message.sender.username)  # who writes is not banned any more
        if message.plain_text.strip() and not message.historical:
            try:
                waiting.put_nowait(message)
            except queue.Full:
                print(f"(left out a message by {printable(message.sender.username)})")

    client.on(MessageDeleted, lambda event: removed.add(event.message_id))
    client.on(UserBanned, lambda event: removed.add(event.user.username))

    worker = threading.Thread(target=work, name="speech")
    worker.start()
    try:
        client.run()
    finally:
        while not waiting.empty():  # stop after the sentence that is being spoken
            waiting.get_nowait()
        waiting.put(None)
        worker.join()


if __name__ == "__main__":
    options = arguments(__doc__).parse_args()
    with open_client(options) as client:
        main(client)
