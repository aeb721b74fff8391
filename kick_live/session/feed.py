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
            self.held_overflow += 1
        return released

    def release(self, recovered: Iterable[Event], now: float) -> tuple[list[Event], list[Event]]:
        """History was read: let go of what waited.

        Args:
            recovered: Events from history, oldest first.
            now: Seconds on the monotonic clock.

        Returns:
            What was missed, without what was delivered or waits already; and what waited.
        """
        held, self._held = list(self._held), deque()
        self.recovering = False
        missed = [event for event in recovered if self.duplicates.is_new(event, now)]
        for event in (*missed, *held):
            if isinstance(event, ChatMessage):
                self._note(event)
        return missed, held

    def due(self, now: float) -> Iterable[Event]:
        """Gifts whose missing parts are not waited for any longer."""
        events = self._gifts.due(now)
        return self._hold(events) if self.recovering else events

    def deadline(self) -> float | None:
        """When ``due`` should be called, or ``None``."""
        return self._gifts.deadline()
