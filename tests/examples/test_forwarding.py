"""The examples that hand a chat on: to browsers, and to a Discord channel."""

from __future__ import annotations

import json
import queue
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from kick_live import ChatMessage, User
from kick_live.testing import make


@pytest.fixture
def webhook():
    """A Discord that answers what the test wants; it keeps what was posted and accepted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers = (
                server.answers.get_nowait() if not server.answers.empty() else (204, {})
            )
            # Before the answer: the test may look as soon as that is out.
            server.tried.append(status)
            if status == 204:
                server.accepted.put(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answers, server.accepted, server.tried = queue.Queue(), queue.Queue(), []
    server.url = f"http://127.0.0.1:{server.server_port}/api/webhooks/1/s3cret"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_gets_messages(client, channel, capsys) -> None:
    """The page is served, and its stream has one line of JSON a message; the end closes it."""
    pytest.importorskip("flask", reason="flask is not installed")
    import flask_overlay

    got: queue.Queue[object] = queue.Queue()

    def browse() -> None:
        try:
            [address] = re.findall(r"http\S+", capsys.readouterr().out)
            page = requests.get(address, timeout=20).text
            got.put('new EventSource("/events")' in page and "innerHTML" not in page)
            with requests.get(f"{address}events", stream=True, timeout=20) as stream:
                got.put(stream.headers["Content-Type"].partition(";")[0])
                for line in stream.iter_lines(decode_unicode=True):
                    if line == ": connected":
                        channel.chat('<b>"hi"\n\n</b> é', username="larkspur")
                    elif line:
                        got.put(line)
                        client.close()
            got.put("the end")
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            got.put(error)
            client.close()

    browser = threading.Thread(target=browse)
    client.on("connected", lambda _: browser.start())
    flask_overlay.main(client, port=0)
    browser.join(20)
    assert [got.get_nowait() for _ in range(2)] == [True, "text/event-stream"]
    data = got.get_nowait()
    assert str(data).startswith("data: ")
    message = json.loads(str(data)[6:])
    assert message["name"] == "larkspur"
    assert message["text"].startswith('<b>"hi"')
    assert got.get_nowait() == "the end"


def test_a_slow_browser_holds_nobody_up() -> None:
    """Its queue is bounded; the stream still ends."""
    pytest.importorskip("flask", reason="flask is not installed")
    import flask_overlay

    browsers = flask_overlay.Browsers()
    slow = browsers.listen()
    assert next(slow) == ": connected\n\n"
    for number in range(500):
        browsers.publish(str(number))
    assert next(slow) == "data: 0\n\n"
    browsers.close()
    assert 90 <= len(list(slow)) <= 100
    assert list(browsers.listen()) == []


def test_discord_gets_batches(client, channel, play, webhook) -> None:
    """Every line arrives once, in order, in few posts, and none of them can notify anybody."""
    import discord_forwarder

    play(lambda: [channel.chat(f"line {number}", username="larkspur") for number in range(60)])
    discord_forwarder.main(client, discord_forwarder.post_to(webhook.url), every=0.05)
    bodies = [webhook.accepted.get_nowait() for _ in range(webhook.accepted.qsize())]
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies)
    assert all(len(body["content"]) <= 2000 for body in bodies)
    lines = "\n".join(body["content"] for body in bodies).split("\n")
    assert lines == [
        *[f"**larkspur** line {number}" for number in range(60)],
        "**pebble** that is all",
    ]
    assert len(bodies) < 30


def test_discord_is_obeyed_when_it_asks_for_patience(webhook) -> None:
    """A post that was turned down for its rate, or by a broken server, is made again, once."""
    import discord_forwarder

    pauses = []
    forwarder = discord_forwarder.Forwarder(discord_forwarder.post_to(webhook.url), every=0.01)
    real_wait = forwarder._stop.wait

    def wait(seconds: float) -> bool:
        if seconds != 0.01:
            pauses.append(seconds)
        return real_wait(0.01)

    forwarder._stop.wait = wait
    webhook.answers.put((429, {"Retry-After": "7.5"}))
    webhook.answers.put((502, {}))
    webhook.answers.put((204, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "3"}))
    forwarder.add("one")
    forwarder.start()
    assert webhook.accepted.get(timeout=20)["content"] == "one"
    forwarder.close()
    assert webhook.tried == [429, 502, 204]
    assert pauses == [7.5, 2.0, 3.0]
    assert forwarder.lost == 0


def test_discord_may_be_gone(client, channel, play, webhook, capsys) -> None:
    """A webhook that was deleted is not asked again for the same post, and its address stays secret."""
    import discord_forwarder

    webhook.answers.put((404, {}))
    play(lambda: None)
    discord_forwarder.main(client, discord_forwarder.post_to(webhook.url), every=0.01)
    assert webhook.tried == [404]
    out = capsys.readouterr().out
    assert out.splitlines() == ["Discord refuses the post: 404", "1 lines were not forwarded"]


def test_nobody_listens_at_the_address(capsys) -> None:
    """The error names no secret, and closing does not wait for further attempts."""
    import discord_forwarder

    post = discord_forwarder.post_to("http://127.0.0.1:9/api/webhooks/1/s3cret")
    forwarder = discord_forwarder.Forwarder(post, every=0.01)
    forwarder.add("one")
    forwarder.start()
    forwarder.close()
    assert forwarder.lost == 1
    out = capsys.readouterr().out
    assert "ConnectionError" in out
    assert "s3cret" not in out


def test_markup_by_strangers_is_plain() -> None:
    """Names and texts cannot write bold, links, mentions or lines of their own."""
    import discord_forwarder

    text = "@everyone [click](https://example.org) `x`\n# big <@1>"
    message = make(ChatMessage, content=text, sender=User(username="__larkspur__"))
    line = discord_forwarder.line_of(message)
    assert "\n" not in line
    assert line.startswith(r"**\_\_larkspur\_\_** \@everyone \[click\]\(https\://example.org\)")
    longest = make(ChatMessage, content="*" * 5000, sender=User(username="_" * 500))
    assert len(discord_forwarder.line_of(longest)) <= discord_forwarder.LONGEST_LINE
