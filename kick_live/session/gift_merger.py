"""Puts the parts of a large gift together, so that one drop is one event."""

from __future__ import annotations

from typing import Final

import attrs

from kick_live.events.gifts import GiftedSubscriptions

__all__ = ["GiftMerger"]

_WAIT: Final = 5.0
_MOST_DROPS: Final = 100
#: Delivered ones that are remembered, because a part may come late.
_MOST_DELIVERED: Final = 1000
#: A hundred gifts came as one frame (September 2025), so a drop of so many parts cannot be meant.
_MOST_PARTS: Final = 100


@attrs.define
class _Drop:
    deadline: float
    total: int
    parts: dict[int, GiftedSubscriptions] = attrs.Factory(dict)


class GiftMerger:
    """Gathers parts by their correlation id until all are there, or for five seconds.

    Time is passed in, in seconds on the monotonic clock.
    """

    def __init__(self) -> None:
        self._drops: dict[str, _Drop] = {}
        self._delivered: dict[str, None] = {}

    def add(self, event: GiftedSubscriptions, now: float) -> list[GiftedSubscriptions]:
        """Take a gift in.

        Returns:
            The gift itself if it is undivided, or its numbers make no sense; the merged one if this
            was the last part; else none. A part that comes after its drop was delivered counts no more
            if it says how large the drop was in all.
        """
        chunk, key = event.chunk, event.correlation_id
        total = chunk.total_chunks if chunk is not None else None
        index = chunk.chunk_index if chunk is not None else None
        if key is None or total is None or index is None:
            return [event]
        if not 2 <= total <= _MOST_PARTS or not 0 <= index < total:
            return [event]
        if key in self._delivered:
            return [] if event.count > len(event.gifted_usernames) else [event]
        drop = self._drops.setdefault(key, _Drop(now + _WAIT, total))
        drop.parts[index] = event
        if len(drop.parts) < drop.total and len(self._drops) <= _MOST_DROPS:
            return []
        return [self._deliver(key)]

    def _deliver(self, key: str) -> GiftedSubscriptions:
        self._delivered[key] = None
        if len(self._delivered) > _MOST_DELIVERED:
            del self._delivered[next(iter(self._delivered))]
        return _merge(self._drops.pop(key))

    def due(self, now: float) -> list[GiftedSubscriptions]:
        """The gifts whose missing parts are not waited for any longer."""
        late = [key for key, drop in self._drops.items() if drop.deadline <= now]
        return [self._deliver(key) for key in late]

    def deadline(self) -> float | None:
        """When ``due`` should be called, or ``None``."""
        return min((drop.deadline for drop in self._drops.values()), default=None)


def _merge(drop: _Drop) -> GiftedSubscriptions:
    parts = [part for _, part in sorted(drop.parts.items())]
    names = tuple(name for part in parts for name in part.gifted_usernames)
    # Each part carries the drop's total; without it, the sum of the names is what is known.
    count = max(len(names), *(part.count for part in parts))
    return attrs.evolve(parts[0], gifted_usernames=names, count=count, chunk=None)
