"""Whatever arrives: a replay of its recording gives the events that the client gave."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from golden import LINES, prepared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kick_live import ChatMessage, Event, KickAPI, KickClient
from kick_live.protocols.base import Publication
from kick_live.recording import Recorder, Replay
from kick_live.testing import KickSimulator

END = "that was all of it"


def publications() -> list[tuple[str, Any]]:
    """Name and payload of every golden frame that holds an event."""
    found = []
    for line in LINES:
        outcome = prepared(line)
        if "frame" in line:
            outcome.feed(line["frame"])
        found += [(item.name, item.data) for item in outcome.all(Publication)]
    return [(name, data) for name, data in found if isinstance(data, (str, dict))]


GOLDEN = publications()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PAYLOADS = st.one_of(
    st.sampled_from(GOLDEN),
    st.tuples(st.just("say"), TEXTS),
    st.tuples(st.just("App\\Events\\ChatMessageEvent"), TEXTS),
    st.tuples(TEXTS.map("App\\Events\\X{}".format), st.dictionaries(TEXTS, TEXTS, max_size=3)),
)


def historical(value: Any) -> Any:
    """An event as a replay gives it, those inside it too."""
    if not isinstance(value, Event):
        return value
    changes = {
        field.name: tuple(map(historical, inner)) if isinstance(inner, tuple) else historical(inner)
        for field in attrs.fields(type(value))
        if isinstance(inner := getattr(value, field.name), (Event, tuple))
    }
    return attrs.evolve(value, historical=True, **changes)


def test_the_golden_frames_hold_payloads():
    """The property below is about something."""
    assert len(GOLDEN) > 30


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(payloads=st.lists(PAYLOADS, max_size=12), suffix=st.sampled_from(["jsonl", "jsonl.gz"]))
def test_a_replay_equals_what_the_client_gave(payloads, suffix, tmp_path_factory):
    """Equal in every field, in the same order, for any payloads, doubles and nonsense among them."""
    path = tmp_path_factory.mktemp("replay") / f"chat.{suffix}"
    seen: list[Event] = []
    with KickSimulator() as simulator:
        channel = simulator.add_channel("amber-quokka")
        with (
            KickAPI(simulator.endpoints, min_interval=0) as api,
            KickClient("amber-quokka", api=api) as client,
            Recorder(client, path) as recorder,
        ):
            client.connect()
            for name, data in payloads:
                if name == "say":
                    channel.chat(data)
                else:
                    channel.publish(name, data)
            channel.chat(END)
            for event in client.events(timeout=20):
                seen.append(event)
                if getattr(event, "content", None) == END:
                    break
            else:
                pytest.fail("the last message did not come")
            recorder.close()
    again = list(Replay(path, speed=None))
    # A gift that waits for its other parts is delivered later; the replay ends before that.
    assert again[: len(seen)] == [historical(event) for event in seen]
    assert [event.raw for event in again[: len(seen)]] == [event.raw for event in seen]


def test_what_a_client_began_with_comes_first(tmp_path):
    """The last messages of history stand before what arrived while they were read."""
    path = tmp_path / "chat.jsonl"
    with KickSimulator() as simulator:
        channel = simulator.add_channel("amber-quokka")
        for number in range(5):
            channel.chat(f"old {number}")
        with (
            KickAPI(simulator.endpoints, min_interval=0) as api,
            KickClient("amber-quokka", api=api, history=50) as client,
            Recorder(client, path),
        ):
            client.connect()
            for number in range(20):
                channel.chat(f"new {number}")
            channel.chat(END)
            seen = []
            while END not in seen:
                seen.append(client.wait_for(ChatMessage, timeout=20).content)
    old = [f"old {number}" for number in range(5)]
    assert seen == [*old, *(f"new {number}" for number in range(20)), END]
    assert [e.content for e in Replay(path, speed=None) if isinstance(e, ChatMessage)] == seen
