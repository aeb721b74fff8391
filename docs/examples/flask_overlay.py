"""A web page that shows a chat, fed by server-sent events; a browser source for an overlay.

python flask_overlay.py NAME [--port 5000]          (pip install flask)
"""

from __future__ import annotations

import contextlib
import json
import queue
import sys
import threading
from collections.abc import Iterator

from chat_source import arguments, open_client, words

try:
    from flask import Flask, Response
    from werkzeug.serving import make_server
except ModuleNotFoundError:
    sys.exit("This example needs Flask: python -m pip install flask")

from kick_live import ChatMessage, KickClient

KEEP_ALIVE = 15.0

PAGE = """<!doctype html>
<meta charset="utf-8"><title>Chat</title>
<style>
  body { font: 18px sans-serif; color: #eee; background: #101820; }
  b { color: #7cc4ff; margin-right: .5em; }
</style>
<main></main>
<script>
  const chat = document.querySelector("main");
  new EventSource("/events").onmessage = event => {
    const { name, text } = JSON.parse(event.data);
    const line = document.createElement("p"), who = document.createElement("b");
    who.textContent = name;  // textContent, so that nobody can write HTML into the page
    line.append(who, text);
    chat.append(line);
    if (chat.children.length > 20) chat.firstChild.remove();
    line.scrollIntoView();
  };
</script>
"""


class Browsers:
    """Hands each message to every browser that listens, without waiting for a slow one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: set[queue.Queue[str | None]] = set()
        self._closed = False

    def publish(self, data: str) -> None:
        """Give to all; a browser that is 100 messages late misses this one."""
        with self._lock:
            for waiting in self._queues:
                with contextlib.suppress(queue.Full):
                    waiting.put_nowait(data)

    def listen(self) -> Iterator[str]:
        """The stream of one browser."""
        waiting: queue.Queue[str | None] = queue.Queue(maxsize=100)
        with self._lock:
            if self._closed:
                return
            self._queues.add(waiting)
        try:
            yield ": connected\n\n"
            while True:
                try:
                    data = waiting.get(timeout=KEEP_ALIVE)
                except queue.Empty:
                    yield ": still here\n\n"  # finds out whether the browser is, too
                    continue
                if data is None:
                    return
                yield f"data: {data}\n\n"
        finally:
            with self._lock:
                self._queues.discard(waiting)

    def close(self) -> None:
        """End all streams."""
        with self._lock:
            self._closed = True
            for waiting in self._queues:
                while waiting.full():
                    waiting.get_nowait()
                waiting.put_nowait(None)


def make_app(browsers: Browsers) -> Flask:
    """The page, and its stream."""
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule(
        "/events",
        "events",
        lambda: Response(
            browsers.listen(),
            mimetype="text/event-stream",
            headers={"Cache-Control": "no-cache"},
        ),
    )
    return app


def main(client: KickClient, port: int = 5000) -> None:
    """Serve on a thread; the client runs here, so that its errors and Ctrl-C end the program."""
    browsers = Browsers()

    @client.on(ChatMessage)
    def show(message: ChatMessage) -> None:
        line = {"name": message.sender.username, "text": words(message)}
        browsers.publish(json.dumps(line))

    server = make_server("127.0.0.1", port, make_app(browsers), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="web")
    thread.start()
    print(f"http://127.0.0.1:{server.port}/", flush=True)
    try:
        client.run()
    finally:
        browsers.close()
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--port", type=int, default=5000)
    options = parser.parse_args()
    with open_client(options) as client:
        main(client, options.port)
