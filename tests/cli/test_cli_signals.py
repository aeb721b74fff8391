"""Ctrl-C and SIGTERM, in moments at which they are least welcome."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys

import pytest
from command_process import environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

#: Runs ``resolve x`` with another body, which says when it can be interrupted.
SCRIPT = """
import contextlib, signal, threading
import kick_live.cli.resolve as command
from kick_live import KickLiveError
from kick_live.__main__ import main

def say(word):
    print(word, flush=True)

def wait():
    threading.Event().wait(15)

def body(*args):
{body}

command._find = body
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored
main()
"""


@pytest.fixture
def play():
    """Start a command with a body of the test's own."""
    with contextlib.ExitStack() as stack:

        def play(body):
            lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
            process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT.format(body=lines), "resolve", "x"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment(),
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield play


def ended(process):
    """The exit code, and what was still written."""
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def test_a_second_ctrl_c_ends_at_once(play):
    """While the first is still closing, the second waits for nothing, and shows nothing."""
    process = play("try:\n    say('in')\n    wait()\nfinally:\n    say('closing')\n    wait()")
    for word in ("in", "closing"):
        assert process.stdout.readline() == f"{word}\n"
        process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "", "")


@pytest.mark.parametrize(
    ("first", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)]
)
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGHUP])
def test_closing_is_not_disturbed(play, first, code, second):
    """SIGTERM and the end of the terminal leave a command alone that is ending already."""
    process = play(
        "try:\n    say('in')\n    wait()\n"
        "finally:\n    say('closing')\n    threading.Event().wait(0.5)\n    say('closed')"
    )
    for word, number in (("in", first), ("closing", second)):
        assert process.stdout.readline() == f"{word}\n"
        process.send_signal(number)
    assert ended(process) == (code, "closed\n", "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_in_a_destructor_is_not_lost(play, number, code):
    """Python ignores what a destructor raises; the command ends nevertheless, without a word."""
    process = play(
        "class Old:\n    def __del__(self):\n        say('in')\n        wait()\nold = Old()\n"
        "del old\nwait()"
    )
    assert process.stdout.readline() == "in\n"
    process.send_signal(number)
    assert ended(process) == (code, "", "")


def test_a_second_ctrl_c_while_the_first_is_lost_ends_all_the_same(play):
    """The first came up in a destructor; the second comes before it is raised once more."""
    process = play(
        "import signal, threading\n"
        "class Late(threading.Timer):\n"
        "    def start(self):\n        signal.raise_signal(signal.SIGINT)\n"
        "        super().start()\n"
        "threading.Timer = Late\n"
        "class Old:\n    def __del__(self):\n        signal.raise_signal(signal.SIGINT)\n"
        "Old()\nsay('on')\nwait()"
    )
    assert ended(process) == (130, "", "")


def test_an_error_that_ctrl_c_made_is_none(play):
    """What a library makes of a Ctrl-C inside of it, is a Ctrl-C."""
    process = play(
        "try:\n    say('in')\n    wait()\n"
        "except KeyboardInterrupt:\n    raise KickLiveError('user-defined function failed')"
    )
    assert process.stdout.readline() == "in\n"
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, "", "")


@pytest.mark.parametrize(
    "args",
    [
        ("watch", "amber-quokka"),
        ("record", "amber-quokka", "-o", "FILE"),
        ("stats", "amber-quokka", "--interval", "0.1"),
        ("demo", "--rate", "50"),
        ("demo", "--serve"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("number", [2, 5])
def test_any_number_of_ctrl_c(start, simulator, tmp_path, args, number):
    """However often it is pressed, a command ends with 130 and without a traceback."""
    command = start(*(str(tmp_path / "chat.jsonl.gz") if arg == "FILE" else arg for arg in args))
    if args[0] == "demo":
        command.wait_for("amber-quokka")
    else:
        simulator.wait_for_subscribers("amber-quokka", timeout=20)
    for _ in range(number - 1):
        command.process.send_signal(signal.SIGINT)
    assert command.end(signal.SIGINT) == 130
    assert "Traceback" not in command.err
    assert "Aborted" not in command.err
