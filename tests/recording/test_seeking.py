"""A span is read without what lies before and behind it, and nothing of it is missed."""

from __future__ import annotations

import gzip
import json
import logging
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kick_live import ChatMessage, RecordingError
from kick_live.recording import Replay, seeking, sources
from recording.recordings import HEADER, at, message

COMPACT = {"separators": (",", ":")}


def said(seconds, content="hello"):
    """A line as a recorder writes it: without blanks."""
    return json.dumps(message(seconds, content, id=f"{seconds}/{content}"), **COMPACT)


def write(path, lines, **header):
    text = [json.dumps(HEADER | header, **COMPACT), *lines]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


def contents(path, **options):
    events = Replay(path, speed=None, **options)
    return [(e.received_at, e.content) for e in events if isinstance(e, ChatMessage)]


@pytest.fixture
def hours(tmp_path):
    """Ten hours with a message each second, some 16 MiB."""
    return write(tmp_path / "chat.jsonl", (said(n) for n in range(36_000)))


def bytes_read(monkeypatch, path, **options):
    """How many bytes of lines a replay looks at."""
    count = 0
    real = sources.raw_lines

    def counted(*args, **more):
        nonlocal count
        for number, line, complete in real(*args, **more):
            count += len(line)
            yield number, line, complete

    monkeypatch.setattr(sources, "raw_lines", counted)
    found = contents(path, **options)
    monkeypatch.setattr(sources, "raw_lines", real)
    return count, found


@pytest.mark.parametrize("hour", [0, 1, 5, 9])
def test_little_more_than_the_span_is_read(hours, monkeypatch, hour):
    """Of ten hours, less than one is looked at for a minute, wherever it lies."""
    span = {"start": at(hour * 3600), "end": at(hour * 3600 + 60)}
    count, found = bytes_read(monkeypatch, hours, **span)
    assert [when for when, _ in found] == [at(hour * 3600 + n) for n in range(60)]
    # Ten minutes' slack on either side, and a look at either end.
    assert count < hours.stat().st_size / 5


def test_packed_recordings_are_read_from_the_beginning(hours, tmp_path):
    """They give the same."""
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(hours.read_bytes(), 1))
    span = {"start": at(18_000), "end": at(18_010)}
    assert contents(packed, **span) == contents(hours, **span)
    assert seeking.part_within(packed, at(0), at(1)) == (0, None)


def test_damage_is_named_by_its_line(hours):
    """Although what lies before was not read, the line's number is that in the file."""
    lines = hours.read_bytes().split(b"\n")
    lines[30_000] = b"{damaged"
    hours.write_bytes(b"\n".join(lines))
    with pytest.raises(RecordingError, match=r"line 30001, is damaged") as info:
        contents(hours, start=at(29_500))
    assert info.value.line == 30_001
    with Replay(hours, speed=None, start=at(29_500), skip_damaged=True) as events:
        assert len(list(events)) == 36_000 - 29_500 - 1
        assert events.damaged == 1
    assert len(contents(hours, start=at(18_000), end=at(18_010))) == 10


def test_a_torn_end_is_told_with_its_line(hours, caplog):
    """The warning counts lines from the file's beginning."""
    hours.write_bytes(hours.read_bytes()[:-100])
    with caplog.at_level(logging.WARNING, "kick_live"):
        assert len(contents(hours, start=at(35_000))) == 999
    assert "after line 36000 " in caplog.text


def test_parts_and_joined_recordings(tmp_path, monkeypatch):
    """Divided recordings, and evenings joined in the wrong order, lose nothing."""
    monkeypatch.setattr(seeking, "_STEP", 4_000)
    write(tmp_path / "chat.jsonl", (said(n) for n in range(0, 6000, 10)))
    write(tmp_path / "chat.0002.jsonl", (said(n) for n in range(6000, 9000, 10)))
    found = contents(tmp_path / "chat.jsonl", start=at(5900), end=at(6100))
    assert [when for when, _ in found] == [at(n) for n in range(5900, 6100, 10)]
    joined = tmp_path / "joined.jsonl"
    late = write(tmp_path / "late", (said(n) for n in range(90_000, 96_000, 10))).read_text()
    joined.write_text(late + (tmp_path / "chat.jsonl").read_text())
    found = contents(joined, start=at(5000), end=at(5100))
    assert [when for when, _ in found] == [at(n) for n in range(5000, 5100, 10)]


def test_long_lines(tmp_path, monkeypatch):
    """A line of ten million characters is stepped over, or found."""
    lines = [said(n) for n in range(0, 5000)]
    lines[2500] = said(2500, "x" * 10_000_000)
    path = write(tmp_path / "chat.jsonl", lines)
    assert len(contents(path, start=at(4000))) == 1000
    (one,) = contents(path, start=at(2500), end=at(2501))
    assert len(one[1]) == 10_000_000


def test_a_clock_that_was_ahead_for_a_moment_loses_nothing(tmp_path, monkeypatch):
    """A message that was dated minutes too late lies between others, and is found by its date."""
    monkeypatch.setattr(seeking, "_STEP", 4_000)
    lines = [said(500 if n == 55 else n) for n in range(100)]
    path = write(tmp_path / "chat.jsonl", lines)
    assert [when for when, _ in contents(path, start=at(450))] == [at(500)]
    assert [when for when, _ in contents(path, end=at(1))] == [at(0)]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime.min, None),
        (None, datetime.max),
        (datetime.max, None),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=2))), datetime.max),
        (datetime(2026, 10, 6), datetime(2026, 10, 5)),
    ],
)
def test_extreme_spans(hours, start, end):
    """A span that begins or ends where times do is one; one that ends before it begins is empty."""
    wanted = (start or datetime.min).year == 1 and (end or datetime.max).year == 9999
    assert len(contents(hours, start=start, end=end)) == (36_000 if wanted else 0)


#: Seconds from line to line; a clock is set back now and then, by less than the slack in all.
gentle = st.lists(st.integers(0, 400), min_size=1, max_size=60)
#: Any step: hours back, hours forward.
wild = st.lists(st.integers(-20_000, 20_000), min_size=1, max_size=60)


@given(
    data=st.data(),
    packing=st.sampled_from([(200, wild), (2_000, gentle), (6_000, gentle)]),
    headers=st.sets(st.integers(0, 59), max_size=4),
    start=st.none() | st.integers(-3000, 20_000),
    length=st.none() | st.integers(0, 5_000),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_seeking_gives_what_reading_everything_gives(
    tmp_path_factory, data, packing, headers, start, length
):
    """Whatever the clock did and wherever sessions began, the events are the same."""
    step, steps = packing
    seconds, time = [], 0
    for step_of_time in data.draw(steps):
        time += step_of_time
        # Now and then a line is written late, or the clock was a little behind.
        seconds.append(time - data.draw(st.sampled_from([0, 0, 0, 0, 299])))
    lines = []
    for number, second in enumerate(seconds):
        if number in headers:
            lines.append(json.dumps(HEADER, **COMPACT))
        lines.append(said(second, f"line {number}"))
    path = write(tmp_path_factory.mktemp("seek") / "chat.jsonl", lines)
    span = {
        "start": None if start is None else at(start),
        "end": None if length is None else at((start or 0) + length),
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seeking, "_STEP", step)
        sought = contents(path, **span)
        patched.setattr(sources, "part_within", lambda *_: (0, None))
        assert sought == contents(path, **span)
