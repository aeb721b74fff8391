"""What the two protocols have in common.

A protocol object is fed with texts and the time, and asked for texts to send, for what happened, and
for the time at which it wants to be asked again. It never touches a socket, a clock or a thread::

    protocol.start(now)
    protocol.receive(texts, now)        texts that arrived
    protocol.tick(now)                  a deadline has passed
    protocol.texts_to_send()            what to send now
    protocol.happenings()               what happened since the last call
    protocol.deadline()                 when to call tick()

States::

    NEW --start--> GREETING --greeting or connect reply--> READY
    GREETING, READY --final error, closed, silence--> ENDED
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec
from attrs import frozen

from kick_live.words import server_words

__all__ = [
    "MOST_PONGS",
    "Action",
    "CodeTable",
    "Established",
    "Failed",
    "Happening",
    "Protocol",
    "Provider",
    "Publication",
    "State",
    "Subscribed",
    "TokenWanted",
    "TopicInterrupted",
    "TopicLost",
    "TopicState",
    "action_for",
    "as_str",
    "earliest",
    "sane_seconds",
]

_logger = logging.getLogger(__name__)

Provider: TypeAlias = Literal["pusher", "centrifugo"]


class State(enum.Enum):
    """Where a connection's protocol stands."""

    NEW = "new"
    GREETING = "greeting"
    READY = "ready"
    ENDED = "ended"


class TopicState(enum.Enum):
    """Where a subscription stands."""

    WAITING = "waiting"
    SUBSCRIBING = "subscribing"
    SUBSCRIBED = "subscribed"
    REFUSED = "refused"


class Action(enum.Enum):
    """What a code asks the client to do."""

    IGNORE = "stay connected"
    RECONNECT = "reconnect at once, at a bounded rate"
    BACK_OFF = "reconnect after a growing wait"
    NEW_TOKEN = "reconnect with a new token"  # nosec B105  # an explanation
    RENEGOTIATE = "ask for fresh credentials, then give up"
    TERMINAL = "do not come back with this identity"


#: Rows of first code, last code, action; the first row that fits counts.
CodeTable: TypeAlias = tuple[tuple[int, int, Action], ...]


def action_for(code: int | None, table: CodeTable) -> Action:
    """What a code asks for; an unknown code asks for a back-off."""
    if code is not None:
        for first, last, action in table:
            if first <= code <= last:
                return action
    return Action.BACK_OFF


class Publication(msgspec.Struct, gc=False, rename={"topic": "channel", "name": "event"}):
    """Something published on a topic: a name and a payload, not yet decoded.

    Its fields are those of a frame on Pusher, so that such a frame is decoded into it.

    Attributes:
        topic: Where; ``None`` where the server did not say.
        name: Kick's name for the event.
        data: The payload's text, or whatever stood in its place.
    """

    topic: str | None
    name: str
    data: Any


@frozen
class Established:
    """The server accepted the connection."""


@frozen
class Subscribed:
    """The server acknowledged a topic."""

    topic: str


@frozen
class TopicLost:
    """The server refused a topic, or took it away.

    Attributes:
        topic: Which one.
        code: The server's code or status, or ``None``.
        message: The server's words.
        full: Whether the connection holds too many topics, so that another one may take it.
    """

    topic: str
    code: int | None = None
    message: str = ""
    full: bool = False


@frozen
class TopicInterrupted:
    """The server took a topic away and will give it back: until then events may be missed."""

    topic: str


@frozen
class TokenWanted:
    """The token runs out soon: fetch a new one and pass it to ``refresh``."""


@frozen
class Failed:
    """The connection is of no more use.

    Attributes:
        action: What to do about it.
        code: The server's code, or ``None``.
        reason: In words.
    """

    action: Action
    code: int | None = None
    reason: str = ""


Happening: TypeAlias = (
    Publication | Established | Subscribed | TopicInterrupted | TopicLost | TokenWanted | Failed
)

_LONGEST: Final = 1e9
#: No server pings or expires more slowly, and a wait of weeks overflows a selector.
_DAY: Final = 86400.0
#: In answer to one read, so that a flood of pings is not answered by another.
MOST_PONGS: Final = 10
_RETRY_TOPIC_AFTER: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
#: Topics asked for at once, and the seconds until as many again.
_TOPICS_A_TURN: Final = 24
_TURN: Final = 0.25
#: A topic that was kept for so long is asked for at once when it is taken away.
_TOPIC_STABLE_AFTER: Final = 60.0


class Protocol:
    """Base of both protocols: topics, deadlines, and what goes out.

    Attributes:
        provider: ``"pusher"`` or ``"centrifugo"``.
        state: Where it stands.
        undecodable: Frames, or parts of frames, that made no sense.
    """

    provider: Provider
    close_codes: CodeTable

    def __init__(self, topics: Iterable[str] = ()) -> None:
        self.state = State.NEW
        self.undecodable = 0
        self._topics: dict[str, TopicState] = dict.fromkeys(topics, TopicState.WAITING)
        self._retries: dict[str, int] = {}
        self._retry_at: dict[str, float] = {}
        self._interruptions: dict[str, tuple[int, float]] = {}
        self._to_ask: dict[str, None] = {}
        self._left_in_turn = _TOPICS_A_TURN
        self._next_turn = 0.0
        self._out: list[str] = []
        self._happened: list[Happening] = []
        self.last_received = 0.0
        self._failure: Failed | None = None

    # -- topics

    @property
    def topics(self) -> dict[str, TopicState]:
        """A copy of the topics and where each stands."""
        return dict(self._topics)

    def subscribe(self, topics: Iterable[str]) -> None:
        """Ask for topics; those already asked for are left alone."""
        new = [
            topic
            for topic in topics
            if self._topics.get(topic) in (None, TopicState.WAITING, TopicState.REFUSED)
        ]
        self._topics.update(dict.fromkeys(new, TopicState.WAITING))
        if self.state is State.READY:
            self._ask_for(new)

    def unsubscribe(self, topics: Iterable[str]) -> None:
        """Give topics up; unknown ones are ignored."""
        for topic in topics:
            if self._topics.pop(topic, None) is not None and self.state is State.READY:
                self._give_up(topic)
            self._retry_at.pop(topic, None)
            self._retries.pop(topic, None)
            self._interruptions.pop(topic, None)
            self._to_ask.pop(topic, None)

    def _ask_for(self, topics: Iterable[str]) -> None:
        """Subscribe to topics: a few at once, the others in turns."""
        topics = dict.fromkeys(topics)
        self._to_ask.update(topics)
        self._topics.update(dict.fromkeys(topics, TopicState.WAITING))
        count = min(self._left_in_turn, len(self._to_ask))
        if count:
            now = list(self._to_ask)[:count]
            for topic in now:
                del self._to_ask[topic]
                self._topics[topic] = TopicState.SUBSCRIBING
            self._left_in_turn -= count
            self._next_turn = max(self._next_turn, self.last_received + _TURN)
            self._send_subscribe(now)

    def _send_subscribe(self, topics: Iterable[str]) -> None:
        raise NotImplementedError

    def _give_up(self, topic: str) -> None:
        raise NotImplementedError

    def _acknowledge(self, topic: str) -> None:
        if self._topics.get(topic) in (TopicState.SUBSCRIBING, TopicState.WAITING):
            self._topics[topic] = TopicState.SUBSCRIBED
            self._retries.pop(topic, None)
            self._retry_at.pop(topic, None)
            self._happened.append(Subscribed(topic))

    def _lose(self, topic: str, code: int | None, message: str, *, full: bool = False) -> None:
        # Once: each loss becomes an event that is never dropped, so repetitions would pile up.
        if self._topics.get(topic, TopicState.REFUSED) is not TopicState.REFUSED:
            self._topics[topic] = TopicState.REFUSED
            self._happened.append(TopicLost(topic, code, server_words(message), full))

    def _retry(self, topic: str, now: float, code: int | None, message: str) -> None:
        """Ask for a topic again after a growing wait; reported as lost, once, after the last."""
        if topic not in self._topics:
            return
        count = self._retries.get(topic, 0)
        self._retries[topic] = count + 1
        last = len(_RETRY_TOPIC_AFTER) - 1
        if count <= last:
            self._topics[topic] = TopicState.WAITING
        elif count == last + 1:
            self._lose(topic, code, message)
        else:
            self._topics[topic] = TopicState.REFUSED
        self._retry_at[topic] = now + _RETRY_TOPIC_AFTER[min(count, last)]

    def _interrupt(self, topic: str, now: float) -> None:
        """Ask for a topic that was taken away: at once, but after growing waits if it repeats."""
        if self._topics.get(topic) is TopicState.SUBSCRIBED:
            self._happened.append(TopicInterrupted(topic))
        count, at = self._interruptions.get(topic, (0, now))
        if now - at >= _TOPIC_STABLE_AFTER:
            count = 0
        self._interruptions[topic] = (count + 1, now)
        if count == 0:
            self._ask_for([topic])
        else:
            self._topics[topic] = TopicState.WAITING
            wait = _RETRY_TOPIC_AFTER[min(count, len(_RETRY_TOPIC_AFTER)) - 1]
            self._retry_at[topic] = now + wait

    def _ask_on(self, now: float) -> None:
        """Ask for what waits for its turn, and again for what was refused for a while."""
        if self._to_ask and now >= self._next_turn:
            self._left_in_turn, self._next_turn = _TOPICS_A_TURN, now + _TURN
            self._ask_for(())
        due = [topic for topic, at in self._retry_at.items() if at <= now]
        for topic in due:
            del self._retry_at[topic]
        if due and self.state is State.READY:
            self._ask_for(due)

    def _asking_at(self) -> float | None:
        """When ``_ask_on`` has something to do."""
        if not self._to_ask and not self._retry_at:
            return None
        turn = self._next_turn if self._to_ask else None
        return earliest((turn, *self._retry_at.values()))

    # -- in and out

    def start(self, now: float) -> None:
        """The socket is open.

        Args:
            now: Seconds on the monotonic clock, here and everywhere.
        """
        self.state = State.GREETING
        self.last_received = now

    def alive(self, now: float) -> None:
        """Something arrived, if only a part of a frame, or a WebSocket ping."""
        self.last_received = now

    def receive(self, texts: Sequence[str | bytes], now: float) -> None:
        """Take in the texts of WebSocket messages, as ``str`` or UTF-8; nothing in them raises."""
        raise NotImplementedError

    def tick(self, now: float) -> None:
        """Act on deadlines that have passed."""
        raise NotImplementedError

    def deadline(self) -> float | None:
        """When ``tick`` should be called, or ``None``."""
        raise NotImplementedError

    def refresh(self, token: str, now: float) -> None:
        """Hand a new token to the server; without meaning on Pusher."""

    def texts_to_send(self) -> list[str]:
        """What is to be sent, one text a WebSocket message; empties the list."""
        out, self._out = self._out, []
        return out

    def happenings(self) -> list[Happening]:
        """What happened since the last call, in order; empties the list."""
        happened, self._happened = self._happened, []
        return happened

    def closed(self, code: int | None, reason: str) -> Failed:
        """The socket was closed; what to do about it.

        An error that the server announced before counts more than a close without meaning.
        """
        self.state = State.ENDED
        announced = self._failure
        if announced is not None and (code is None or code < 3000):
            return announced
        return Failed(action_for(code, self.close_codes), code, server_words(reason))

    def _fail(self, action: Action, code: int | None, reason: str) -> None:
        if self.state is not State.ENDED:
            self.state = State.ENDED
            self._failure = Failed(action, code, server_words(reason))
            self._happened.append(self._failure)

    def _count_undecodable(self, text: str) -> None:
        self.undecodable += 1
        if self.undecodable <= 10:
            words = server_words(text)
            _logger.info("%s: a frame made no sense and was left out: %r", self.provider, words)


def earliest(times: Iterable[float | None]) -> float | None:
    """The earliest of some times, of which any may be missing."""
    found: float | None = None
    for time in times:
        if time is not None and (found is None or time < found):
            found = time
    return found


def as_str(text: str | bytes) -> str:
    """A text, whichever way it came."""
    return text if isinstance(text, str) else text.decode("utf-8", "replace")


def sane_seconds(value: Any) -> float | None:
    """A number of seconds as a server says it, at most a day; ``None`` where it cannot be meant."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return min(float(value), _DAY) if 0 < value < _LONGEST else None
