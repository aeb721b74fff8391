"""What a terminal shows, and in which state it is left."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
from datetime import datetime, timezone

import pytest

from kick_live import ChatMessage, User
from kick_live.recording import ChatStore

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


def folded(text):
    """Lines without what makes them coloured."""
    return [re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", line.rstrip("\r")) for line in text.split("\n")]


def test_search_and_vod_wrap_alike(terminal, channel, tmp_path):
    """Words are not broken in the middle, and stand under their beginning."""
    words = "seven little lanterns hang over the harbour " * 4
    with ChatStore(tmp_path / "chat.db") as store:
        store.add(ChatMessage(id="1", sender=User(username="Fern"), content=words))
    start = datetime(2026, 10, 1, 18, tzinfo=timezone.utc)
    video = channel.add_video("evening", start, 60, [(1, "Fern", words)])["uuid"]
    for args, indent in (
        (("search", str(tmp_path / "chat.db"), "seven"), len("2026-10-01 18:00:00 ")),
        (("vod", video), len(" 0:00:01 ")),
    ):
        command = terminal(*args, columns=60)
        assert command.end() == 0, command.text
        lines = folded(command.text)
        first = next(n for n, line in enumerate(lines) if "Fern" in line)
        rest = [line for line in lines[first + 1 :] if line.strip()]
        assert rest
        assert all(line.startswith(" " * indent) and len(line) <= 60 for line in rest)
        joined = " ".join(line.strip() for line in lines[first : first + 1 + len(rest)])
        assert words.strip() in joined


def test_the_verdict_is_wrapped_between_words(terminal):
    """The doctor's last sentence breaks no word."""
    command = terminal("doctor", "nobody-here", columns=50)
    assert command.end() == 1
    lines = [line.rstrip() for line in folded(command.text)]
    assert lines[lines.index("Chat can be read over centrifugo and pusher, but") + 1] == (
        "there is no such channel."
    )


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("replay", __file__), 1),
        (
            (
                "watch",
                "amber-quokka",
                "--endpoints",
                "http://127.0.0.1:1",
                "--connect-timeout",
                "1",
            ),
            1,
        ),
        (("export", __file__, "-o", "x"), 2),
        (("watch", "amber-quokka", "--output", "x.gz"), 2),
    ],
)
def test_messages_are_wrapped_between_words(terminal, args, code):
    """Whatever is told on standard error breaks no word, also where the usage is wrong."""
    command = terminal(*args, columns=44)
    assert command.end() == code
    lines = command.text.splitlines()
    assert len(lines) > 2
    assert all(len(line) <= 44 or " " not in line for line in lines)


@pytest.mark.parametrize(
    ("args", "shown"),
    [
        (("watch", "amber-quokka"), "connected to"),
        (("demo", "--serve"), "http://"),
        (("demo",), "connected to"),
        (("stats", "amber-quokka", "--json", "--interval", "0.1"), "messages"),
    ],
)
def test_ctrl_c_ends_the_line(terminal, args, shown):
    """So that the prompt does not stand behind ^C."""
    command = terminal(*args)
    command.wait_for(shown)
    assert command.end(signal.SIGINT) == 130
    assert command.text.endswith("\r\n\r\n")


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
