"""A recording is put into a store in several goes, and nothing is missed or stored twice."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kick_live.recording import ChatStore, store
from kick_live.recording.codecs import codec_by_name
from recording.recordings import HEADER, message

COMPACT = {"separators": (",", ":")}


def said(seconds, content):
    return json.dumps(message(seconds, content, id=content), **COMPACT)


def lines_of(*lines):
    return ("\n".join([json.dumps(HEADER, **COMPACT), *lines]) + "\n").encode()


def put(path, data):
    """Write a recording, packed as its name says; torn in the middle of what is packed together."""
    packer = codec_by_name(path).packer()
    path.write_bytes(packer.compress(data) + packer.sync())
    return path


def stored(chat):
    return {message.content for message in chat.search(limit=100_000)}


@pytest.fixture
def chat(tmp_path):
    with ChatStore(tmp_path / "chat.db") as chat:
        yield chat


@pytest.fixture(autouse=True)
def little_overlap(monkeypatch):
    """Go on two lines before the end, so that small recordings are not read again as a whole."""
    monkeypatch.setattr(store, "_OVERLAP", 2)


def test_what_a_clock_that_was_set_back_wrote_is_not_missed(chat, path):
    """Messages that came later are dated earlier, and stored all the same."""
    first = [said(7200 + n, f"before {n}") for n in range(10)]
    chat.add_recording(put(path, lines_of(*first)))
    later = [said(n, f"after {n}") for n in range(10)]
    assert chat.add_recording(put(path, lines_of(*first, *later))) == 10
    assert stored(chat) == {f"{when} {n}" for when in ("before", "after") for n in range(10)}


def test_only_the_rest_is_read(chat, path):
    """What was read before is not looked at again, but for the overlap."""
    first = [said(n, f"{n}") for n in range(20)]
    chat.add_recording(put(path, lines_of(*first)))
    first[10] = "{damaged".ljust(len(first[10]))
    assert chat.add_recording(put(path, lines_of(*first, said(20, "20")))) == 1


def test_another_recording_of_that_name_is_read_from_its_beginning(chat, path):
    """A file that was replaced is noticed, whether it is longer or shorter."""
    chat.add_recording(put(path, lines_of(*(said(n, f"{n}") for n in range(10)))))
    assert chat.add_recording(put(path, lines_of(said(1, "short")))) == 1
    others = [said(50_000 + n, f"other {n}") for n in range(30)]
    assert chat.add_recording(put(path, lines_of(*others))) == 30


def test_further_parts_are_read(chat, tmp_path):
    """After a rotation the import goes on in the next file, also where it was packed since."""
    path = tmp_path / "chat.jsonl"
    first = lines_of(*(said(n, f"{n}") for n in range(10)))
    chat.add_recording(put(path, first))
    put(tmp_path / "chat.0002.jsonl", lines_of(*(said(n, f"{n}") for n in range(10, 20))))
    assert chat.add_recording(path) == 10
    put(tmp_path / "chat.0003.jsonl", lines_of(said(20, "20")))
    (tmp_path / "chat.0002.jsonl").unlink()
    assert chat.add_recording(path) == 1
    assert len(stored(chat)) == 21


def test_a_recording_that_was_packed_since_goes_on(chat, tmp_path):
    """Places are counted in what is unpacked."""
    path = tmp_path / "chat.jsonl"
    data = lines_of(*(said(n, f"{n}") for n in range(10)))
    chat.add_recording(put(path, data))
    path.write_bytes(gzip.compress(data + said(10, "10").encode() + b"\n"))
    assert chat.add_recording(path) == 1


@given(
    seconds=st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=40, unique=True),
    cuts=st.lists(st.integers(0, 4_000), max_size=4),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_number_of_goes_stores_what_one_does(tmp_path_factory, seconds, cuts):
    """A recording that grows by any number of bytes, with any clock, ends up in the store whole."""
    data = lines_of(*(said(second, str(second)) for second in seconds))
    directory = tmp_path_factory.mktemp("goes")
    with ChatStore(directory / "chat.db") as chat:
        for cut in [*sorted(cuts), len(data)]:
            if data[:cut].count(b"\n"):
                (directory / "chat.jsonl").write_bytes(data[:cut])
                chat.add_recording(directory / "chat.jsonl")
        assert stored(chat) == {str(second) for second in seconds}
        assert chat.message_count == len(seconds)


KILLED = """
import sys
from kick_live.recording import ChatStore, store
store._BATCH = 100
with ChatStore(sys.argv[1]) as chat:
    chat.add_recording(sys.argv[2], on_progress=lambda read: print(read, flush=True))
    sys.stdin.read()
"""


@pytest.mark.parametrize("after", [100, 700])
def test_a_kill_in_the_middle_of_an_import(path, tmp_path, after):
    """After SIGKILL the next import stores the rest, and the index fits."""
    put(path, lines_of(*(said(n, f"word {n}") for n in range(3_000))))
    database = tmp_path / "chat.db"
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(database), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in child.stdout:
            if int(line) >= after:
                break
    finally:
        child.kill()
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
        child.stdin.close()
    with ChatStore(database) as chat:
        before = chat.message_count
        assert before >= after
        assert before + chat.add_recording(path) == 3_000
        assert len(chat.search("word", limit=10_000)) == 3_000
