"""PusherProtocol: what it says and concludes, text by text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kick_live.protocols.base import (
    Action,
    Established,
    Failed,
    Publication,
    State,
    Subscribed,
    TopicLost,
    TopicState,
)
from kick_live.protocols.pusher import PusherProtocol

A, B = "chatrooms.71.v2", "channel_73"
PING = '{"event":"pusher:ping","data":{}}'
PONG = '{"event":"pusher:pong","data":{}}'


def frame(event: str, data: Any = None, channel: str | None = None) -> str:
    """A frame as a server writes it."""
    parts = {"event": event, "data": data, "channel": channel}
    return json.dumps({key: value for key, value in parts.items() if value is not None})


def greeting(timeout: object = 120, *, as_text: bool = True) -> str:
    """The server's first frame."""
    data = {"socket_id": "12.34", "activity_timeout": timeout}
    return frame("pusher:connection_established", json.dumps(data) if as_text else data)


def ack(topic: str | None, data: Any = "{}") -> str:
    """The server's answer to a subscription."""
    return frame("pusher_internal:subscription_succeeded", data, topic)


def ready(*topics: str, **settings: Any) -> PusherProtocol:
    """A protocol that was greeted at time 0 and has asked for its topics."""
    protocol = PusherProtocol(topics, **settings)
    protocol.start(0.0)
    protocol.receive([greeting()], 0.0)
    protocol.texts_to_send()
    protocol.happenings()
    return protocol


def settled() -> PusherProtocol:
    """A protocol of which the topic was acknowledged at time 0."""
    protocol = ready(A)
    protocol.receive([ack(A)], 0.0)
    protocol.happenings()
    return protocol


def ended() -> PusherProtocol:
    """A protocol that was told to come back."""
    protocol = ready(A)
    protocol.receive([frame("pusher:error", {"code": 4200, "message": "bye"})], 1.0)
    protocol.happenings()
    return protocol


def greeted_not() -> PusherProtocol:
    """A protocol that waits for its greeting."""
    protocol = PusherProtocol([A])
    protocol.start(0.0)
    return protocol


GREETING, READY, ENDED = greeted_not, lambda: ready(A), ended


# -- states x inputs


@pytest.mark.parametrize(
    ("state", "text", "after", "happened", "sent"),
    [
        (GREETING, greeting(), State.READY, [Established()], 1),
        (GREETING, greeting(as_text=False), State.READY, [Established()], 1),
        (READY, greeting(), State.READY, [], 0),
        (ENDED, greeting(), State.ENDED, [], 0),
        (GREETING, PING, State.GREETING, [], 1),
        (READY, PING, State.READY, [], 1),
        (READY, PONG, State.READY, [], 0),
        (READY, ack(A), State.READY, [Subscribed(A)], 0),
        (READY, ack(B), State.READY, [], 0),
        (READY, ack(None), State.READY, [Subscribed(A)], 0),
        (READY, ack(A, None), State.READY, [Subscribed(A)], 0),
        (READY, ack(A, {}), State.READY, [Subscribed(A)], 0),
        (READY, frame("pusher:cache_miss", None, A), State.READY, [], 0),
        (READY, frame("pusher_internal:member_added", "{}", A), State.READY, [], 0),
        (READY, frame("pusher:subscription_error", {"status": 401}), State.READY, [], 0),
        (READY, frame("E", "{}", A), State.READY, [Publication(A, "E", "{}")], 0),
        (READY, frame("E", {"raw": 1}, A), State.READY, [Publication(A, "E", {"raw": 1})], 0),
        (READY, frame("E", None, A), State.READY, [Publication(A, "E", None)], 0),
        (READY, frame("E", "1"), State.READY, [Publication(None, "E", "1")], 0),
        (READY, '{"event":"E","channel":7}', State.READY, [Publication(None, "E", None)], 0),
    ],
)
def test_each_input_has_its_consequence(
    state: Any, text: str, after: State, happened: list[Any], sent: int
) -> None:
    """A frame changes the state, and tells and sends, as the table says."""
    protocol = state()
    protocol.receive([text], 2.0)
    assert protocol.state is after
    assert protocol.happenings() == happened
    assert len(protocol.texts_to_send()) == sent
    assert protocol.undecodable == 0


def test_topics_are_asked_for_only_after_the_greeting() -> None:
    """Nothing is sent before the server has spoken; then one frame goes out for each topic."""
    protocol = PusherProtocol([A])
    protocol.subscribe([B])
    protocol.start(0.0)
    assert protocol.texts_to_send() == []
    protocol.receive([greeting()], 0.1)
    assert [json.loads(text) for text in protocol.texts_to_send()] == [
        {"event": "pusher:subscribe", "data": {"auth": "", "channel": topic}} for topic in (A, B)
    ]


def test_a_ping_is_answered_with_a_pong() -> None:
    """The answer is the frame that Pusher's own clients send."""
    protocol = ready()
    for text in ('{"event":"pusher:ping"}', '{"event":"pusher:ping","data":"{}"}', PING):
        protocol.receive([text], 1.0)
        assert protocol.texts_to_send() == [PONG]


def test_acknowledgements_without_a_topic_come_in_order() -> None:
    """Each one means the oldest topic that waits for an answer; one too many means nothing."""
    protocol = ready(A, B)
    protocol.receive([ack(None), ack(None), ack(None)], 1.0)
    assert protocol.happenings() == [Subscribed(A), Subscribed(B)]


def test_a_second_acknowledgement_is_no_news() -> None:
    """A server that acknowledges a topic twice, as soketi does, is believed once."""
    protocol = ready(A)
    protocol.receive([ack(A), ack(A)], 1.0)
    assert protocol.happenings() == [Subscribed(A)]


# -- errors


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(
    ("code", "action"),
    [
        (4000, Action.RENEGOTIATE),
        (4001, Action.RENEGOTIATE),
        (4099, Action.RENEGOTIATE),
        (4100, Action.BACK_OFF),
        (4199, Action.BACK_OFF),
        (4200, Action.RECONNECT),
        (4299, Action.RECONNECT),
        ("4201", Action.RECONNECT),
    ],
)
def test_an_error_event_ends_the_connection(code: Any, action: Action, as_text: bool) -> None:
    """The code says how to go on, whether the data is an object or text, the code a number or text."""
    data: Any = {"code": code, "message": "words"}
    protocol = ready(A)
    protocol.receive([frame("pusher:error", json.dumps(data) if as_text else data)], 1.0)
    assert protocol.happenings() == [Failed(action, int(code), "words")]
    assert protocol.state is State.ENDED


@pytest.mark.parametrize(
    "code", [4300, 4301, 4302, 4999, 0, 1000, None, "many", "9" * 40, True, []]
)
def test_other_errors_leave_the_connection_up(code: Any) -> None:
    """A code outside the three ranges, or none, is no reason to leave."""
    protocol = ready(A)
    protocol.receive([frame("pusher:error", {"code": code, "message": "words"})], 1.0)
    assert protocol.happenings() == []
    assert protocol.state is State.READY


@pytest.mark.parametrize("data", [None, "not json", "[]", [], 7, "7", {}])
def test_an_error_of_odd_shape_leaves_the_connection_up(data: Any) -> None:
    """An error event that says nothing is passed over."""
    protocol = ready(A)
    protocol.receive([frame("pusher:error", data)], 1.0)
    assert (protocol.happenings(), protocol.state) == ([], State.READY)


def test_only_the_first_error_counts() -> None:
    """What comes after the connection has ended changes nothing."""
    protocol = ready(A)
    errors = [frame("pusher:error", {"code": code, "message": ""}) for code in (4100, 4001)]
    protocol.receive(errors, 1.0)
    assert protocol.happenings() == [Failed(Action.BACK_OFF, 4100, "")]


def test_an_existing_subscription_is_ours() -> None:
    """The error without a code for a topic asked for twice acknowledges that topic."""
    protocol = ready(B, A)
    text = f"Existing subscription to channel {A}"
    protocol.receive([frame("pusher:error", {"code": None, "message": text})], 1.0)
    assert protocol.happenings() == [Subscribed(A)]
    assert protocol.topics == {B: TopicState.SUBSCRIBING, A: TopicState.SUBSCRIBED}


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ({"type": "AuthError", "error": "Denied", "status": 401}, 401, "Denied"),
        ({"error": "Bad name", "status": 4009}, 4009, "Bad name"),
        ({"type": "LimitReached"}, None, "LimitReached"),
        ('{"error": "Denied", "status": []}', None, "Denied"),
        (None, None, ""),
    ],
)
def test_a_refused_topic_is_lost_alone(data: Any, code: int | None, message: str) -> None:
    """The other topics stay; the server's words are kept."""
    protocol = ready(A, B)
    protocol.receive([ack(A), frame("pusher:subscription_error", data, B)], 1.0)
    assert protocol.happenings() == [Subscribed(A), TopicLost(B, code, message)]
    assert protocol.topics == {A: TopicState.SUBSCRIBED, B: TopicState.REFUSED}
    assert protocol.state is State.READY


# -- the close frame


@pytest.mark.parametrize(
    ("code", "action"),
    [
        (None, Action.BACK_OFF),
        (1000, Action.BACK_OFF),
        (1001, Action.BACK_OFF),
        (1006, Action.BACK_OFF),
        (1009, Action.BACK_OFF),
        (3999, Action.BACK_OFF),
        (4000, Action.RENEGOTIATE),
        (4001, Action.RENEGOTIATE),
        (4009, Action.RENEGOTIATE),
        (4099, Action.RENEGOTIATE),
        (4100, Action.BACK_OFF),
        (4199, Action.BACK_OFF),
        (4200, Action.RECONNECT),
        (4202, Action.RECONNECT),
        (4299, Action.RECONNECT),
        (4300, Action.BACK_OFF),
        (5000, Action.BACK_OFF),
    ],
)
def test_a_close_code_says_how_to_go_on(code: int | None, action: Action) -> None:
    """The ranges mean the same as in error events; a code without meaning asks for a back-off."""
    protocol = ready(A)
    assert protocol.closed(code, "words") == Failed(action, code, "words")
    assert protocol.state is State.ENDED


@pytest.mark.parametrize("close", [None, 1000, 1006])
def test_an_announced_error_explains_a_close_without_meaning(close: int | None) -> None:
    """The error event before the close counts, unless the close has a code of its own."""
    protocol = ready(A)
    protocol.receive([frame("pusher:error", {"code": 4001, "message": "no such app"})], 1.0)
    assert protocol.closed(close, "") == Failed(Action.RENEGOTIATE, 4001, "no such app")
    assert protocol.closed(4200, "") == Failed(Action.RECONNECT, 4200, "")


# -- deadlines


@pytest.mark.parametrize(
    ("server", "own", "effective"),
    [
        (30, 120.0, 30.0),
        (120, 20.0, 20.0),
        (0, 50.0, 50.0),
        (None, 50.0, 50.0),
        ("9", 50.0, 50.0),
        (True, 9.0, 9.0),
        (10**400, 50.0, 50.0),
        (1e999, 50.0, 50.0),
    ],
)
def test_the_smaller_activity_timeout_counts(server: Any, own: float, effective: float) -> None:
    """The server's value and our own compete; one that makes no sense is ignored."""
    protocol = PusherProtocol(activity_timeout=own)
    protocol.start(0.0)
    protocol.receive([greeting(server)], 10.0)
    assert protocol.deadline() == 10.0 + effective


def test_silence_asks_for_a_sign_of_life_and_then_gives_up() -> None:
    """A ping goes out after the activity time-out, once; 30 s later the connection is dead."""
    protocol = settled()
    protocol.tick(119.9)
    assert protocol.texts_to_send() == []
    protocol.tick(120.0)
    assert protocol.texts_to_send() == [PING]
    assert protocol.deadline() == 150.0
    protocol.tick(149.9)
    assert (protocol.texts_to_send(), protocol.happenings()) == ([], [])
    protocol.tick(150.0)
    (failed,) = protocol.happenings()
    assert (failed.action, failed.code) == (Action.BACK_OFF, None)
    assert protocol.deadline() is None


@pytest.mark.parametrize("text", [PONG, "not json", frame("E", "{}", A)])
def test_anything_that_arrives_is_a_sign_of_life(text: str) -> None:
    """After an answer, or any other frame, the wait begins anew."""
    protocol = settled()
    protocol.tick(120.0)
    protocol.receive([text], 121.0)
    protocol.tick(150.0)
    assert protocol.state is State.READY
    assert protocol.deadline() == 241.0


def test_a_part_of_a_frame_is_a_sign_of_life() -> None:
    """Bytes that complete no text count, too."""
    protocol = settled()
    protocol.tick(120.0)
    protocol.alive(149.0)
    protocol.tick(150.0)
    assert (protocol.state, protocol.deadline()) == (State.READY, 269.0)


def test_a_missing_greeting_ends_the_connection() -> None:
    """A server that accepts the socket and says nothing is given up after 15 s."""
    protocol = greeted_not()
    assert protocol.deadline() == 15.0
    protocol.tick(14.9)
    assert protocol.happenings() == []
    protocol.tick(15.0)
    (failed,) = protocol.happenings()
    assert failed.action is Action.BACK_OFF
    protocol.tick(99.0)
    assert protocol.happenings() == []


def test_a_new_protocol_has_no_deadline() -> None:
    """Before the socket is open there is nothing to wait for."""
    assert PusherProtocol([A]).deadline() is None


def test_a_new_token_means_nothing_here() -> None:
    """Pusher knows no tokens, so nothing is sent."""
    protocol = settled()
    protocol.refresh("t", 1.0)
    assert protocol.texts_to_send() == []


# -- topics while running


def test_a_topic_can_be_added_and_given_up_while_running() -> None:
    """Only what changes is sent."""
    protocol = ready(A)
    protocol.receive([ack(A)], 1.0)
    protocol.subscribe([A, B])
    protocol.unsubscribe([A, "unknown"])
    assert [json.loads(text) for text in protocol.texts_to_send()] == [
        {"event": "pusher:subscribe", "data": {"auth": "", "channel": B}},
        {"event": "pusher:unsubscribe", "data": {"channel": A}},
    ]
    assert protocol.topics == {B: TopicState.SUBSCRIBING}


def test_a_refused_topic_can_be_asked_for_again() -> None:
    """A second attempt is the caller's choice."""
    protocol = ready(A)
    protocol.receive([frame("pusher:subscription_error", {}, A)], 1.0)
    protocol.subscribe([A])
    assert len(protocol.texts_to_send()) == 1
    protocol.receive([ack(A)], 2.0)
    assert protocol.topics == {A: TopicState.SUBSCRIBED}


def test_before_the_greeting_topics_come_and_go_silently() -> None:
    """What was given up before the connection stands is never asked for."""
    protocol = PusherProtocol([A, B])
    protocol.start(0.0)
    protocol.unsubscribe([A])
    protocol.receive([greeting()], 1.0)
    (text,) = protocol.texts_to_send()
    assert json.loads(text)["data"]["channel"] == B


def test_an_answer_for_a_topic_given_up_is_no_news() -> None:
    """The acknowledgement or refusal may cross our leaving."""
    protocol = ready(A)
    protocol.unsubscribe([A])
    protocol.receive([ack(A), frame("pusher:subscription_error", {}, A)], 1.0)
    assert protocol.happenings() == []


# -- frames that make no sense


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "7", '"x"', "{", '{"data":"{}"}', '{"event":7}', "[" * 100_000, "\ud800"],
)
def test_nonsense_is_counted_and_left_out(text: str) -> None:
    """The frames around it get through."""
    protocol = ready(A)
    protocol.receive([frame("E", "1"), text, frame("F", "2")], 1.0)
    assert [item.name for item in protocol.happenings()] == ["E", "F"]
    assert protocol.undecodable == 1
    assert protocol.state is State.READY


def test_nonsense_is_logged_ten_times_at_most(caplog: pytest.LogCaptureFixture) -> None:
    """A server gone mad does not fill a disk."""
    protocol = ready(A)
    with caplog.at_level("INFO", "kick_live"):
        protocol.receive(["{"] * 50, 1.0)
    assert protocol.undecodable == 50
    assert len(caplog.records) == 10


# -- an exchange as recorded with a server by others (November 2026)


def test_an_exchange_with_a_foreign_server_is_understood() -> None:
    """Acks without data, objects as data, both kinds of refusal, a ping, then the app is gone."""
    protocol = PusherProtocol([A, B, "bad channel!"])
    protocol.start(0.0)
    texts = [
        '{"event":"pusher:connection_established",'
        '"data":"{\\"socket_id\\":\\"15.86\\",\\"activity_timeout\\":30}"}',
        f'{{"event":"pusher_internal:subscription_succeeded","channel":"{A}"}}',
        f'{{"event":"pusher_internal:subscription_succeeded","channel":"{A}"}}',
        f'{{"event":"pusher:subscription_error","channel":"{B}",'
        '"data":{"type":"AuthError","error":"Unauthorized.","status":401}}',
        '{"event":"pusher:subscription_error","channel":"bad channel!",'
        '"data":{"error":"Not allowed.","status":4009}}',
        f'{{"event":"obj","channel":"{A}","data":{{"raw":1}}}}',
        '{"event":"pusher:pong","data":{}}',
        '{"event":"pusher:error","data":{"code":4200,"message":"Server closed."}}',
    ]
    protocol.receive(texts, 1.0)
    assert protocol.happenings() == [
        Established(),
        Subscribed(A),
        TopicLost(B, 401, "Unauthorized."),
        TopicLost("bad channel!", 4009, "Not allowed."),
        Publication(A, "obj", {"raw": 1}),
        Failed(Action.RECONNECT, 4200, "Server closed."),
    ]
    assert protocol.closed(4200, "") == Failed(Action.RECONNECT, 4200, "")


@given(
    texts=st.lists(
        st.sampled_from(
            [
                greeting(),
                ack(A),
                PING,
                frame("E", "1", A),
                frame("é", {"x": "ü"}, A),
                frame("F", None),
                frame("pusher:error", {"code": 4200, "message": "bye"}),
                *("", " ", "{", "}", "null", "[]", '{"event":7}', "{},{}", "{}{}"),
                ",".join([frame("E", "1", A)] * 2),
            ]
        ),
        max_size=8,
    )
)
def test_texts_one_by_one_and_together_give_the_same(texts: list[str]) -> None:
    """How many texts one read brings changes nothing."""
    single, together, as_text = greeted_not(), greeted_not(), greeted_not()
    together.receive([text.encode() for text in texts], 1.0)
    as_text.receive(texts, 1.0)
    for text in texts:
        single.receive([text.encode()], 1.0)
    happened, answers = single.happenings(), sorted(single.texts_to_send())
    for other in (together, as_text):
        assert other.happenings() == happened
        assert sorted(other.texts_to_send()) == answers  # an answer to a ping comes last
        assert other.undecodable == single.undecodable
        assert (other.state, other.topics) == (single.state, single.topics)
