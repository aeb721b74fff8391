"""What a terminal shows, and in which state it is left."""

from __future__ import annotations

import contextlib
import re
import signal
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals", allow_module_level=True)

from terminal import Terminal

OWN_SCREEN, BACK = "\x1b[?1049h", "\x1b[?1049l"
HIDDEN, SHOWN = "\x1b[?25l", "\x1b[?25h"


@pytest.fixture
def terminal(simulator):
    """Start a command on a terminal; it is stopped after the test."""
    with contextlib.ExitStack() as stack:

        def terminal(*args, **options):
            command = Terminal(*args, **{"KICK_LIVE_ENDPOINTS": simulator.url, **options})
            stack.callback(command.close)
            return command

        yield terminal


def test_the_dashboard_leaves_its_figures_behind(terminal, channel):
    """It has a screen of its own, which goes at the end; the last figures stay."""
    command = terminal("stats", "amber-quokka")
    command.wait_for("centrifugo")
    channel.chat("hello", username="Maple")
    command.wait_for("Maple")
    assert command.end(signal.SIGINT) == 130
    own, _, left = command.text.rpartition(BACK)
    assert OWN_SCREEN in own
    assert "Maple" in left
    assert "╰" in left
    assert command.text.rindex(SHOWN) > command.text.rindex(HIDDEN)


def test_a_second_ctrl_c_leaves_the_terminal_as_it_was(terminal):
    """However the command ends, the cursor is there again and the screen is the usual one."""
    command = terminal("stats", "amber-quokka")
    command.wait_for("centrifugo")
    assert command.end(signal.SIGINT, signal.SIGINT) == 130
    assert command.text.rindex(BACK) > command.text.rindex(OWN_SCREEN)
    assert command.text.rindex(SHOWN) > command.text.rindex(HIDDEN)
    assert "Traceback" not in command.text


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_lines_are_wrapped_under_their_beginning(terminal, simulator, channel, columns):
    """No line is wider than the terminal, wide characters and emoji included."""
    from rich.cells import cell_len

    command = terminal(
        "watch", "amber-quokka", "--max-messages", "1", columns=columns, NO_COLOR="1"
    )
    simulator.wait_for_subscribers("amber-quokka", timeout=20)
    channel.chat("配信も楽しかった 🐈 שלום " * 12 + "the end", username="Maple")
    assert command.end() == 0
    lines = [line.rstrip("\r") for line in command.text.split("\n")]
    message = lines[next(n for n, line in enumerate(lines) if "Maple" in line) :]
    shown = [re.sub("\x1b\\[[0-9;]*m", "", line) for line in message if line]
    assert len(shown) > 1
    assert all(cell_len(line) <= columns for line in shown)
    assert all(line.startswith(" " * len("12:00:00 ")) for line in shown[1:])
    assert shown[-1].endswith("the end")


def test_no_color_has_no_colours(terminal, simulator, channel):
    """NO_COLOR leaves nothing on a terminal but bold and dim."""
    command = terminal("watch", "amber-quokka", "--max-messages", "1", NO_COLOR="1")
    simulator.wait_for_subscribers("amber-quokka", timeout=20)
    channel.chat("hello", username="Maple")
    assert command.end() == 0
    codes = {
        code for found in re.findall("\x1b\\[([0-9;]*)m", command.text) for code in found.split(";")
    }
    assert codes <= {"0", "1", "2", "3"}
