"""Where exports are written to: files, links to them, and what is no file."""

from __future__ import annotations

import os
import stat
import sys
import threading

import pytest

from kick_live import ChatMessage, User
from kick_live.recording import export

MESSAGES = [ChatMessage(id="1", sender=User(username="Maple"), content="gg")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("form", ["csv", "txt", "jsonl", "html"])
def test_a_pipe_or_device_is_written_into(tmp_path, form):
    """What is no file, as /dev/null or a pipe, is written into, and not replaced by a file."""
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    assert export(MESSAGES, pipe, form, pictures="none") == 1
    reader.join(20)
    assert b"gg" in got[0]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_stays_a_link(tmp_path):
    """The file that a link leads to is written, wherever it lies."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = tmp_path / "chat.txt"
    link.symlink_to(folder / "real.txt")
    for _ in range(2):
        assert export(MESSAGES, link, template="{message}") == 1
        assert link.is_symlink()
        assert (folder / "real.txt").read_text("utf-8") == "gg\n"
    assert list(folder.iterdir()) == [folder / "real.txt"]
