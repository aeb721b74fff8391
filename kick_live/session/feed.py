"""One channel's stream of events: doubles removed, gifts merged, live events held during recovery."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.events.gifts import GiftedSubscriptions
from kick_live.models.channel import Channel
from kick_live.session.duplicates import Duplicates
from kick_live.session.gift_merger import GiftMerger

__all__ = ["Feed"]

#: Of one channel, in events and in characters of their payloads.
_MOST_HELD: Final = 10_000
_MOST_HELD_TEXT: Final = 16 << 20
#: Live messages carry whole seconds, history microseconds (July 2026).
_ROUNDING: Final = timedelta(seconds=1)


class Feed:
    """What is known of one channel's stream. The caller keeps two threads from using it at once.

    Attributes:
        channel: The channel.
        last_message_id: The newest message delivered.
        last_message_at: Kick's time in it.
        recovering: Whether history is being read, so that live events wait.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.last_message_id: str | None = None
        self.last_message_at: datetime | None = None
        self.recovering = False
        self.duplicates = Duplicates()
        self._gifts = GiftMerger()
        self._held: list[Event] = []
        self._held_before = 0
        self._held_text = 0
        # Whether a gap was left open and nothing came yet; the first message that did, or waited.
        self._incomplete = False
        self._forgone: tuple[str, datetime | None] | None = None

    def accept(self, event: Event, now: float) -> Iterable[Event]:
        """Take a live event in.

        Args:
            event: As decoded.
            now: Seconds on the monotonic clock.

        Returns:
            What is to be delivered now: nothing for a repetition, for a part of a gift, and while
            history is being read.
        """
        if isinstance(event, ChatMessage) and not self.recovering:
            return (event,) if self.accept_message(event) else ()
        # What waits would push out what history may bring once more.
        self.duplicates.keeping = self.recovering
        if not self.duplicates.is_new(event, now):
            return ()
        events: Iterable[Event] = (event,)
        if isinstance(event, GiftedSubscriptions):
            events = self._gifts.add(event, now)
        return self._hold(events) if self.recovering else events

    def accept_message(self, message: ChatMessage) -> bool:
        """Take a live message in, while no history is being read; false for a repetition."""
        if not self.duplicates.is_new_message(message.id):
            return False
        if self._incomplete:
            self._incomplete = False
            self._forgone = message.id, message.created_at
        self.last_message_id = message.id
        if message.created_at is not None:
            self.last_message_at = message.created_at
        return True

    def _hold(self, events: Iterable[Event]) -> Iterable[Event]:
        for event in events:
            self._held.append(event)
            self._held_text += len(event.raw or "")
        return ()

    @property
    def overfull(self) -> bool:
        """Whether more waits than may be kept, so that history can be waited for no longer."""
        return len(self._held) > _MOST_HELD or self._held_text > _MOST_HELD_TEXT

    def interrupt(self) -> None:
        """Live events end for a while: what waits already is older than what is missed now."""
        self._held_before = len(self._held)

    def release(self, recovered: Iterable[Event], now: float) -> tuple[list[Event], list[Event]]:
        """History was read: let go of what waited.

        Args:
            recovered: Events from history, oldest first.
            now: Seconds on the monotonic clock.

        Returns:
            What was missed, without what was delivered already, and with what waited in its place
            between; and what else waited, which is newer.
        """
        waiting = _Waiting(self._held, self._held_before)
        self._held, self._held_before, self._held_text = [], 0, 0
        self.recovering = self._incomplete = False
        recovered = self._without_forgone(list(recovered))
        waiting.compare(recovered)
        missed: list[Event] = []
        for event in recovered:
            # Its id alone may have been forgotten: more can wait than is remembered.
            if not waiting.meets(event) and self.duplicates.is_new(event, now):
                missed += waiting.older_than(event)
                missed.append(event)
        missed += waiting.interrupted()
        held = waiting.rest()
        self.duplicates.forget()
        for event in (*missed, *held):
            if isinstance(event, ChatMessage):
                self.last_message_id = event.id
                if event.created_at is not None:
                    self.last_message_at = event.created_at
        return missed, held

    def forgo(self, held: Iterable[Event]) -> None:
        """What is missing has been announced as lost: it does not come after newer messages.

        Args:
            held: What ``release`` gave last, and is newer.
        """
        if any(isinstance(event, ChatMessage) for event in held):
            assert self.last_message_id is not None
            self._forgone = self.last_message_id, self.last_message_at
        else:
            self._incomplete = True

    def _without_forgone(self, recovered: list[Event]) -> list[Event]:
        """Leave out what would come after newer messages, although it was announced as lost."""
        if self._forgone is None:
            return recovered
        newest, at = self._forgone
        place = next((n for n, event in enumerate(recovered) if _is(event, newest)), -1)
        return [
            event
            for n, event in enumerate(recovered)
            if not isinstance(event, ChatMessage)
            or self.duplicates.is_known(event.id)
            or not (n < place or _is_before(event, at))
        ]

    def due(self, now: float) -> Iterable[Event]:
        """Gifts whose missing parts are not waited for any longer."""
        events = self._gifts.due(now)
        return self._hold(events) if self.recovering else events

    def deadline(self) -> float | None:
        """When ``due`` should be called, or ``None``."""
        return self._gifts.deadline()


def _is(event: Event, message_id: str) -> bool:
    return isinstance(event, ChatMessage) and event.id == message_id


def _is_before(message: ChatMessage, at: datetime | None) -> bool:
    return at is not None and message.created_at is not None and message.created_at < at


class _Waiting:
    """Live events that waited, in their order, while history is put between them.

    The socket and history bring the same messages, each with some of its own: history lacks what
    was deleted, and events that are no messages; the socket what was missed, and what it has not
    brought yet.
    """

    def __init__(self, events: list[Event], before: int) -> None:
        self._events = events
        self._before = before
        self._places = {
            event.id: place for place, event in enumerate(events) if isinstance(event, ChatMessage)
        }
        self._given = 0
        self._reached = 0

    def compare(self, recovered: list[Event]) -> None:
        """Look over the whole of history first."""
        messages = [event for event in recovered if isinstance(event, ChatMessage)]
        places = (self._places.get(message.id, self._before) for message in messages)
        if any(place < self._before for place in places):
            return
        # If nothing that waited before the last interruption is in the part of history that was
        # read, it is older than that part, unless its time says otherwise: it was deleted then.
        begin = messages[0].created_at if messages else None
        for place, event in enumerate(self._events[: self._before], 1):
            at = event.created_at if isinstance(event, ChatMessage) else None
            if at is not None and begin is not None and at > begin:
                break
            self._reached = place

    def meets(self, event: Event) -> bool:
        """History has come to an event; whether it waits here."""
        place = self._places.get(event.id) if isinstance(event, ChatMessage) else None
        if place is None:
            return False
        self._reached = max(self._reached, place + 1)
        return True

    def older_than(self, event: Event) -> list[Event]:
        """What has its place before something that history has and the socket did not bring."""
        at = event.created_at if isinstance(event, ChatMessage) else None
        if at is not None:
            for place in range(self._reached, len(self._events)):
                own = self._events[place]
                if not isinstance(own, ChatMessage) or own.created_at is None:
                    continue
                if at - own.created_at < _ROUNDING:
                    break
                self._reached = place + 1
        return self._give(self._reached)

    def interrupted(self) -> list[Event]:
        """What waited before the last interruption and has not been given yet."""
        return self._give(self._before)

    def _give(self, end: int) -> list[Event]:
        given, self._given = self._given, max(self._given, end)
        return self._events[given : self._given]

    def rest(self) -> list[Event]:
        """What has not been given yet."""
        return self._events[self._given :]
