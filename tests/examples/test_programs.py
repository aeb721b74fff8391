"""Every example runs as its reader would run it, as a program of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
PROGRAMS = sorted(
    path for path in EXAMPLES.glob("*.py") if "with open_client(" in path.read_text("utf-8")
)
#: These need a library or a screen, and are run by tests of their own.
SCREENS = {"tk_chat", "pygame_chat", "flask_overlay"}


def start(path, *arguments, folder, **environment) -> subprocess.Popen[str]:
    """A program whose folder is its own."""
    return subprocess.Popen(
        [sys.executable, "-u", str(path), *arguments],
        cwd=folder,
        env={**os.environ, "KICK_LIVE_CACHE_DIR": "", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_all_ten_are_found() -> None:
    assert len(PROGRAMS) == 10


@pytest.mark.parametrize(
    "path", [path for path in PROGRAMS if path.stem not in SCREENS], ids=lambda path: path.stem
)
def test_a_program_ends_by_itself(path, tmp_path) -> None:
    """With the invented chat, without a network; nothing goes to stderr."""
    program = start(path, "--demo", "--seconds", "1", folder=tmp_path)
    _, errors = program.communicate(timeout=50)
    assert (program.returncode, errors) == (0, "")


def test_the_time_begins_with_the_connection(tmp_path) -> None:
    """However slow the network is, the seconds do not end a client that is still connecting."""
    program = start(EXAMPLES / "vote_counter.py", "--demo", "--seconds", "0.001", folder=tmp_path)
    out, errors = program.communicate(timeout=50)
    assert (program.returncode, errors) == (0, "")
    assert len(out.splitlines()) == 4


def test_the_gift_alert_has_something_to_tell(tmp_path) -> None:
    """Gifts are rare, but a look of a few seconds at the demonstration shows some."""
    program = start(EXAMPLES / "gift_alert.py", "--demo", folder=tmp_path)
    try:
        begin = time.monotonic()
        assert program.stdout.readline().startswith("Waiting for gifts")
        assert all(program.stdout.readline().startswith("\a*** ") for _ in range(3))
        assert time.monotonic() - begin < 30
    finally:
        program.kill()
        program.communicate()


@pytest.mark.parametrize(
    ("name", "library", "advice"),
    [
        ("tk_chat", "tkinter", "apt install python3-tk"),
        ("pygame_chat", "pygame", "pip install pygame-ce"),
        ("flask_overlay", "flask", "pip install flask"),
    ],
)
def test_a_missing_library_is_named(tmp_path, name, library, advice) -> None:
    """One line says what to install."""
    code = f"import sys; sys.modules[{library!r}] = None; import {name}"
    program = start("-c", code, folder=tmp_path, PYTHONPATH=str(EXAMPLES))
    out, errors = program.communicate(timeout=50)
    assert (program.returncode, out) == (1, "")
    assert advice in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_page_shows_it(path) -> None:
    """The documentation includes each program."""
    page = EXAMPLES.parent / "how-to" / "examples.md"
    assert re.search(rf"\{{literalinclude\}} \.\./examples/{path.name}\n", page.read_text("utf-8"))


def test_a_program_reads_what_it_is_pointed_at(simulator, channel, tmp_path) -> None:
    """The channel is an argument; Ctrl-C ends the program without an error."""
    program = start(
        EXAMPLES / "chat_logger.py",
        "amber-quokka",
        folder=tmp_path,
        KICK_LIVE_ENDPOINTS=simulator.url,
    )
    try:
        simulator.wait_for_subscribers(channel, timeout=40)
        channel.chat("hello", username="larkspur")
        assert program.stdout.readline().endswith(" larkspur: hello\n")
        program.send_signal(signal.SIGINT)
        assert program.communicate(timeout=40) == ("", "")
        assert program.returncode == 0
    finally:
        program.kill()
        program.communicate()


def test_a_channel_that_does_not_exist(simulator, tmp_path) -> None:
    """The library's error is shown without a traceback."""
    program = start(
        EXAMPLES / "chat_logger.py",
        "nobody-here",
        folder=tmp_path,
        KICK_LIVE_ENDPOINTS=simulator.url,
    )
    out, errors = program.communicate(timeout=50)
    assert program.returncode == 1
    assert out == ""
    assert "nobody-here" in errors
    assert "Traceback" not in errors
