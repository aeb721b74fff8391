"""Recording what a client receives."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import attrs
import pytest
from servers.process import wait_until

from kick_live import ChatMessage, Connected, Event, Reconnected, RecordingError, ViewerCount
from kick_live.recording import Recorder, Replay
from kick_live.recording.writing import RecordingFile
from kick_live.testing import run_demo
from recording.recordings import message, write


def live(events):
    """Events as a replay gives them, nested ones too."""
    return [(type(e), e.received_at, e.channel, e.topic, e.raw) for e in events]


def contents(path, **options):
    return [e.content for e in Replay(path, speed=None, **options) if isinstance(e, ChatMessage)]


def test_replay_gives_what_the_client_gave(client, channel, path, take_until):
    """Every event of a lively evening comes again, in the same order, merged the same way."""
    with Recorder(client, path):
        client.connect()
        run_demo(channel, rate=0, count=150)
        channel.gift_subs(["a", "b", "c"], gifter="big_spruce", chunks=3)
        channel.publish("ChatMessageEvent", channel.chat("twice"))
        channel.chat("end")
        seen = take_until("end")
    again = list(Replay(path, speed=None))
    assert live(again) == live(seen)
    assert all(event.historical for event in again)
    plain = [e for e in seen if type(e) in (ChatMessage, Connected)]
    assert [e for e in again if type(e) in (ChatMessage, Connected)] == [
        attrs.evolve(e, historical=True) for e in plain
    ]


def test_recovered_messages_replay_in_place(sim, client, channel, path, take_until):
    """What backfill read after a lost connection stands before Reconnected, also in the replay."""
    with Recorder(client, path):
        client.connect()
        channel.chat("before")
        take_until("before")
        channel.chat("missed", live=False)
        sim.drop_connections()
        client.wait_for(Reconnected, timeout=20)
        channel.chat("end")
        take_until("end")
    kinds = [e.content if isinstance(e, ChatMessage) else e.kind for e in Replay(path, speed=None)]
    assert [kind for kind in kinds if kind != "reconnecting"] == [
        *("connected", "before", "disconnected", "missed", "reconnected", "end")
    ]


def test_nothing_is_lost_while_nobody_takes_events(client, channel, path):
    """Payloads are recorded on arrival, whether or not the program takes its events."""
    with Recorder(client, path) as recorder:
        client.connect()
        for number in range(50):
            channel.chat(str(number))
        wait_until(lambda: recorder.recorded == 50, 10, "the writing")
    assert contents(path) == [str(number) for number in range(50)]


def test_recording_continues_in_the_same_file(client, channel, path, take_until):
    """A second recorder adds a session to the file."""
    for word in ("one", "two"):
        with Recorder(client, path):
            client.connect()
            channel.chat(word)
            take_until(word)
    assert contents(path) == ["one", "two"]


def test_no_token_is_recorded(sim, client, channel, tmp_path, take_until):
    """Neither keys nor tokens nor addresses of servers are in the file."""
    path = tmp_path / "chat.jsonl"
    with Recorder(client, path):
        client.connect()
        sim.drop_connections()
        client.wait_for(Reconnected, timeout=20)
        channel.chat("end")
        take_until("end")
    text = path.read_text("utf-8")
    assert "127.0.0.1" not in text
    assert "eyJ" not in text
    assert "token" not in text


def test_viewer_counts_on_request(sim, channel, path):
    """Viewer counts are polled and recorded only if asked for."""
    from kick_live import KickAPI, KickClient

    channel.go_live(viewers=42)
    with (
        KickAPI(sim.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api, viewer_interval=0.1) as client,
        Recorder(client, path, viewer_counts=True),
    ):
        assert client.wait_for(ViewerCount, timeout=10).viewers == 42
    assert Replay(path, speed=None).wait_for(ViewerCount).viewers == 42


def test_files_are_divided_by_size(client, channel, path, take_until):
    """A new file begins when one has its size; a replay of the first plays them all."""
    with Recorder(client, path, max_bytes=1) as recorder:
        client.connect()
        for word in ("one", "two", "three"):
            channel.chat(word)
            take_until(word)
            file = recorder.path
            wait_until(lambda file=file: recorder.path != file, 10, "the writing")
    assert contents(path) == ["one", "two", "three"]
    assert recorder.path.name.startswith("chat.0004.jsonl")


def test_files_are_divided_by_age(client, channel, path, take_until):
    """A new file begins when one is old enough."""
    with Recorder(client, path, max_seconds=0.01) as recorder:
        client.connect()
        channel.chat("one")
        take_until("one")
        wait_until(lambda: recorder.path != path, 10, "the writing")
    assert contents(path) == ["one"]


def test_files_are_divided_by_age_where_the_clock_was_set_back(
    client, channel, tmp_path, take_until
):
    """A file that was begun tomorrow, by the clock, is old enough when it has been written so long."""
    tomorrow = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    header = {"kick_live_recording": 1, "created_at": tomorrow}
    path = write(tmp_path / "chat.jsonl", header=header)
    with Recorder(client, path, max_seconds=0.01) as recorder:
        client.connect()
        channel.chat("one")
        take_until("one")
        wait_until(lambda: recorder.path != path, 10, "the writing")
    assert contents(path) == ["one"]


def test_a_divided_recording_is_continued_at_its_end(client, channel, path, take_until):
    """A recorder that is started again goes on in the last file."""
    with Recorder(client, path, max_bytes=1) as recorder:
        client.connect()
        channel.chat("one")
        take_until("one")
        wait_until(lambda: recorder.path != path, 10, "the writing")
    with Recorder(client, path) as second:
        assert second.path == recorder.path
        channel.chat("two")
        take_until("two")
    assert contents(path) == ["one", "two"]


def test_a_slow_disk_is_told(client, channel, tmp_path, take_until, monkeypatch):
    """What does not fit into the queue is counted, and the recording says where it is missing."""
    from kick_live.recording import recorder as module

    hold = threading.Event()
    original = module.RecordingFile.write

    def slow(self, data):
        if b'"at"' in data:
            hold.wait(10)
        original(self, data)

    monkeypatch.setattr(module.RecordingFile, "write", slow)
    path = tmp_path / "chat.jsonl"
    with Recorder(client, path, queue_size=5) as recorder:
        client.connect()
        channel.chat("first")
        wait_until(
            lambda: recorder._thread is not None and not recorder._waiting, 10, "the writing"
        )
        for number in range(20):
            channel.chat(str(number))
        take_until("19")
        assert recorder.lost > 0
        hold.set()
    (dropped,) = [e for e in Replay(path, speed=None) if e.kind == "events_dropped"]
    assert dropped.count == recorder.lost


def test_closing_twice_is_harmless(client, path):
    """Close is repeatable, and the client goes on without the recorder."""
    recorder = Recorder(client, path)
    recorder.close()
    recorder.close()
    client.connect()
    assert recorder.recorded == 0


def test_one_recorder_a_file(client, tmp_path):
    """A file that is being recorded to is refused to a second recorder."""
    pytest.importorskip("fcntl")
    path = tmp_path / "chat.jsonl"
    with Recorder(client, path), pytest.raises(RecordingError, match="another recorder") as info:
        Recorder(client, path)
    assert info.value.path == str(path)


def test_a_foreign_file_is_left_alone(client, tmp_path):
    """A file that is no recording is refused and not changed."""
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    with pytest.raises(RecordingError, match=r"notes\.txt.*no recording") as info:
        Recorder(client, path)
    assert info.value.line == 1
    assert path.read_text() == "dear diary\n"


@pytest.mark.parametrize("name", ["missing/chat.jsonl", "."])
def test_an_impossible_path_says_so(client, tmp_path, name):
    """A path that cannot be written raises our error, naming it."""
    with pytest.raises(RecordingError, match="cannot be written"):
        Recorder(client, tmp_path / name)


@pytest.mark.parametrize(
    "options", [{"max_bytes": 0}, {"max_seconds": -1}, {"queue_size": 0}], ids=str
)
def test_limits_are_checked(client, tmp_path, options):
    """A limit that makes no sense raises ValueError."""
    with pytest.raises(ValueError, match="must be"):
        Recorder(client, tmp_path / "chat.jsonl", **options)


@pytest.mark.parametrize("name", ["max_bytes", "max_seconds", "queue_size"])
def test_limits_are_numbers(client, tmp_path, name):
    """What the command line takes as text is refused by name."""
    with pytest.raises(TypeError, match=f"{name} must be a .*number"):
        Recorder(client, tmp_path / "chat.jsonl", **{name: "100MB"})


FULL_DISK = """
import resource, signal, sys
from kick_live import KickAPI, KickClient, RecordingError, ChatMessage
from kick_live.recording import Recorder
from kick_live.testing import KickSimulator

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sys.dont_write_bytecode = True  # what is imported later would be cut off in its cache, too
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
with KickSimulator() as sim:
    channel = sim.add_channel("amber-quokka")
    with KickAPI(sim.endpoints, min_interval=0) as api, KickClient("amber-quokka", api=api) as client:
        recorder = Recorder(client, sys.argv[1])
        client.connect()
        number = 0
        while recorder.error is None:
            channel.chat(f"number {number}")
            number += 1
            client.wait_for(ChatMessage, timeout=5)
        try:
            recorder.close()
        except RecordingError as error:
            print(error)
        recorder.close()
"""


def test_a_full_disk_ends_the_recording_alone(tmp_path):
    """Where the disk is full, close says so; what was written is whole, and the client goes on."""
    pytest.importorskip("resource")
    path = tmp_path / "chat.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert "disk is full" in done.stdout
    assert str(path) in done.stdout
    lines = path.read_bytes().splitlines()
    assert len([json.loads(line) for line in lines]) > 10
    assert contents(path)[:2] == ["number 0", "number 1"]


FULL_DISK_AT_ONCE = """
import resource, signal, sys
from pathlib import Path
from kick_live import RecordingError
from kick_live.recording.writing import RecordingFile

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sys.dont_write_bytecode = True  # what is imported later would be cut off in its cache, too
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
file = RecordingFile(Path(sys.argv[1]))
try:
    file.write(b"".join(b'{"number": "%04d"}\\n' % number for number in range(2000)))
except RecordingError:
    print(file.size)
"""


def test_lines_that_still_fit_on_a_full_disk_stay(tmp_path):
    """A disk that is slow lets lines wait; of those that are written at once, none that fits is lost."""
    pytest.importorskip("resource")
    path = tmp_path / "chat.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK_AT_ONCE, str(path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert int(done.stdout) == path.stat().st_size
    header, *lines = path.read_bytes().splitlines(keepends=True)
    assert b"kick_live_recording" in header
    assert [int(json.loads(line)["number"]) for line in lines] == list(range(len(lines)))
    assert 20_000 - path.stat().st_size < len(lines[-1]) == 19


KILLED = """
import os, sys
from kick_live import KickAPI, KickClient, ChatMessage
from kick_live.recording import Recorder
from kick_live.testing import KickSimulator

os.fsync = lambda descriptor: None  # a kill takes nothing from the system; and disks may be slow
with KickSimulator() as sim:
    channel = sim.add_channel("amber-quokka")
    with KickAPI(sim.endpoints, min_interval=0) as api, KickClient("amber-quokka", api=api) as client:
        recorder = Recorder(client, sys.argv[1])
        client.connect()
        number = 0
        while True:
            channel.chat(f"number {number}")
            client.wait_for(ChatMessage, timeout=5)
            print(number, flush=True)
            number += 1
"""


def test_a_kill_loses_at_most_the_last_second(client, channel, path, take_until):
    """After SIGKILL the recording reads up to a second before, and is continued."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        arrivals = []  # the clock starts with the second: until then Python itself starts
        for _line in process.stdout:
            arrivals.append(time.monotonic())
            if arrivals[-1] - arrivals[:2][-1] > 2.0:
                break
        killed = time.monotonic()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    before = contents(path)
    assert before == [f"number {index}" for index in range(len(before))]
    a_second_before = sum(arrived < killed - 1.0 for arrived in arrivals)
    assert len(before) >= a_second_before > 1
    with Recorder(client, path):
        client.connect()
        channel.chat("after")
        take_until("after")
    assert contents(path) == [*before, "after"]


@pytest.mark.parametrize("cut", [1, 7, 40, 200])
def test_a_torn_end_is_mended(client, channel, path, take_until, cut):
    """However many bytes the end lacks, whole lines stay, and new ones follow them."""
    with Recorder(client, path):
        client.connect()
        for word in ("one", "two", "three"):
            channel.chat(word)
            take_until(word)
    data = path.read_bytes()
    path.write_bytes(data[:-cut])
    before = contents(path)
    assert ["one", "two", "three"][: len(before)] == before
    with Recorder(client, path):
        channel.chat("four")
        take_until("four")
    assert contents(path) == [*before, "four"]
    assert not [p for p in path.parent.iterdir() if p != path]


def test_odd_payloads_survive(client, channel, path, take_until):
    """Half a surrogate pair, controls and line separators come back as they were."""
    odd = "a\ud83d \x00\x1b[31m \u2028 \\u0022 \U0001f600"
    with Recorder(client, path):
        client.connect()
        channel.publish("MoonPhaseChangedEvent", {"text": odd})
        channel.chat("end")
        seen = take_until("end")
    raws = [event.raw for event in seen if isinstance(event, Event) and event.raw]
    assert [event.raw for event in Replay(path, speed=None) if event.raw] == raws


def test_a_torn_header_is_written_anew(client, channel, path, take_until):
    """A file that was killed while its header was written begins again."""
    path.write_bytes(b'{"kick_live_rec')
    with Recorder(client, path):
        client.connect()
        channel.chat("one")
        take_until("one")
    assert contents(path) == ["one"]


def test_damage_is_kept_aside(client, channel, tmp_path, take_until):
    """Where more is wrong than a kill can do, the damaged file stays beside the mended one."""
    path = tmp_path / "chat.jsonl.gz"
    sizes = []
    for word in ("one", "two"):
        with Recorder(client, path):
            client.connect()
            channel.chat(word)
            take_until(word)
        sizes.append(path.stat().st_size)
    data = bytearray(path.read_bytes())
    data[sizes[0] + 60 : sizes[0] + 75] = b"\xff" * 15
    path.write_bytes(data)
    with Recorder(client, path):
        channel.chat("three")
        take_until("three")
    assert contents(path) in (["one", "three"], ["one", "two", "three"])
    (aside,) = [file for file in tmp_path.iterdir() if file != path]
    assert aside.name.startswith("chat.jsonl.gz.damaged-")
    assert aside.read_bytes() == bytes(data)


def test_a_failed_write_is_reported(client, channel, tmp_path, take_until, monkeypatch, caplog):
    """Where writing fails, error tells it at once, close raises it once, and the client goes on."""
    from kick_live.recording import writing

    path = tmp_path / "chat.jsonl"
    recorder = Recorder(client, path)
    client.connect()
    channel.chat("kept")
    take_until("kept")
    wait_until(lambda: recorder.recorded == 2, 10, "the writing")

    def fail(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.RecordingFile, "_write_all", fail)
    channel.chat("lost")
    take_until("lost")
    wait_until(lambda: recorder.error is not None, 10, "the failure")
    assert str(path) in str(recorder.error)
    channel.chat("end")
    take_until("end")
    with pytest.raises(RecordingError, match="disk is full"):
        recorder.close()
    recorder.close()
    assert contents(path) == ["kept"]
    assert "the recording ended" in caplog.text


def test_an_error_in_the_block_is_not_hidden(client, tmp_path):
    """The block's own exception comes out of a with statement, not the recorder's."""

    def block():
        with Recorder(client, tmp_path / "chat.jsonl") as recorder:
            recorder._error = RecordingError("the disk is full")
            raise LookupError

    with pytest.raises(LookupError):
        block()


def test_a_file_of_zeros_is_begun_anew(client, channel, path, take_until):
    """Some file systems leave zeros where a power cut came before the first bytes."""
    path.write_bytes(bytes(5000))
    with Recorder(client, path):
        client.connect()
        channel.chat("one")
        take_until("one")
    assert contents(path) == ["one"]
    assert b"\0\0\0\0\0\0\0\0\0" not in path.read_bytes()[:9]


def test_a_kill_while_damage_is_kept_aside_loses_no_file(client, channel, tmp_path, monkeypatch):
    """The recording never vanishes from its path; the next recorder mends it."""
    path = tmp_path / "chat.jsonl.gz"
    whole = gzip.compress(write(tmp_path / "plain.jsonl", message(1, "kept")).read_bytes())
    path.write_bytes(whole + b"\x1f\x8b\x08\x00damaged for sure")
    (tmp_path / "plain.jsonl").unlink()
    replace = Path.replace

    def killed(self, target):
        if self.suffix == ".mended":
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            Recorder(client, path)
    assert path.exists()
    Recorder(client, path).close()
    assert contents(path) == ["kept"]
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == [path.name, f"{path.name}.damaged-{len(whole)}"]


def test_a_line_of_ten_megabytes(path):
    """It is written, read, cut in the middle and continued like any other."""
    long = "x" * 10_000_000
    lines = [
        json.dumps(message(n, text)).encode() + b"\n" for n, text in enumerate(["a", long, "b"])
    ]
    file = RecordingFile(path)
    for line in lines:
        file.write(line)
    file.close()
    assert contents(path) == ["a", long, "b"]
    plain = path.suffix == ".jsonl"
    path.write_bytes(path.read_bytes()[: -(5_000_000 if plain else 40)])
    RecordingFile(path).close()
    assert contents(path)[0] == "a"
    assert contents(path)[1:] in ([], [long])
