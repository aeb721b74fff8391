"""The Tab key."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from command_process import environment


def test_completion_knows_the_kinds():
    """The Tab key completes the kinds of events."""
    done = subprocess.run(
        [sys.executable, "-m", "kick_live"],
        env=environment(
            _KICK_LIVE_COMPLETE="bash_complete",
            COMP_WORDS="kick-live watch --only goal_a",
            COMP_CWORD="3",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "plain,goal_achieved"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for_the_usual_shells(shell):
    """Each of the lines that the documentation tells to write gives a script for its shell."""
    done = subprocess.run(
        [sys.executable, "-m", "kick_live"],
        env=environment(_KICK_LIVE_COMPLETE=f"{shell}_source"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"_KICK_LIVE_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("re", "record replay resolve"),
        ("watch --only goal_a", "goal_achieved"),
        ("watch --transport p", "pusher"),
        ("watch --max", "--max-messages"),
        ("export x --to p", "parquet"),
    ],
)
def test_bash_completes(tmp_path, words, found):
    """What the line in a start-up file brings, completes in a real bash."""
    command = tmp_path / "kick-live"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kick_live "$@"\n')
    command.chmod(0o755)
    script = f"""
        eval "$(_KICK_LIVE_COMPLETE=bash_source kick-live)"
        COMP_WORDS=(kick-live {words})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _kick_live_completion kick-live
        echo "${{COMPREPLY[@]}}"
    """
    env = environment()
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == (found, "")
