import json
from datetime import datetime, timedelta, timezone

import pytest
from filled_events import filled

from kick_live import (
    EVENT_CLASSES,
    ErrorOccurred,
    GoalProgress,
    Reconnecting,
    UndecodableEvent,
    decode,
)
from kick_live.events.values import to_json

NASTY = 'a\x1b[2J\nb\u202e\x9b"c\ud800\U000e0041楽🎶'


@pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
def test_every_event_becomes_json(cls):
    """Each kind of event is one line of valid JSON, safe to show, with the shared keys first."""
    line = to_json(filled(cls, NASTY))
    assert line.isprintable()
    values = json.loads(line)
    assert list(values)[:5] == ["type", "channel", "received_at", "historical", "topic"]
    assert values["type"] == cls.kind
    assert values["channel"] == NASTY


def test_units():
    """Times are ISO 8601 with their zone, durations seconds, whole ones without a point."""
    at = datetime(2026, 10, 1, 12, 0, tzinfo=timezone.utc)
    values = json.loads(
        to_json(Reconnecting(attempt=1, delay=timedelta(seconds=2), received_at=at))
    )
    assert values["received_at"] == "2026-10-01T12:00:00+00:00"
    assert values["delay"] == 2
    assert '"delay": 2,' in to_json(Reconnecting(attempt=1, delay=timedelta(seconds=2)))
    assert '"delay": 2.5,' in to_json(Reconnecting(attempt=1, delay=timedelta(seconds=2.5)))


def test_a_field_named_type_becomes_subtype():
    """An event's own type does not hide its kind."""
    values = json.loads(to_json(GoalProgress(id="1", type="followers")))
    assert (values["type"], values["subtype"]) == ("goal_progress", "followers")


def test_what_could_not_be_read_keeps_its_text():
    """Unknown events bring their data, unreadable ones their text, errors their class."""
    assert json.loads(to_json(decode("MoonEvent", '{"phase": [1]}')))["data"] == {"phase": [1]}
    broken = decode("ChatMessageEvent", "{nonsense")
    assert isinstance(broken, UndecodableEvent)
    assert json.loads(to_json(broken))["raw"] == "{nonsense"
    error = json.loads(to_json(ErrorOccurred(error=ValueError("no"))))
    assert (error["error"], error["error_type"]) == ("no", "ValueError")
