"""Accounts for every published message: delivered once, or announced as lost."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timezone

from attrs import define, frozen

from kick_live import ChatMessage, Disconnected, Event, EventsDropped, Reconnected

__all__ = ["Account", "Ledger", "Published"]


@frozen
class Account:
    """What became of the messages, for one client.

    Attributes:
        live: Delivered as they were said.
        recovered: Delivered from history.
        announced: Not delivered, but covered by an incomplete ``Reconnected``.
        silent: Not delivered, and not announced.
        twice: Delivered more than once.
        disordered: Delivered after a newer one of the same channel.
        dropped: Announced by ``EventsDropped``.
    """

    live: int
    recovered: int
    announced: int
    silent: int
    twice: int
    disordered: int
    dropped: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost silently, doubled, or put out of order."""
        return not (self.silent or self.twice or self.disordered)


class Published:
    """Numbers the messages of each channel; any thread may ask, one publishes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, list[datetime]] = defaultdict(list)

    def next_text(self, slug: str) -> str:
        """The text of a channel's next message: its number."""
        with self._lock:
            self._times[slug].append(datetime.now(timezone.utc))
            return str(len(self._times[slug]))

    @property
    def times(self) -> dict[str, list[datetime]]:
        """When each message of each channel was said."""
        with self._lock:
            return {slug: list(times) for slug, times in self._times.items()}

    @property
    def counts(self) -> dict[str, int]:
        """How many messages each channel has."""
        with self._lock:
            return {slug: len(times) for slug, times in self._times.items()}

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


@define
class _Gap:
    """An incomplete gap: it covers what came after the last message before the loss, until then."""

    after: int
    until: datetime


class _Channel:
    """The messages of one channel as they came."""

    def __init__(self) -> None:
        self.times: Counter[int] = Counter()
        self.live = 0
        self.recovered = 0
        self.disordered = 0
        self.newest = 0
        self.newest_live = 0
        self.lost_after: int | None = None
        self.gaps: list[_Gap] = []

    def message(self, number: int, historical: bool) -> None:
        self.times[number] += 1
        self.disordered += number < self.newest
        self.newest = max(self.newest, number)
        if historical:
            self.recovered += 1
            return
        self.live += 1
        self.newest_live = max(self.newest_live, number)

    def lost(self) -> None:
        if self.lost_after is None:
            self.lost_after = self.newest_live

    def back(self, event: Reconnected) -> None:
        if not event.complete:
            after = self.newest_live if self.lost_after is None else self.lost_after
            self.gaps.append(_Gap(after, event.received_at))
        self.lost_after = None

    def missing(self, times: Sequence[datetime]) -> tuple[int, int]:
        """How many of those said at these times were announced as lost, and how many were not."""
        announced = silent = 0
        for number, said_at in enumerate(times, 1):
            if number in self.times:
                continue
            covered = any(gap.after < number and said_at <= gap.until for gap in self.gaps)
            announced += covered
            silent += not covered
        return announced, silent


class Ledger:
    """Listens to one client; ``note`` is its listener for every event."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = defaultdict(_Channel)
        self.dropped = 0
        self.incomplete: Counter[str] = Counter()

    def note(self, event: Event) -> None:
        """Take an event down."""
        if isinstance(event, EventsDropped):
            self.dropped += event.count
        elif isinstance(event, Disconnected):
            for lost in event.channels:
                self._channels[lost.slug or ""].lost()
        elif isinstance(event, (ChatMessage, Reconnected)) and event.channel is not None:
            channel = self._channels[event.channel.slug or ""]
            if isinstance(event, ChatMessage):
                channel.message(int(event.content), event.historical)
                return
            channel.back(event)
            if not event.complete:
                self.incomplete[(event.reason or "").partition(":")[0]] += 1

    def has(self, counts: dict[str, int]) -> bool:
        """Whether the last message of every channel has come."""
        return all(self._channels[slug].newest >= count for slug, count in counts.items())

    def account(self, said: dict[str, list[datetime]]) -> Account:
        """The result, given when the messages of each channel were said."""
        missing = [self._channels[slug].missing(times) for slug, times in said.items()]
        channels = self._channels.values()
        return Account(
            live=sum(channel.live for channel in channels),
            recovered=sum(channel.recovered for channel in channels),
            announced=sum(announced for announced, _ in missing),
            silent=sum(silent for _, silent in missing),
            twice=sum(sum(c.times.values()) - len(c.times) for c in channels),
            disordered=sum(channel.disordered for channel in channels),
            dropped=self.dropped,
        )
