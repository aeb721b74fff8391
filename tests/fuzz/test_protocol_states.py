"""Both protocols under any order of calls, any texts and a clock that only goes forward."""

from __future__ import annotations

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kick_live.protocols.base import Failed, Protocol, State, TopicState
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol

_TOPICS = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=3)
_TIMES = st.sampled_from([0, -1, 1e-12, 0.5, 1, 25, 1e8, 1e308, 10**400, True, None, "1", []])
_CODES = st.sampled_from(
    [None, True, -1, 0, 99, 100, 103, 105, 106, 109, 2000, 2500, 3005, 3500, 4001, 4100, 4200]
) | st.sampled_from(["4200", 1e9, 10**400, []])
_NUMBERS = st.integers(-1, 12)


@st.composite
def _pusher_texts(draw: st.DrawFn) -> str:
    name = draw(
        st.sampled_from(
            [
                "pusher:connection_established",
                "pusher_internal:subscription_succeeded",
                "pusher:subscription_error",
                "pusher:ping",
                "pusher:pong",
                "pusher:error",
                "pusher:unheard_of",
                "E",
            ]
        )
    )
    data = {
        "activity_timeout": draw(_TIMES),
        "code": draw(_CODES),
        "status": draw(_CODES),
        "message": draw(st.sampled_from([None, "Existing subscription to channel a", ["x"]])),
    }
    frame = {"event": name, "data": draw(st.sampled_from([data, json.dumps(data), [], "x", None]))}
    if draw(st.booleans()):
        frame["channel"] = draw(st.sampled_from(["a", "b", "z", 5]))
    return json.dumps(frame)


@st.composite
def _centrifugo_texts(draw: st.DrawFn) -> str:
    times = {"ttl": draw(_TIMES), "ping": draw(_TIMES), "pong": draw(st.booleans())}
    codes = {"code": draw(_CODES), "message": "no", "temporary": draw(st.booleans())}
    topic = draw(st.sampled_from(["a", "b", "z", 5]))
    return json.dumps(
        draw(
            st.sampled_from(
                [
                    {},
                    {"id": 1, "connect": times},
                    {"id": draw(_NUMBERS), "subscribe": {"id": draw(_NUMBERS)}},
                    {"id": draw(_NUMBERS), "refresh": times},
                    {"id": draw(_NUMBERS), "error": codes},
                    {"push": {"channel": topic, "unsubscribe": codes}},
                    {"push": {"channel": topic, "pub": {"data": {"event": "E", "data": "{}"}}}},
                    {"push": {"id": draw(_NUMBERS), "pub": {"data": "{}"}}},
                    {"push": {"refresh": times}},
                    {"push": {"disconnect": codes}},
                    {"push": {"join": {}}},
                ]
            )
        )
    )


class _Machine(RuleBasedStateMachine):
    """What holds at any time: no call raises, an end is told once, deadlines lie ahead."""

    texts: st.SearchStrategy[str]

    def make(self, topics: list[str]) -> Protocol:
        raise NotImplementedError

    @initialize(topics=_TOPICS)
    def begin(self, topics: list[str]) -> None:
        self.now = 1000.0
        self.failures = 0
        self.protocol = self.make(topics)

    @rule()
    def start(self) -> None:
        if self.protocol.state is State.NEW:
            self.protocol.start(self.now)

    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        texts = data.draw(st.lists(self.texts | st.text(max_size=5), max_size=4))
        self.protocol.receive(texts, self.now)

    @rule(seconds=st.sampled_from([0.0, 0.001, 1.0, 30.0, 3600.0, 1e6]))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.protocol.tick(self.now)
        deadline = self.protocol.deadline()
        assert deadline is None or deadline > self.now

    @rule()
    def tick_when_due(self) -> None:
        deadline = self.protocol.deadline()
        if deadline is not None:
            self.now = max(self.now, deadline)
            self.tick(0.0)

    @rule(topics=_TOPICS)
    def subscribe(self, topics: list[str]) -> None:
        self.protocol.subscribe(topics)

    @rule(topics=_TOPICS)
    def unsubscribe(self, topics: list[str]) -> None:
        self.protocol.unsubscribe(topics)
        assert not set(topics) & set(self.protocol.topics)

    @rule()
    def alive(self) -> None:
        self.protocol.alive(self.now)

    @rule(token=st.sampled_from(["", "t", "\u20ac"]))
    def refresh(self, token: str) -> None:
        self.protocol.refresh(token, self.now)

    @rule(code=st.none() | st.integers(0, 5000), reason=st.text(max_size=5))
    def closed(self, code: int | None, reason: str) -> None:
        if self.protocol.state is not State.NEW:
            assert isinstance(self.protocol.closed(code, reason), Failed)
            assert self.protocol.deadline() is None

    @rule()
    def take(self) -> None:
        for text in self.protocol.texts_to_send():
            for line in text.split("\n"):
                assert isinstance(json.loads(line), dict)
        self.failures += sum(isinstance(h, Failed) for h in self.protocol.happenings())
        assert self.failures <= 1

    @invariant()
    def deadlines_are_within_reach(self) -> None:
        deadline = self.protocol.deadline()
        assert deadline is None or deadline <= self.now + 86400 + 60
        if self.protocol.state in (State.NEW, State.ENDED):
            assert deadline is None

    @invariant()
    def topics_have_a_state(self) -> None:
        assert all(isinstance(state, TopicState) for state in self.protocol.topics.values())


class _Pusher(_Machine):
    texts = _pusher_texts()

    def make(self, topics: list[str]) -> Protocol:
        return PusherProtocol(topics)


class _Centrifugo(_Machine):
    texts = _centrifugo_texts()

    def make(self, topics: list[str]) -> Protocol:
        return CentrifugoProtocol(topics, token="t")


_SETTINGS = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestPusher = _Pusher.TestCase
TestPusher.settings = _SETTINGS
TestCentrifugo = _Centrifugo.TestCase
TestCentrifugo.settings = _SETTINGS
