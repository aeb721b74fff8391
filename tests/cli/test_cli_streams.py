"""Standard streams that are closed, full, or of another character set."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_process import environment

from kick_live import ChatMessage, User
from kick_live.recording import ChatStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="redirected by a shell")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@pytest.fixture
def shell(simulator, tmp_path):
    """Run a command with its streams redirected as a shell does it."""

    def shell(redirections, *args, **env):
        line = f'exec "$@" {redirections}'
        return subprocess.run(
            ["sh", "-c", line, "sh", sys.executable, "-m", "kick_live", *args],
            env=environment(KICK_LIVE_ENDPOINTS=simulator.url, **env),
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return shell


COMMANDS = [
    ("--help",),
    ("watch", "--help"),
    ("watch", "amber-quokka", "--timeout", "0.1"),
    ("watch", "amber-quokka", "--timeout", "0.1", "--json"),
    ("stats", "amber-quokka", "--timeout", "0.1"),
    ("resolve", "amber-quokka"),
    ("doctor",),
]


@full
@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_told(shell, args):
    """A full disk is no mistake of kick-live: one line names it, and the code is 1."""
    done = shell("> /dev/full", *args)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == "kick-live: Standard output cannot be written (No space left on device)."


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_done_without(shell, args, closed):
    """A command that is started without streams does its work nevertheless."""
    done = shell(closed, *args)
    assert done.returncode == 0
    assert done.stderr == ""


@full
def test_a_recording_outlives_standard_error(shell, tmp_path):
    """What only accompanies a recording does not end it when it cannot be written."""
    done = shell("2> /dev/full", "record", "amber-quokka", "-o", "chat.jsonl", "--timeout", "0.1")
    assert done.returncode == 0
    assert b'"connected"' in (tmp_path / "chat.jsonl").read_bytes()


def test_json_is_utf8_everywhere(shell, tmp_path):
    """JSON does not depend on the system's character set; lines for readers show ``?``."""
    with ChatStore(tmp_path / "chat.db") as store:
        store.add(ChatMessage(id="1", sender=User(username="Fern"), content="楽しかった"))
    done = shell("", "search", "chat.db", "楽*", "--json", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["content"] == "楽しかった"
    done = shell("", "search", "chat.db", "楽*", PYTHONIOENCODING="ascii")
    assert done.stdout.rstrip().endswith("Fern: ?????")


def test_figures_need_no_special_characters(shell):
    """The line of figures can be written in every character set."""
    done = shell("", "stats", "amber-quokka", "--timeout", "0.1", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 messages ? 0 chatters" in done.stdout
