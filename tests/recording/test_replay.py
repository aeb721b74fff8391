"""Playing recordings again."""

from __future__ import annotations

import gzip
import json
import threading
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kick_live import (
    ChatMessage,
    Connected,
    ErrorOccurred,
    Event,
    GiftedSubscriptions,
    MissingExtra,
    Reconnected,
    RecordingError,
    UnknownEvent,
    WaitTimeout,
)
from kick_live.errors import ClientClosed
from kick_live.recording import Replay
from recording.recordings import CHANNEL, HEADER, OTHER, at, marker, message, payload, stamp, write


@pytest.fixture
def file(tmp_path):
    return tmp_path / "chat.jsonl"


def contents(path, **options):
    return [e.content for e in Replay(path, speed=None, **options) if isinstance(e, ChatMessage)]


def test_listeners_run_and_run_returns_at_the_end(file):
    """Listeners get the events; run returns when the recording ends."""
    write(file, message(1, "one"), message(2, "two"))
    seen = []
    replay = Replay(file, speed=None)
    replay.on("chat_message", seen.append)
    replay.run()
    assert [(m.content, m.received_at, m.historical) for m in seen] == [
        ("one", at(1), True),
        ("two", at(2), True),
    ]
    assert seen[0].channel.slug == "amber-quokka"
    assert replay.position == at(2)
    assert [channel.slug for channel in replay.channels] == ["amber-quokka"]
    assert "at its end" in repr(replay)


def test_once_off_and_poll(file):
    """Once, off and poll work as in the client."""
    write(file, message(1, "one"), message(2, "two"))
    seen, removed = [], []
    with Replay(file, speed=None) as replay:
        replay.once(ChatMessage, seen.append)
        replay.on(ChatMessage, removed.append)
        replay.off(ChatMessage, removed.append)
        assert replay.poll() == 2
        assert replay.poll() == 0
    assert [m.content for m in seen] == ["one"]
    assert not removed


def test_wait_for(file):
    """wait_for finds an event; past the end it says that there is none."""
    write(file, message(1, "one"), message(2, "two"))
    replay = Replay(file, speed=None)
    assert replay.wait_for(ChatMessage, where=lambda m: m.content == "two").received_at == at(2)
    with pytest.raises(WaitTimeout, match="before the end"):
        replay.wait_for(ChatMessage)


def test_closed_replays_end(file):
    """After close, run returns, and wait_for raises ClientClosed."""
    write(file, message(1, "one"))
    with Replay(file) as replay:
        pass
    replay.run()
    assert list(replay) == []
    with pytest.raises(ClientClosed):
        replay.wait_for(ChatMessage)


def test_errors_of_listeners_are_raised_or_handed_over(file):
    """What a listener raises comes out of run, or goes to on_listener_error."""
    write(file, message(1, "one"))

    def bad(event):
        raise LookupError("bad")

    replay = Replay(file, speed=None)
    replay.on(ChatMessage, bad)
    with pytest.raises(LookupError):
        replay.run()
    given_ = []
    replay = Replay(file, speed=None, on_listener_error=given_.append)
    replay.on(ChatMessage, bad)
    replay.run()
    assert len(given_) == 1


def test_pace(file):
    """At a speed, pauses last as long as recorded, divided by it."""
    write(file, message(0, "a"), message(2, "b"))
    begun = time.monotonic()
    assert len(list(Replay(file, speed=10))) == 2
    assert 0.19 <= time.monotonic() - begun < 5


def test_timeouts_and_later_calls_keep_the_pace(file):
    """A poll that is too early takes nothing; what was not due comes later."""
    write(file, message(0, "a"), message(60, "b"))
    replay = Replay(file)
    assert [e.content for e in replay.events(timeout=0.05)] == ["a"]
    assert replay.poll() == 0
    assert not replay.closed


def test_long_pauses_can_be_shortened(file):
    """longest_wait bounds every pause."""
    write(file, message(0, "a"), message(3600, "b"))
    assert contents(file) == [
        e.content for e in Replay(file, longest_wait=0.01) if isinstance(e, ChatMessage)
    ]


def test_close_interrupts_a_wait(file):
    """A close from another thread ends a long pause at once."""
    write(file, message(0, "a"), message(3600, "b"))
    replay = Replay(file)
    reached = threading.Event()
    replay.on(ChatMessage, lambda _: reached.set())
    thread = threading.Thread(target=replay.run)
    thread.start()
    assert reached.wait(5)
    replay.close()
    thread.join(5)
    assert not thread.is_alive()


def test_a_span(file):
    """start belongs to the span, end does not; times without a zone are UTC."""
    write(file, *(message(n * 60, str(n)) for n in range(10)))
    assert contents(file, start=at(180), end=at(300)) == ["3", "4"]
    assert contents(file, start=at(180).replace(tzinfo=None), end=at(240)) == ["3"]
    assert contents(file, start=at(10_000)) == []


def test_a_span_knows_what_was_before(file):
    """A repetition of a message from before the span is still recognised as one."""
    write(file, message(50, "once", id="x"), message(70, "once", id="x"), message(71, "new"))
    assert contents(file, start=at(60)) == ["new"]


def test_repetitions_are_removed_and_gifts_merged(file):
    """As in the client: one event for a repeated message, and one for a divided gift."""

    def part(index, names):
        return payload(
            5 + index,
            "GiftedSubscriptionsEvent",
            {
                "chatroom_id": 7712045,
                "gifter_username": "big_spruce",
                "gifted_usernames": names,
                "chunk_details": {"correlation_id": "c", "chunk_index": index, "total_chunks": 2},
            },
        )

    write(
        file, message(1, "x", id="x"), message(2, "x", id="x"), part(0, ["a", "b"]), part(1, ["c"])
    )
    first, gift = Replay(file, speed=None)
    assert first.content == "x"
    assert isinstance(gift, GiftedSubscriptions)
    assert gift.gifted_usernames == ("a", "b", "c")


def test_a_gift_that_stays_incomplete_comes_at_the_end(file):
    """Parts whose others were never recorded are delivered nevertheless."""
    data = {
        "gifter_username": "big_spruce",
        "gifted_usernames": ["a"],
        "chunk_details": {"correlation_id": "c", "chunk_index": 0, "total_chunks": 2},
    }
    write(file, payload(5, "GiftedSubscriptionsEvent", data), message(30, "later"))
    assert [type(e).__name__ for e in Replay(file, speed=None)] == [
        "GiftedSubscriptions",
        "ChatMessage",
    ]
    write(file, payload(5, "GiftedSubscriptionsEvent", data))
    assert len(list(Replay(file, speed=None))) == 1


def test_history_stands_before_what_was_held(file):
    """Live messages during recovery come after what history gave, as in the client."""
    write(
        file,
        message(1, "before"),
        marker(2, "disconnected", reason="cut", channels=[CHANNEL], will_reconnect=True),
        message(5, "live again"),
        # Read at 6, written at 3 and at 1.
        {**message(3, "missed", historical=True), "at": stamp(6)},
        {**message(1, "before", historical=True), "at": stamp(6)},
        marker(7, "reconnected", gap="PT3S", recovered=1, complete=True),
        message(8, "after"),
    )
    order = [getattr(e, "content", e.kind) for e in Replay(file, speed=None)]
    assert order == ["before", "disconnected", "missed", "reconnected", "live again", "after"]
    reconnected = Replay(file, speed=None).wait_for(Reconnected)
    assert (reconnected.gap, reconnected.complete) == (timedelta(seconds=3), True)


def test_what_waited_before_a_second_loss_stands_in_the_gap(file):
    """As in the client: it is older than what was missed by the second loss."""
    lost = {"reason": "cut", "channels": [CHANNEL], "will_reconnect": True}
    write(
        file,
        message(1, "before"),
        marker(2, "disconnected", **lost),
        message(5, "between"),
        marker(6, "disconnected", **lost),
        {**message(3, "missed", historical=True), "at": stamp(8)},
        marker(9, "reconnected", gap="PT7S", recovered=1, complete=True),
        message(10, "after"),
    )
    order = [getattr(e, "content", e.kind) for e in Replay(file, speed=None)]
    assert order[:3] == ["before", "disconnected", "disconnected"]
    assert order[3:] == ["missed", "between", "reconnected", "after"]


def test_not_all_of_a_recording_waits_for_a_history_that_never_came(file):
    """As in the client: where too much waits, it is delivered."""
    count = 15_000
    write(
        file,
        marker(1, "disconnected", reason="cut", channels=[CHANNEL], will_reconnect=True),
        *(message(2 + n, str(n)) for n in range(count)),
    )
    with Replay(file, speed=None) as replay:
        replay.wait_for(ChatMessage)
        assert replay.position < at(count - 1000)
    assert contents(file) == [str(n) for n in range(count)]


def test_what_was_held_is_not_lost_where_a_recording_breaks_off(file):
    """Without Reconnected, held messages come at the session's end."""
    lost = marker(2, "disconnected", reason="cut", channels=[CHANNEL], will_reconnect=True)
    write(file, lost, message(3, "held"), HEADER, message(9, "next session"))
    assert contents(file) == ["held", "next session"]
    write(file, lost, message(3, "held"))
    assert contents(file) == ["held"]


def test_late_markers_move_to_their_time(file):
    """A marker that was written late is replayed at its time."""
    connected = marker(0, "connected", channels=[CHANNEL], transport="pusher")
    write(file, message(1, "one"), message(2, "two"), connected)
    first, *_ = Replay(file, speed=None)
    assert isinstance(first, Connected)
    assert first.room_id == 7712045


def test_errors_and_unknown_markers(file):
    """A recorded error comes as its text; a marker newer than the library as UnknownEvent."""
    write(
        file,
        marker(1, "error", error="topic refused", type="RealtimeError"),
        marker(2, "moon_phase", phase="full"),
    )
    error, unknown = Replay(file, speed=None)
    assert isinstance(error, ErrorOccurred)
    assert str(error.error) == "topic refused"
    assert isinstance(unknown, UnknownEvent)
    assert unknown.data == {"phase": "full"}


def test_several_channels_keep_apart(file):
    """The same id in two channels is two messages; each has its channel."""
    write(file, message(1, "a", id="x"), message(2, "b", id="x", channel=OTHER))
    events = list(Replay(file, speed=None))
    assert [e.channel.slug for e in events] == ["amber-quokka", "copper-heron"]


def test_a_payload_without_channel_finds_its_owner(file):
    """A frame whose topic was missing belongs to the channel that its ids name."""
    lonely = {**message(2, "mine"), "channel": None, "topic": None}
    write(file, message(1, "first"), lonely)
    assert [e.channel.slug for e in Replay(file, speed=None)] == ["amber-quokka"] * 2


def test_joined_files(tmp_path):
    """Several files can be given, or joined end to end, packed or not."""
    one = write(tmp_path / "one.jsonl", message(1, "one"))
    two = write(tmp_path / "two.jsonl", message(2, "two"))
    assert contents([one, two]) == ["one", "two"]
    joined = tmp_path / "joined.jsonl"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    assert contents(joined) == ["one", "two"]
    packed = tmp_path / "renamed.txt"
    packed.write_bytes(gzip.compress(one.read_bytes()) + gzip.compress(two.read_bytes()))
    assert contents(packed) == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dear diary\n", "no recording"),
        ('{"message": "hi"}\n', "no recording"),
        ("\x00\x01\n", "no recording"),
        ('{"kick_live_recording": 99}\n', "version 99"),
        ("", "empty"),
    ],
)
def test_foreign_files_are_refused(file, text, words):
    """What is no recording, or a newer one, is refused at once, naming the file."""
    file.write_text(text)
    with pytest.raises(RecordingError, match=words) as info:
        Replay(file)
    assert info.value.path == str(file)
    assert "chat.jsonl" in str(info.value)


@pytest.mark.parametrize("created", ["2027-01-01T00:00:00Z", {"seconds": 1}, None])
def test_a_newer_format_is_named_whatever_else_it_changed(file, created):
    """Also where its header has another shape, and where its session was added to ours."""
    newer = {"kick_live_recording": 2, "created_at": created, "more": [1]}
    write(file, message(1, "a"), header=newer)
    with pytest.raises(RecordingError, match=r"version 2 .* Upgrade kick-live") as info:
        Replay(file)
    assert info.value.line == 1
    write(file, message(1, "a"), newer, {"at": 5, "raw": {}})
    replay = Replay(file, speed=None)
    with pytest.raises(RecordingError, match=r"version 2 .* Upgrade kick-live") as info:
        list(replay)
    assert info.value.line == 3


def test_missing_files_are_named(tmp_path):
    """A path without a file raises our error."""
    for path in (tmp_path / "missing.jsonl", tmp_path / "no" / "such.jsonl", tmp_path):
        with pytest.raises(RecordingError, match="cannot be read"):
            Replay(path)


@pytest.mark.parametrize("bad", ["{", '{"at": "yesterday"}', "[]", '{"a": 1}', '"x"', "\x00"])
def test_damaged_lines_are_named_or_skipped(file, bad):
    """A damaged line in the middle raises its number; skip_damaged counts it."""
    write(file, message(1, "one"), bad, message(2, "two"))
    with pytest.raises(RecordingError, match=r"chat\.jsonl, line 3.*skip_damaged") as info:
        list(Replay(file, speed=None))
    assert info.value.line == 3
    replay = Replay(file, speed=None, skip_damaged=True)
    assert len(list(replay)) == 2
    assert replay.damaged == 1


def test_damage_in_packed_files_is_named(tmp_path):
    """A damaged byte in a packed file raises the line up to which it is intact."""
    file = tmp_path / "chat.jsonl.gz"
    plain = write(tmp_path / "plain.jsonl", *(message(n, f"{n}" * 50) for n in range(200)))
    data = bytearray(gzip.compress(plain.read_bytes()))
    middle = len(data) // 2
    data[middle : middle + 9] = b"\xff" * 9
    file.write_bytes(data)
    with pytest.raises(RecordingError, match="damaged") as info:
        list(Replay(file, speed=None))
    assert info.value.line is not None
    assert isinstance(contents(file, skip_damaged=True), list)


@pytest.mark.parametrize("options", [{"speed": 0}, {"speed": -1}, {"longest_wait": -1}], ids=str)
def test_senseless_options_are_refused(file, options):
    """A speed or wait that makes no sense raises ValueError."""
    write(file)
    with pytest.raises(ValueError, match="must"):
        Replay(file, **options)


def test_zstd_without_its_package_names_the_extra(tmp_path, monkeypatch):
    """Reading a file packed with zstd names the extra where it is missing."""
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    file = tmp_path / "chat.jsonl.zst"
    file.write_bytes(b"\x28\xb5\x2f\xfd....")
    with pytest.raises(MissingExtra) as info:
        Replay(file)
    assert info.value.extra == "recording"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, 3000), junk=st.binary(max_size=30))
def test_any_cut_reads_up_to_it(tmp_path, cut, junk):
    """Wherever a file ends, whatever half-written bytes follow: whole lines are read."""
    file = write(tmp_path / "cut.jsonl", *(message(n, str(n)) for n in range(5)))
    whole = file.read_bytes()
    header = whole.index(b"\n") + 1
    kept = whole[: header + cut]
    file.write_bytes(kept + junk.replace(b"\n", b""))
    lines = kept.count(b"\n") - 1
    read = contents(file)
    assert read[:lines] == [str(n) for n in range(min(lines, 5))]
    assert len(read) <= lines + 1


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_text_comes_back(tmp_path, texts):
    """Whatever people write is replayed as it was."""
    from kick_live import Channel
    from kick_live.recording.lines import arrival_line
    from kick_live.session.taps import Arrival

    file = tmp_path / "texts.jsonl"
    lines = [json.dumps(HEADER).encode() + b"\n"]
    for number, text in enumerate(texts):
        data = json.dumps({"id": str(number), "content": text, "sender": {"username": "Maple"}})
        arrival = Arrival(
            received_at=at(number),
            channel=Channel(**CHANNEL),
            topic=None,
            name="ChatMessageEvent",
            raw=data,
        )
        lines.append(arrival_line(arrival))
    file.write_bytes(b"".join(lines))
    assert contents(file) == texts


def test_a_replay_is_deterministic(file):
    """Two replays of a recording are equal."""
    write(file, *(message(n, str(n)) for n in range(50)))
    assert list(Replay(file, speed=None)) == list(Replay(file, speed=None))
    assert all(isinstance(event, Event) for event in Replay(file, speed=None))


@pytest.mark.parametrize(
    ("option", "value"),
    [("speed", "max"), ("longest_wait", "5"), ("start", "1:00"), ("end", 60)],
)
def test_arguments_of_the_wrong_type_are_refused_at_once(tmp_path, option, value):
    """The error names the argument and what was given."""
    path = write(tmp_path / "chat.jsonl", message(1, "x"))
    with pytest.raises(TypeError, match=f"{option} must be .*{value}"):
        Replay(path, **{option: value})


@pytest.mark.parametrize("option", ["speed", "longest_wait"])
def test_nan_is_no_number_of_seconds(tmp_path, option):
    """Neither a speed nor a wait can be NaN."""
    path = write(tmp_path / "chat.jsonl", message(1, "x"))
    with pytest.raises(ValueError, match=f"{option} must"):
        Replay(path, **{option: float("nan")})
