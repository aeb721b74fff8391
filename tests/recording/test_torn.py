"""Recordings that end in the middle are read as far as they go, and it is said."""

from __future__ import annotations

import json
import logging
import sys
import time

import pytest

from kick_live import ChatMessage, Event, RecordingError
from kick_live.recording import Recorder, Replay
from kick_live.recording.codecs import codec_by_name
from recording.recordings import message, write

#: As a recorder writes them: without blanks.
LINES = [json.dumps(message(n, f"message {n}"), separators=(",", ":")) for n in range(1, 41)]


@pytest.fixture
def whole(path, tmp_path):
    """A recording of forty messages, packed as the path's suffix asks for."""
    packer = codec_by_name(path).packer()
    packed = b""
    for line in write(tmp_path / "plain", *LINES).read_bytes().splitlines(keepends=True):
        packed += packer.compress(line) + packer.sync()
    path.write_bytes(packed + packer.finish())
    return path


def read(path, caplog, **options):
    """The contents that were read, and what was logged as a warning."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="kick_live.recording"):
        events = list(Replay(path, speed=None, **options))
    contents = [event.content for event in events if isinstance(event, ChatMessage)]
    return contents, [record.getMessage() for record in caplog.records]


def test_half_a_copy(whole, caplog):
    """Half of a file is read, and it is told how far, and what may be the cause."""
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    contents, (warning,) = read(whole, caplog)
    assert 0 < len(contents) < 40
    line = len(contents) + 1  # with the header
    assert f"after line {line} (2026-10-05 18:00:{line - 1:02} UTC)" in warning
    for words in (str(whole), "ends in the middle", "copy", "killed"):
        assert words in warning


def test_a_killed_recorder(path, tmp_path, caplog):
    """What was flushed before a kill is read; packed, it looks like half a copy, and says both."""
    plain = write(tmp_path / "plain", *LINES).read_bytes()
    packer = codec_by_name(path).packer()
    path.write_bytes(packer.compress(plain) + packer.sync())
    contents, warnings = read(path, caplog)
    assert len(contents) == 40
    # Whole lines that were not packed show nothing of a kill.
    assert len(warnings) == (path.suffix != ".jsonl")


def test_a_whole_recording(whole, caplog):
    """Nothing is said of a file that ends properly, nor where its last line has no end."""
    assert read(whole, caplog) == ([f"message {n}" for n in range(1, 41)], [])
    plain = write(whole.with_name("plain"), *LINES)
    plain.write_bytes(plain.read_bytes().rstrip())
    assert read(plain, caplog) == ([f"message {n}" for n in range(1, 41)], [])


def test_what_lies_behind_the_end_is_not_missed(whole, caplog):
    """The torn end is told even where the span that is wanted ends before it."""
    whole.write_bytes(whole.read_bytes()[:-12])
    _, warnings = read(whole, caplog, end=Replay(whole, speed=None).wait_for(Event).received_at)
    assert len(warnings) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there it is not known who writes a file")
def test_a_recording_that_goes_on(path, client, channel, take_until, caplog):
    """While a recorder writes the file, its end is nobody's mistake."""
    with Recorder(client, path):
        client.connect(timeout=20)
        channel.chat("the last")
        take_until("the last")
        deadline = time.monotonic() + 20
        while read(path, caplog) != (["the last"], []):
            assert time.monotonic() < deadline, caplog.text


def test_nothing_but_a_torn_beginning(path, caplog):
    """A file that was torn before its first line ended is no empty recording."""
    packer = codec_by_name(path).packer()
    packed = packer.compress(b'{"kick_live_rec') + packer.sync()
    path.write_bytes(packed)
    with pytest.raises(RecordingError, match="its first line is not a header"):
        Replay(path)
    if path.suffix != ".jsonl":
        path.write_bytes(packed[:8])
        with pytest.raises(RecordingError, match="ends before its first line"):
            Replay(path)
