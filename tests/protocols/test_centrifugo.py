"""CentrifugoProtocol: what it says and concludes, text by text."""

from __future__ import annotations

import json
from collections.abc import Callable
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
    TokenWanted,
    TopicInterrupted,
    TopicLost,
    TopicState,
)
from kick_live.protocols.centrifugo import CentrifugoProtocol

A, B = "chatrooms.71.v2", "channel_73"
SUBSCRIBE_A, SUBSCRIBE_B = 2, 3


def reply(number: object, command: str, **body: Any) -> str:
    """The server's answer to a command."""
    return json.dumps({"id": number, command: body})


def error(number: int, code: Any, message: str = "words", **more: Any) -> str:
    """The server's refusal of a command."""
    return reply(number, "error", code=code, message=message, **more)


def push(topic: str | None = None, **body: Any) -> str:
    """Something that the server sends unasked."""
    return json.dumps({"push": {**({} if topic is None else {"channel": topic}), **body}})


def pub(data: Any, topic: str | None = A, **more: Any) -> str:
    """A publication."""
    return push(topic, pub={"data": data}, **more)


CONNECTED = reply(1, "connect", client="c", version="6", ping=25, pong=True, expires=True, ttl=2700)


def commands(protocol: CentrifugoProtocol) -> list[dict[str, Any]]:
    """What is to be sent, command by command."""
    return [json.loads(line) for text in protocol.texts_to_send() for line in text.split("\n")]


def greeted_not() -> CentrifugoProtocol:
    """A protocol that waits for the connect reply."""
    protocol = CentrifugoProtocol([A, B], token="t")
    protocol.start(0.0)
    protocol.texts_to_send()
    return protocol


def ready() -> CentrifugoProtocol:
    """A protocol that was accepted at time 0 and has asked for its topics."""
    protocol = greeted_not()
    protocol.receive([CONNECTED], 0.0)
    protocol.texts_to_send()
    protocol.happenings()
    return protocol


def settled() -> CentrifugoProtocol:
    """A protocol of which both topics were acknowledged at time 0."""
    protocol = ready()
    protocol.receive([reply(SUBSCRIBE_A, "subscribe"), reply(SUBSCRIBE_B, "subscribe")], 0.0)
    protocol.happenings()
    return protocol


def without_topics() -> CentrifugoProtocol:
    """A protocol that waits for the connect reply and wants nothing."""
    protocol = CentrifugoProtocol(token="t")
    protocol.start(0.0)
    protocol.texts_to_send()
    return protocol


def ended() -> CentrifugoProtocol:
    """A protocol that the server has sent away."""
    protocol = ready()
    protocol.receive([push(disconnect={"code": 3001, "reason": "shutdown"})], 0.0)
    protocol.happenings()
    return protocol


State_ = Callable[[], CentrifugoProtocol]
E_ = {"event": "E", "data": "1"}


@pytest.mark.parametrize(
    ("state", "text", "after", "happened", "sent"),
    [
        (greeted_not, CONNECTED, State.READY, [Established()], 2),
        (greeted_not, reply(1, "connect"), State.READY, [Established()], 2),
        (greeted_not, '{"id":1,"connect":7}', State.READY, [Established()], 2),
        (ready, CONNECTED, State.READY, [], 0),
        (ended, CONNECTED, State.ENDED, [], 0),
        (greeted_not, "{}", State.GREETING, [], 0),
        (ready, "{}", State.READY, [], 1),
        (ready, "", State.READY, [], 0),
        (ready, " \r\n\n ", State.READY, [], 0),
        (ready, reply(2, "subscribe"), State.READY, [Subscribed(A)], 0),
        (ready, reply(2, "subscribe", recoverable=True, epoch="x"), State.READY, [Subscribed(A)], 0),
        (ready, error(2, 105), State.READY, [Subscribed(A)], 0),
        (ready, error(2, 103), State.READY, [TopicLost(A, 103, "words")], 0),
        (ready, error(2, 102), State.READY, [TopicLost(A, 102, "words")], 0),
        (ready, error(2, None), State.READY, [TopicLost(A, None, "words")], 0),
        (ready, error(2, "103"), State.READY, [TopicLost(A, None, "words")], 0),
        (ready, error(2, 106), State.READY, [TopicLost(A, 106, "words", True)], 0),
        (ready, error(2, 109), State.READY, [], 0),
        (ready, error(2, 100, temporary=True), State.READY, [], 0),
        (ready, reply(99, "subscribe"), State.READY, [], 0),
        (ready, error(99, 103), State.READY, [], 0),
        (ready, reply(99, "rpc"), State.READY, [], 0),
        (ready, push(A, join={"info": {}}), State.READY, [], 0),
        (ready, push(A, leave={"info": {}}), State.READY, [], 0),
        (ready, push(message={"data": {}}), State.READY, [], 0),
        (ready, push(A, subscribe={}), State.READY, [], 0),
        (ready, push(A, unsubscribe={"code": 2000, "reason": "words"}), State.READY,
         [TopicLost(A, 2000, "words")], 0),
        (ready, push(A, unsubscribe={"code": 2499}), State.READY, [TopicLost(A, 2499, "")], 0),
        (ready, push(A, unsubscribe={}), State.READY, [TopicLost(A, None, "")], 0),
        (ready, push(A, unsubscribe={"code": 2500}), State.READY, [], 1),
        (ready, push(A, unsubscribe={"code": 2502}), State.READY, [], 1),
        (ready, push("other", unsubscribe={"code": 2500}), State.READY, [], 0),
        (ready, push(unsubscribe={"code": 2000}), State.READY, [], 0),
        (ready, pub(E_), State.READY, [Publication(A, "E", "1")], 0),
        (ready, pub({"event": "E", "data": {"x": 1}}), State.READY,
         [Publication(A, "E", {"x": 1})], 0),
        (ready, pub({"event": "E"}), State.READY, [Publication(A, "E", None)], 0),
        (ready, pub(json.dumps(E_)), State.READY, [Publication(A, "E", "1")], 0),
        (ready, pub(E_, tags={"k": "v"}), State.READY, [Publication(A, "E", "1")], 0),
        (ready, pub(E_, topic=None), State.READY, [Publication(None, "E", "1")], 0),
    ],
)  # fmt: skip
def test_each_input_has_its_consequence(
    state: State_, text: str, after: State, happened: list[Any], sent: int
) -> None:
    """A message changes the state, and tells and sends, as the table says."""
    protocol = state()
    protocol.receive([text], 2.0)
    assert protocol.state is after
    assert protocol.happenings() == happened
    assert len(commands(protocol)) == sent
    assert protocol.undecodable == 0


# -- connecting


def test_the_token_is_sent_first_and_topics_after_the_reply() -> None:
    """The connect command goes out with the socket; subscriptions travel together, without flags."""
    protocol = CentrifugoProtocol([A, B], token="secret")
    protocol.start(0.0)
    assert commands(protocol) == [{"id": 1, "connect": {"token": "secret", "name": "js"}}]
    protocol.receive([CONNECTED], 0.1)
    (text,) = protocol.texts_to_send()
    assert [json.loads(line) for line in text.split("\n")] == [
        {"id": 2, "subscribe": {"channel": A}},
        {"id": 3, "subscribe": {"channel": B}},
    ]


def test_without_a_token_none_is_sent() -> None:
    """A server that takes anonymous connections is not shown an empty token."""
    protocol = CentrifugoProtocol()
    protocol.start(0.0)
    assert commands(protocol) == [{"id": 1, "connect": {"name": "js"}}]


def test_many_topics_stay_within_the_size_of_a_message() -> None:
    """The server takes 64 KB in one message; a turn of the longest names stays below."""
    protocol = CentrifugoProtocol(["x" * 190 + str(number) for number in range(250)])
    protocol.start(0.0)
    protocol.texts_to_send()
    protocol.receive([CONNECTED], 0.0)
    (text,) = protocol.texts_to_send()
    assert text.count("\n") > 1
    assert len(text) < 64_000


@pytest.mark.parametrize(
    ("code", "more", "action"),
    [
        (109, {}, Action.NEW_TOKEN),
        (99, {}, Action.BACK_OFF),
        (None, {}, Action.BACK_OFF),
        (100, {"temporary": True}, Action.BACK_OFF),
        (111, {"temporary": True}, Action.BACK_OFF),
        (111, {"temporary": "yes"}, Action.TERMINAL),
        (100, {}, Action.TERMINAL),
        (101, {}, Action.TERMINAL),
        (103, {}, Action.TERMINAL),
        (108, {}, Action.TERMINAL),
    ],
)
def test_a_refused_connection_says_how_to_go_on(
    code: int | None, more: dict[str, Any], action: Action
) -> None:
    """The code of the connect error decides whether this identity may come back."""
    protocol = greeted_not()
    protocol.receive([error(1, code, **more)], 1.0)
    assert protocol.happenings() == [Failed(action, code, "words")]
    assert protocol.state is State.ENDED


# -- being sent away

_CODES = [
    (None, Action.BACK_OFF),
    (1000, Action.BACK_OFF),
    (1006, Action.BACK_OFF),
    (1009, Action.BACK_OFF),
    (2999, Action.BACK_OFF),
    (3000, Action.BACK_OFF),
    (3001, Action.BACK_OFF),
    (3005, Action.NEW_TOKEN),
    (3006, Action.BACK_OFF),
    (3012, Action.BACK_OFF),
    (3014, Action.NEW_TOKEN),
    (3499, Action.BACK_OFF),
    (3500, Action.TERMINAL),
    (3507, Action.TERMINAL),
    (3999, Action.TERMINAL),
    (4000, Action.BACK_OFF),
    (4499, Action.BACK_OFF),
    (4500, Action.TERMINAL),
    (4999, Action.TERMINAL),
    (5000, Action.BACK_OFF),
]


@pytest.mark.parametrize(("code", "action"), _CODES)
def test_a_close_code_says_how_to_go_on(code: int | None, action: Action) -> None:
    """The ranges decide."""
    assert ready().closed(code, "words") == Failed(action, code, "words")


@pytest.mark.parametrize(("code", "action"), _CODES)
def test_a_disconnect_push_means_the_same_as_a_close(code: int | None, action: Action) -> None:
    """The server may say it in a message; the close that follows adds nothing."""
    protocol = ready()
    protocol.receive([push(disconnect={"code": code, "reason": "words"})], 1.0)
    failed = Failed(action, code, "words")
    assert protocol.happenings() == [failed]
    assert protocol.closed(1000, "") == failed


@pytest.mark.parametrize("code", ["3500", [], {}, True, None])
def test_a_disconnect_of_odd_shape_asks_for_a_back_off(code: Any) -> None:
    """A code that is no number means nothing."""
    protocol = ready()
    protocol.receive([push(disconnect={"code": code})], 1.0)
    (failed,) = protocol.happenings()
    assert failed.action is Action.BACK_OFF


# -- topics


def waits(protocol: CentrifugoProtocol, answer: Callable[[int], str]) -> list[float]:
    """Refuse a topic over and over; how long it waits each time until it asks again."""
    now, number, found = 0.0, SUBSCRIBE_A, []
    while True:
        protocol.alive(now)
        protocol.receive([answer(number)], now)
        if protocol.happenings():
            return found
        at = protocol.deadline()
        assert at is not None
        protocol.tick(at - 0.01)
        assert commands(protocol) == []
        protocol.tick(at)
        (command,) = commands(protocol)
        assert command["subscribe"] == {"channel": A}
        found.append(at - now)
        now, number = at, command["id"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda number: error(number, 109),
        lambda number: error(number, 100, temporary=True),
        lambda number: error(number, 106, temporary=True),
    ],
)
def test_a_temporary_refusal_is_retried_with_growing_waits(answer: Callable[[int], str]) -> None:
    """The topic is asked for after 1, 2, 4, 8, then every 16 s; after the fifth time it is reported."""
    protocol = ready()
    protocol.receive([reply(SUBSCRIBE_B, "subscribe")], 0.0)
    protocol.happenings()
    assert waits(protocol, answer) == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert protocol.topics[A] is TopicState.REFUSED
    assert protocol.state is State.READY


def test_a_topic_that_was_refused_for_minutes_is_received_again() -> None:
    """It is reported once, and its return is told like any acknowledgement."""
    protocol = ready()
    protocol.receive([error(SUBSCRIBE_A, 100, temporary=True)], 0.0)
    number, now, told = 0, 0.0, []
    for _ in range(20):
        now = protocol.deadline() or 0.0
        protocol.alive(now)
        protocol.tick(now)
        (command,) = commands(protocol)
        number = command["id"]
        protocol.receive([error(number, 100, temporary=True)], now)
        told += protocol.happenings()
    assert [type(happening) for happening in told] == [TopicLost]
    assert now > 200
    protocol.alive(now + 16.0)
    protocol.tick(now + 16.0)
    (command,) = commands(protocol)
    protocol.receive([reply(command["id"], "subscribe")], now + 16.0)
    assert protocol.happenings() == [Subscribed(A)]


def test_success_resets_the_waits() -> None:
    """A topic that was acknowledged in between begins again with a second."""
    protocol = ready()
    protocol.receive([error(SUBSCRIBE_A, 109)], 0.0)
    protocol.tick(1.0)
    (command,) = commands(protocol)
    protocol.receive([reply(command["id"], "subscribe")], 1.5)
    protocol.receive([push(A, unsubscribe={"code": 2500})], 2.0)
    (command,) = commands(protocol)
    protocol.receive([error(command["id"], 109)], 3.0)
    assert protocol.deadline() == 4.0


def test_a_topic_given_up_is_not_asked_for_again() -> None:
    """Leaving ends the retries, even if the refusal comes later."""
    protocol = ready()
    protocol.receive([error(SUBSCRIBE_A, 109)], 0.0)
    protocol.unsubscribe([A, B])
    protocol.receive([error(SUBSCRIBE_B, 109)], 0.5)
    assert [command.get("unsubscribe") for command in commands(protocol)] == [
        {"channel": A},
        {"channel": B},
    ]
    protocol.alive(20.0)
    protocol.tick(20.0)
    assert commands(protocol) == []
    assert protocol.topics == {}


def test_a_retry_that_is_due_after_the_end_is_forgotten() -> None:
    """A connection that is over asks for nothing."""
    protocol = ready()
    protocol.receive([error(SUBSCRIBE_A, 109)], 0.0)
    protocol.receive([push(disconnect={"code": 3001})], 0.5)
    protocol.tick(2.0)
    assert commands(protocol) == []
    assert protocol.deadline() is None


def test_a_topic_that_waits_is_not_asked_for_twice_in_a_row() -> None:
    """Asking for it again meanwhile sends one command, and the due retry must not lose the topic."""
    protocol = ready()
    protocol.receive([error(SUBSCRIBE_A, 109)], 0.0)
    protocol.subscribe([A])
    (command,) = commands(protocol)
    protocol.receive([reply(command["id"], "subscribe")], 0.5)
    protocol.alive(5.0)
    protocol.tick(5.0)
    assert commands(protocol) == []
    assert protocol.topics[A] is TopicState.SUBSCRIBED


def test_adding_and_leaving_while_running_send_one_command_each() -> None:
    """Topics already held are left alone."""
    protocol = ready()
    protocol.receive([reply(2, "subscribe"), reply(3, "subscribe")], 1.0)
    protocol.subscribe([A, "new"])
    protocol.unsubscribe([B])
    assert commands(protocol) == [
        {"id": 4, "subscribe": {"channel": "new"}},
        {"id": 5, "unsubscribe": {"channel": B}},
    ]
    protocol.receive([reply(5, "unsubscribe"), error(4, 103)], 2.0)
    assert protocol.topics == {A: TopicState.SUBSCRIBED, "new": TopicState.REFUSED}


def test_replies_may_come_in_any_order_among_pushes() -> None:
    """Each reply is matched by its number."""
    protocol = ready()
    protocol.receive([reply(3, "subscribe") + "\n" + pub(E_) + "\n" + reply(2, "subscribe")], 1.0)
    assert protocol.happenings() == [Subscribed(B), Publication(A, "E", "1"), Subscribed(A)]


def test_a_topic_that_is_taken_away_again_and_again_waits_longer_each_time() -> None:
    """The first time it is asked for at once, and so it is after a minute of peace."""
    protocol = ready()
    protocol.receive([reply(SUBSCRIBE_B, "subscribe")], 0.0)
    protocol.happenings()
    now, number = 0.0, SUBSCRIBE_A
    found = []
    for pause in (5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 61.0):
        protocol.receive([reply(number, "subscribe")], now)
        assert protocol.happenings() == [Subscribed(A)]
        now += pause
        protocol.receive([push(A, unsubscribe={"code": 2500})], now)
        assert protocol.happenings() == [TopicInterrupted(A)]
        asked = commands(protocol)
        at = now
        while not asked:
            assert at < now + 60
            at += 0.5
            protocol.alive(at)
            protocol.tick(at)
            asked = commands(protocol)
        found.append(at - now)
        now, number = at, asked[0]["id"]
    assert found == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 0.0]


# -- numbers in place of topics


def test_numbers_stand_for_the_topics_they_were_given_for() -> None:
    """A server that compacts topics without being asked is understood."""
    protocol = ready()
    protocol.receive([reply(2, "subscribe", id=63), push(id=63, pub={"data": E_})], 1.0)
    assert protocol.happenings() == [Subscribed(A), Publication(A, "E", "1")]


@pytest.mark.parametrize("number", [64, "63", None, [63]])
def test_an_unknown_number_is_counted_and_left_out(number: Any) -> None:
    """A publication without a place is worse than none."""
    protocol = ready()
    protocol.receive([reply(2, "subscribe", id=63)], 1.0)
    protocol.happenings()
    protocol.receive([push(id=number, pub={"data": E_})], 1.0)
    assert (protocol.happenings(), protocol.undecodable) == ([], 1)


# -- the token's life


def test_a_new_token_is_asked_for_before_the_old_one_ends() -> None:
    """15 s before the end, once; the server's answer sets the next time."""
    protocol = settled()
    protocol.alive(2680.0)
    protocol.tick(2684.9)
    assert protocol.happenings() == []
    protocol.tick(2685.0)
    protocol.tick(2686.0)
    assert protocol.happenings() == [TokenWanted()]
    protocol.refresh("t2", 2687.0)
    (command,) = commands(protocol)
    assert command["refresh"] == {"token": "t2"}
    protocol.receive([reply(command["id"], "refresh", expires=True, ttl=100)], 2690.0)
    protocol.alive(2774.0)
    protocol.tick(2774.9)
    assert protocol.happenings() == []
    protocol.tick(2775.0)
    assert protocol.happenings() == [TokenWanted()]


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"expires": True, "ttl": 60}, 45.0),
        ({"ttl": 60}, 45.0),
        ({"expires": True, "ttl": 16}, 5.0),
        ({"expires": True, "ttl": 1}, 5.0),
        ({"expires": False, "ttl": 60}, None),
        ({"expires": True}, None),
        ({"ttl": 0}, None),
        ({"ttl": -5}, None),
        ({"ttl": "60"}, None),
        ({"ttl": True}, None),
    ],
)
def test_the_time_to_live_sets_the_time(body: dict[str, Any], at: float | None) -> None:
    """Never sooner than 5 s; a time to live that makes no sense sets none."""
    protocol = without_topics()
    protocol.receive([reply(1, "connect", **body)], 0.0)
    assert protocol.deadline() == at


def test_the_server_may_move_the_end_of_the_token() -> None:
    """A refresh push, and one that says tokens never end."""
    protocol = settled()
    protocol.receive([push(refresh={"expires": True, "ttl": 30})], 1.0)
    assert protocol.deadline() == 16.0
    protocol.receive([push(refresh={"expires": False})], 2.0)
    assert protocol.deadline() == 37.0


@pytest.mark.parametrize("code", [109, 101, None])
def test_a_refused_refresh_asks_for_a_new_connection(code: int | None) -> None:
    """Whatever the code, a new token and a new connection are the way out."""
    protocol = settled()
    protocol.refresh("t2", 1.0)
    (command,) = commands(protocol)
    protocol.receive([error(command["id"], code)], 2.0)
    assert protocol.happenings() == [Failed(Action.NEW_TOKEN, code, "words")]


def test_a_token_that_comes_too_late_is_not_sent() -> None:
    """After the end, or before the reply, there is nobody to send it to."""
    for protocol in (ended(), greeted_not()):
        protocol.refresh("t2", 1.0)
        assert commands(protocol) == []


# -- signs of life


def test_pings_are_answered_only_if_the_server_wants_it() -> None:
    """An answer that was not asked for would close the connection (seen November 2026)."""
    protocol = greeted_not()
    protocol.receive([reply(1, "connect", ping=25)], 0.0)
    protocol.texts_to_send()
    protocol.receive(["{}", "{}"], 1.0)
    assert protocol.texts_to_send() == []


def test_a_silent_server_is_given_up_after_its_ping_and_10_s() -> None:
    """Anything that arrives starts the wait anew."""
    protocol = settled()
    assert protocol.deadline() == 35.0
    protocol.receive(["{}"], 20.0)
    protocol.tick(54.9)
    assert protocol.happenings() == []
    protocol.tick(55.0)
    (failed,) = protocol.happenings()
    assert failed.action is Action.BACK_OFF
    assert protocol.deadline() is None


@pytest.mark.parametrize("ping", [0, -1, None, "25", []])
def test_a_server_without_pings_is_never_given_up(ping: Any) -> None:
    """Without an interval silence means nothing."""
    protocol = without_topics()
    protocol.receive([reply(1, "connect", ping=ping)], 0.0)
    assert protocol.deadline() is None
    protocol.tick(10_000.0)
    assert protocol.state is State.READY


@pytest.mark.parametrize("value", [1e999, 10**400, 1e15])
def test_an_absurd_interval_makes_no_absurd_wait(value: Any) -> None:
    """It is passed over, or bounded: a selector takes no wait of months."""
    protocol = without_topics()
    protocol.receive([reply(1, "connect", ping=value, ttl=value)], 0.0)
    deadline = protocol.deadline()
    assert deadline is None or deadline <= 100_000.0
    assert protocol.state is State.READY


def test_a_missing_connect_reply_ends_the_connection() -> None:
    """A server that accepts the socket and says nothing is given up after 15 s."""
    protocol = greeted_not()
    assert protocol.deadline() == 15.0
    protocol.tick(14.9)
    assert protocol.happenings() == []
    protocol.tick(15.0)
    (failed,) = protocol.happenings()
    assert failed.action is Action.BACK_OFF


def test_a_connect_reply_that_comes_too_late_is_no_news() -> None:
    """Once given up, the connection stays given up."""
    protocol = greeted_not()
    protocol.tick(15.0)
    protocol.happenings()
    protocol.receive([CONNECTED], 16.0)
    assert (protocol.state, protocol.happenings()) == (State.ENDED, [])


def test_a_refusal_to_let_a_topic_go_is_no_news() -> None:
    """The topic is given up either way."""
    protocol = settled()
    protocol.unsubscribe([A])
    (command,) = commands(protocol)
    protocol.receive([error(command["id"], 103)], 1.0)
    assert (protocol.state, protocol.happenings()) == (State.READY, [])


def test_a_new_protocol_has_no_deadline() -> None:
    """Before the socket is open there is nothing to wait for."""
    protocol = CentrifugoProtocol([A])
    protocol.tick(100.0)
    assert (protocol.deadline(), protocol.happenings()) == (None, [])


# -- pieces that make no sense


@pytest.mark.parametrize(
    "line",
    [
        *("{oops", "[]", "null", "7", '"x"', '{"x":1}', '{"id":"1","connect":{}}', "[" * 100_000),
        *(pub(7), pub(None), pub([]), pub("text"), pub({}), pub({"event": 7}), push(A, pub=7)),
        '{"id":2,"error":"denied"}',
        "\ud800",
    ],
)
def test_a_bad_piece_does_not_lose_its_neighbours(line: str) -> None:
    """It is counted; what stands before and after it in the same message gets through."""
    protocol = ready()
    protocol.receive([f"{pub(E_)}\n{line}\n{reply(3, 'subscribe')}"], 1.0)
    happened = protocol.happenings()
    assert happened[0] == Publication(A, "E", "1")
    assert happened[-1] == Subscribed(B)
    assert protocol.undecodable == 1
    assert protocol.state is State.READY


def test_tokens_are_in_no_repr_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """A protocol that is printed, or meets nonsense, keeps its secret."""
    protocol = CentrifugoProtocol([A], token="s3cret")
    with caplog.at_level("DEBUG"):
        protocol.start(0.0)
        protocol.receive(["{", error(1, 101)], 0.0)
    assert "s3cret" not in repr(protocol) + caplog.text + repr(protocol.happenings())


# -- an exchange as recorded with a server by others (November 2026)


def test_an_exchange_with_a_foreign_server_is_understood() -> None:
    """Connected and subscribed in one message, batches, numbers, pings, refreshes, shutdown."""
    protocol = CentrifugoProtocol([A, "deny:1", "compact:1"], token="t")
    protocol.start(0.0)
    texts = [
        '{"id":1,"connect":{"client":"c1","version":"6.x","expires":true,"ttl":4,"ping":2,'
        '"pong":true}}\n{"id":2,"subscribe":{}}',
        '{"id":3,"error":{"code":103,"message":"permission denied"}}',
        '{"id":4,"subscribe":{"id":63}}',
        f'{{"push":{{"channel":"{A}","pub":{{"data":{{"event":"E","data":"{{}}"}}}}}}}}\n'
        f'{{"push":{{"channel":"{A}","pub":{{"data":{{"event":"E","data":{{}}}},"offset":1}}}}}}',
        '{"push":{"id":63,"pub":{"data":{"event":"F","data":"{}"}}}}',
        "{}",
        '{"push":{"channel":"chatrooms.71.v2","unsubscribe":{"code":2000,"reason":"server"}}}',
    ]
    protocol.receive(texts, 1.0)
    assert protocol.happenings() == [
        Established(),
        Subscribed(A),
        TopicLost("deny:1", 103, "permission denied"),
        Subscribed("compact:1"),
        Publication(A, "E", "{}"),
        Publication(A, "E", {}),
        Publication("compact:1", "F", "{}"),
        TopicLost(A, 2000, "server"),
    ]
    assert protocol.texts_to_send()[-1] == "{}"
    assert protocol.closed(3001, "shutdown") == Failed(Action.BACK_OFF, 3001, "shutdown")


@given(
    lines=st.lists(
        st.sampled_from(
            [
                CONNECTED,
                reply(2, "subscribe"),
                error(3, 109),
                pub(E_),
                pub({**E_, "data": "ü"}),
                pub({"event": "F", "data": {"x": 1}}),
                pub({}, A),
                push(disconnect={"code": 3001, "reason": "shutdown"}),
                *("{}", "{", "}", "null", "[]", "7", '{"push":7}', ""),
            ]
        ),
        max_size=8,
    )
)
def test_texts_one_by_one_and_together_give_the_same(lines: list[str]) -> None:
    """How the server cuts its messages changes nothing."""
    single, together, as_text, batch = (greeted_not() for _ in range(4))
    together.receive([line.encode() for line in lines], 1.0)
    as_text.receive(lines, 1.0)
    batch.receive(["\n".join(lines).encode()], 1.0)
    for line in lines:
        single.receive([line.encode()], 1.0)
    happened, answers = single.happenings(), sorted(single.texts_to_send())
    for other in (together, as_text, batch):
        assert other.happenings() == happened
        assert sorted(other.texts_to_send()) == answers  # an answer to a ping comes last
        assert other.undecodable == single.undecodable
        assert (other.state, other.topics) == (single.state, single.topics)
