"""One channel's stream of events: doubles removed, gifts merged, live events held during recovery."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.events.gifts import GiftedSubscriptions
from kick_live.models.channel import Channel
from kick_live.session.duplicates import Duplicates
from kick_live.session.gift_merger import GiftMerger

__all__ = ["Feed"]

_MOST_HELD: Final = 10_000


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
        self._held: deque[Event] = deque()
        self._held_before = 0
        self.held_overflow = 0

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
        self._note(message)
        return True

    def _note(self, event: ChatMessage) -> None:
        self.last_message_id = event.id
        if event.created_at is not None:
            self.last_message_at = event.created_at

    def _hold(self, events: Iterable[Event]) -> Iterable[Event]:
        self._held.extend(events)
        # Rather out of order than lost, or without bound.
        released = []
        while len(self._held) > _MOST_HELD:
            released.append(self._held.popleft())
            self._held_before = max(0, self._held_before - 1)
            self.held_overflow += 1
        return released

    def interrupt(self) -> None:
        """Live events end for a while: what waits already is older than what is missed now."""
        self._held_before = len(self._held)

    def release(self, recovered: Iterable[Event], now: float) -> tuple[list[Event], list[Event]]:
        """History was read: let go of what waited.

        Args:
            recovered: Events from history, oldest first.
            now: Seconds on the monotonic clock.

        Returns:
            What was missed, without what was delivered already, and with what waited since before
            the last interruption in its place; and what else waited.
        """
        held, self._held = list(self._held), deque()
        before, self._held_before = self._held_before, 0
        self.recovering = False
        places = {
            event.id: place
            for place, event in enumerate(held[:before])
            if isinstance(event, ChatMessage)
        }
        recovered = list(recovered)
        known = {event.id for event in recovered if isinstance(event, ChatMessage)}
        # What history does not hold is older than the part of it that was read.
        done = 0 if known & places.keys() else before
        missed = held[:done]
        for event in recovered:
            if self.duplicates.is_new(event, now):
                missed.append(event)
            elif isinstance(event, ChatMessage) and places.get(event.id, -1) >= done:
                missed += held[done : places[event.id] + 1]
                done = places[event.id] + 1
        for event in (*missed, *held[done:]):
            if isinstance(event, ChatMessage):
                self._note(event)
        return missed, held[done:]

    def due(self, now: float) -> Iterable[Event]:
        """Gifts whose missing parts are not waited for any longer."""
        events = self._gifts.due(now)
        return self._hold(events) if self.recovering else events

    def deadline(self) -> float | None:
        """When ``due`` should be called, or ``None``."""
        return self._gifts.deadline()
