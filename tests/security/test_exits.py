"""A hostile chat goes through every exit: terminal, JSON, CSV, text, HTML, search, notebook, logs."""

from __future__ import annotations

import csv
import html.parser
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kick_live import ChatMessage, KickAPI, KickClient, decode
from kick_live.notebook.html import as_html
from kick_live.recording import Recorder
from kick_live.testing import KickSimulator

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\r\n2026-01-01 CRITICAL forged\x9b31m\u202eabc\u2066\u2028\u200f\ufeff"
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x7f\x00\x85\x0b\x0c{kind}%s"
)
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1")
#: What a terminal may obey, what ends a line, and what turns the reading direction.
COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of a chat in which everything that people write is hostile."""
    path = tmp_path_factory.mktemp("exits") / "chat.jsonl"
    with (
        KickSimulator() as simulator,
        KickAPI(simulator.endpoints, min_interval=0) as api,
    ):
        channel = simulator.add_channel("amber-quokka")
        with KickClient("amber-quokka", api=api, remember_ids=False) as client:
            client.connect(10)
            with Recorder(client, path):
                bad = channel.chat(EVIL, username=EVIL)
                channel.delete_message(bad)
                for text in FORMULAS:
                    channel.chat(text, username=text)
                topic = f"chatrooms.{channel.chatroom_id}.v2"
                for event in ({"username": EVIL}, {"user": {"id": 1, "username": EVIL}}, EVIL):
                    data = {"event": f"App\\Events\\{EVIL}", "data": json.dumps(event)}
                    frame = {"push": {"channel": topic, "pub": {"data": data}}}
                    simulator.publish_frame(json.dumps({**frame, "channel": topic, **data}))
                channel.chat("the end")
                client.wait_for(ChatMessage, 10, where=lambda m: m.content == "the end")
    assert b"forged" in path.read_bytes()
    return path


def run(*args: str, cwd: Path) -> str:
    """What a command writes, all of it."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "kick_live", *args],
        capture_output=True,
        cwd=cwd,
        timeout=50,
        env={**os.environ, "KICK_LIVE_CACHE_DIR": "", "FORCE_COLOR": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return (done.stdout + done.stderr).decode("utf-8")


def harmless(text: str) -> None:
    """Nothing in it commands a terminal, and no line begins as somebody forged it."""
    found = COMMANDS.search(text)
    assert found is None, repr(text[max(0, found.start() - 40) : found.end() + 10])
    assert not re.search(r"^2026-01-01 CRITICAL", text, re.MULTILINE)


@pytest.mark.parametrize(
    "options",
    [(), ("--all",), ("--json",), ("--format", "{date} {channel} {kind} {name} {text} {line}")],
)
def test_what_is_shown_of_a_hostile_chat(recording: Path, options: tuple[str, ...]) -> None:
    """On a terminal or as JSON lines: it is all there, and none of it is obeyed."""
    shown = run("replay", recording.name, "--speed", "max", *options, cwd=recording.parent)
    harmless(shown)
    assert "forged" in shown
    assert "the end" in shown
    if "--json" in options:
        values = [json.loads(line) for line in shown.splitlines()]
        assert any(value.get("content", "").startswith("\x1b]0;owned") for value in values)


@pytest.mark.parametrize("form", ["txt", "csv", "html", "jsonl"])
def test_what_is_exported_of_a_hostile_chat(recording: Path, tmp_path: Path, form: str) -> None:
    """In a file for people, for a spreadsheet, for a browser, for a program."""
    out = tmp_path / f"out.{form}"
    options = ("-o", str(out), "--pictures", "link")
    harmless(run("export", recording.name, *options, cwd=recording.parent))
    text = out.read_bytes().decode("utf-8-sig")
    assert "forged" in text
    if form == "csv":
        _no_formulas(out)
    elif form == "html":
        _no_code(text)
    else:
        harmless(text)


def _no_formulas(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len({len(row) for row in rows}) == 1, "a name or text broke out of its cell"
    for cell in (cell for row in rows for cell in row):
        # Line breaks stay what they are inside a cell, and so do the marks that Arabic needs.
        harmless(re.sub("[\t\n\u200e\u200f\ufeff]", " ", cell))
        assert not re.match(r"\s*[=+@\uff1d\uff0b\uff20]", cell), cell
        assert not re.match(r"\s*-(?![\d.]+$)", cell), cell


def _no_code(page: str) -> None:
    """Only what the page itself brings is markup."""

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "iframe", "object", "embed", "form", "base"), tag
            for name, value in attrs:
                assert not name.startswith("on"), (tag, name)
                assert "alert" not in (value or "") or name in ("title", "alt"), (tag, name)
                assert not (value or "").strip().lower().startswith("javascript:")

    Reader().feed(page)
    assert "<img src=x" not in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)
    # Whatever turns the direction around ends with the element that isolates it.
    for found in re.finditer("[\u202a-\u202e\u2066-\u2069]", page):
        before = page[: found.start()]
        assert before.rfind("<bdi") > before.rfind("</bdi>"), page[found.start() - 80 : found.end()]


def test_what_is_found_in_a_hostile_chat(recording: Path, tmp_path: Path) -> None:
    """A search shows it with the same care."""
    database = str(tmp_path / "chat.db")
    harmless(run("store", recording.name, "--sqlite", database, cwd=recording.parent))
    for options in ((), ("--json",)):
        shown = run("search", database, "forged", *options, cwd=tmp_path)
        harmless(shown)
        assert "forged" in shown


def test_a_hostile_chat_in_a_notebook() -> None:
    """Its HTML is text."""
    event = decode(
        "ChatMessageEvent",
        {"id": EVIL, "content": EVIL, "sender": {"id": 1, "username": EVIL, "slug": EVIL}},
    )
    assert isinstance(event, ChatMessage)
    page = as_html(event)
    assert "forged" in page
    _no_code(page)


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_hostile_names_of_topics_and_events_are_not_logged_as_they_are(
    caplog: pytest.LogCaptureFixture, transport: str
) -> None:
    """At debug level, through the whole client."""
    caplog.set_level(logging.DEBUG)
    with (
        KickSimulator() as simulator,
        KickAPI(simulator.endpoints, min_interval=0) as api,
    ):
        channel = simulator.add_channel("amber-quokka")
        options = {"transport": transport, "api": api, "remember_ids": False}
        with KickClient("amber-quokka", **options) as client:  # type: ignore[arg-type]
            client.connect(10)
            for name in (EVIL, f"App\\Events\\{EVIL}", "ChatMessageEvent", f"pusher:{EVIL}"):
                for topic in (f"chatrooms.{channel.chatroom_id}.v2", EVIL):
                    data = {"event": name, "data": json.dumps({EVIL: EVIL})}
                    push = {"push": {"channel": topic, "pub": {"data": data}}}
                    simulator.publish_frame(json.dumps({**data, "channel": topic, **push}))
            channel.chat("the end")
            client.wait_for(ChatMessage, 10, where=lambda m: m.content == "the end")
    assert caplog.records
    for record in caplog.records:
        harmless(record.getMessage().replace("\n", " "))
        if record.name.startswith("kick_live"):
            assert "\n" not in record.getMessage()
