"""What both protocols share."""

from __future__ import annotations

import json
from typing import Any

import pytest
from golden import LINES
from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live.protocols.base import Action, Protocol, State, TopicState, action_for, earliest
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "error",
                    "code",
                    "push",
                    "pub",
                    "channel",
                    "data",
                    "event",
                    "connect",
                    "subscribe",
                    "refresh",
                    "ttl",
                    "ping",
                    "unsubscribe",
                    "disconnect",
                    "status",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_NAMES = st.sampled_from(
    ["ping", "error", "connection_established", "subscription_error", "subscription_succeeded"]
)


_GREETINGS = {
    PusherProtocol: '{"event":"pusher:connection_established","data":"{}"}',
    CentrifugoProtocol: '{"id":1,"connect":{}}',
}
_BOTH = pytest.mark.parametrize("make", [PusherProtocol, CentrifugoProtocol])


def _greeted(make: type[PusherProtocol | CentrifugoProtocol], topics: list[str]) -> Protocol:
    protocol = make(topics)
    protocol.start(0.0)
    protocol.texts_to_send()
    protocol.receive([_GREETINGS[make]], 10.0)
    return protocol


def _asked(protocol: Protocol) -> list[str]:
    lines = (line for text in protocol.texts_to_send() for line in text.splitlines())
    found = (json.loads(line) for line in lines)
    return [one.get("data", one.get("subscribe"))["channel"] for one in found]


@_BOTH
def test_many_topics_are_asked_for_in_turns(
    make: type[PusherProtocol | CentrifugoProtocol],
) -> None:
    """Two dozen at once, as many again a quarter of a second later, in order, each once."""
    topics = [f"chatrooms.{number}.v2" for number in range(96)]
    protocol = _greeted(make, topics)
    found, times = _asked(protocol), [10.0]
    assert found == topics[:24]
    while (deadline := protocol.deadline()) is not None and deadline < 11.0:
        protocol.tick(deadline - 0.01)
        assert _asked(protocol) == []
        protocol.tick(deadline)
        turn = _asked(protocol)
        assert len(turn) == 24
        found, times = found + turn, [*times, deadline]
    assert found == topics
    assert times == [10.0, 10.25, 10.5, 10.75]


@_BOTH
def test_a_topic_that_waits_for_its_turn_can_be_given_up(
    make: type[PusherProtocol | CentrifugoProtocol],
) -> None:
    """It is not asked for after that; the others keep their turns."""
    topics = [f"chatrooms.{number}.v2" for number in range(30)]
    protocol = _greeted(make, topics)
    _asked(protocol)
    protocol.unsubscribe(topics[24:26])
    protocol.texts_to_send()
    protocol.tick(10.25)
    assert _asked(protocol) == topics[26:]
    assert set(protocol.topics.values()) == {TopicState.SUBSCRIBING}


@_BOTH
def test_a_few_topics_more_need_not_wait_long(
    make: type[PusherProtocol | CentrifugoProtocol],
) -> None:
    """After a rest a channel is asked for in the next moment, however many came before."""
    protocol = _greeted(make, [f"chatrooms.{number}.v2" for number in range(24)])
    _asked(protocol)
    protocol.subscribe(["chatrooms.99.v2"])
    deadline = protocol.deadline()
    assert deadline is not None
    assert deadline <= 10.25
    protocol.tick(max(deadline, 50.0))
    assert _asked(protocol) == ["chatrooms.99.v2"]


@pytest.mark.parametrize("make", [PusherProtocol, CentrifugoProtocol])
def test_asking_twice_is_asking_once(make: type[PusherProtocol | CentrifugoProtocol]) -> None:
    """A topic named twice before the start is one topic."""
    protocol = make(["a", "a"])
    protocol.subscribe(["a", "b", "b"])
    assert list(protocol.topics) == ["a", "b"]


def test_the_base_leaves_its_verbs_to_the_protocols() -> None:
    """Protocol is no protocol by itself."""
    protocol = Protocol(["a"])
    for call in (
        lambda: protocol.receive([], 0.0),
        lambda: protocol.tick(0.0),
        protocol.deadline,
    ):
        with pytest.raises(NotImplementedError):
            call()
    protocol.state = State.READY
    with pytest.raises(NotImplementedError):
        protocol.subscribe(["b"])
    with pytest.raises(NotImplementedError):
        protocol.unsubscribe(["a"])


def test_a_happening_is_told_once() -> None:
    """Both outputs are emptied by reading them."""
    protocol = CentrifugoProtocol(["a"])
    protocol.start(0.0)
    protocol.receive(['{"id":1,"connect":{}}'], 0.0)
    assert protocol.happenings()
    assert protocol.texts_to_send()
    assert (protocol.happenings(), protocol.texts_to_send()) == ([], [])


def test_the_first_row_that_fits_counts() -> None:
    """Tables are read from the top; what is in none asks for a back-off."""
    table = ((5, 5, Action.RECONNECT), (1, 9, Action.TERMINAL))
    assert [action_for(code, table) for code in (5, 9, 10, None)] == [
        Action.RECONNECT,
        Action.TERMINAL,
        Action.BACK_OFF,
        Action.BACK_OFF,
    ]


def test_missing_times_are_passed_over() -> None:
    """The earliest of none is none."""
    assert (earliest([None, 3.0, 2.0]), earliest([None]), earliest([])) == (2.0, None, None)


@settings(max_examples=100, deadline=None)
@given(data=st.lists(_JSON | st.text(max_size=20), max_size=5), name=_NAMES)
def test_nothing_that_arrives_makes_a_protocol_raise(data: list[object], name: str) -> None:
    """Any JSON in any place, and any text, is taken in both states; deadlines stay sane."""
    texts = [item if isinstance(item, str) else json.dumps(item) for item in data]
    frames = [json.dumps({"event": f"pusher:{name}", "data": item}) for item in data]
    replies = [json.dumps({"id": number + 1, "error": item}) for number, item in enumerate(data)]
    pushes = [json.dumps({"push": item}) for item in data]
    connects = [json.dumps({"id": 1, "connect": item}) for item in data]
    for protocol in (PusherProtocol(["a"]), CentrifugoProtocol(["a"])):
        protocol.start(0.0)
        for batch in (connects, texts, frames, replies, pushes):
            protocol.receive(batch, 1.0)
            protocol.tick(1.0)
            deadline = protocol.deadline()
            assert deadline is None or 0.0 < deadline < 1e10


_DOCUMENTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from([line["frame"] for line in LINES if "frame" in line]),
    st.sampled_from(["", " ", "\ufeff{}", "\x00", "[1", '"\\ud800"', "{}\n{}", "\u2028"]),
)


@pytest.mark.parametrize("cls", [PusherProtocol, CentrifugoProtocol])
@given(texts=st.lists(st.lists(_DOCUMENTS, max_size=3).map("\n".join), max_size=6))
def test_texts_and_their_utf_8_are_the_same(cls: type[Protocol], texts: list[str]) -> None:
    """What happens, what is answered and what made no sense."""

    def outcome(messages: list[Any]) -> Any:
        protocol = cls(["chatrooms.7712045.v2"])
        protocol.start(0.0)
        protocol.receive(messages, 1.0)
        return protocol.happenings(), protocol.texts_to_send(), protocol.undecodable

    assert outcome([text.encode() for text in texts]) == outcome(list(texts))
