"""A small picture of messages a minute, drawn as SVG."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone
from typing import Final

from kick_live.notebook.pieces import escape

__all__ = ["MinuteChart"]

_WIDTH: Final = 600
_HEIGHT: Final = 90
_LEFT: Final = 34
_FLOOR: Final = 70
_TOP: Final = 12
_BAR: Final = "#4a86e0"
_MARK: Final = "#c2620e"


class MinuteChart:
    """Counts messages by the minute, and marks what happened among them.

    Args:
        minutes: How many minutes are shown; what is older is forgotten.
    """

    def __init__(self, minutes: int = 30) -> None:
        if minutes < 2:
            raise ValueError(f"minutes must be at least 2, not {minutes!r}.")
        self._minutes = minutes
        self._counts: Counter[int] = Counter()
        self._marks: dict[int, list[str]] = {}

    def count(self, when: datetime) -> None:
        """Count one message."""
        self._counts[_minute(when)] += 1
        self._forget(max(self._counts))

    def mark(self, when: datetime, words: str) -> None:
        """Mark something that happened; a minute keeps its first few."""
        words_of_minute = self._marks.setdefault(_minute(when), [])
        if len(words_of_minute) < 5:
            words_of_minute.append(words)
        self._forget(max(self._marks))

    def _forget(self, newest: int) -> None:
        oldest = newest - self._minutes
        for kept in (self._counts, self._marks):
            for minute in [minute for minute in kept if minute <= oldest]:
                del kept[minute]

    def svg(self, now: datetime | None = None) -> str:
        """The picture; the last bar is the running minute.

        Args:
            now: The time at its right edge; the wall clock if not given.
        """
        last = _minute(now or datetime.now(timezone.utc))
        first = last - self._minutes + 1
        most = max([1, *(self._counts[minute] for minute in range(first, last + 1))])
        step = (_WIDTH - _LEFT) / self._minutes
        parts = [
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            f'style="width:100%;max-width:{_WIDTH}px;color:inherit;font-size:10px">'
            f"<title>Messages a minute, last {self._minutes} minutes; the most is {most}</title>"
        ]
        for place, minute in enumerate(range(first, last + 1)):
            number = self._counts[minute]
            x, height = _LEFT + place * step, (_FLOOR - _TOP) * number / most
            at = f"{datetime.fromtimestamp(60 * minute):%H:%M}"
            if number:
                parts.append(
                    f'<rect x="{x:.1f}" y="{_FLOOR - height:.1f}" width="{max(1, step - 1.5):.1f}" '
                    f'height="{height:.1f}" fill="{_BAR}"><title>{at}: {number}</title></rect>'
                )
            if minute in self._marks:
                words = escape("; ".join(self._marks[minute]))
                middle = x + step / 2
                parts.append(
                    f'<path d="M{middle - 4:.1f} 1 h8 l-4 7 z" fill="{_MARK}">'
                    f"<title>{at}: {words}</title></path>"
                )
        parts.append(
            f'<path d="M{_LEFT} {_TOP} V{_FLOOR} H{_WIDTH}" fill="none" stroke="currentColor" '
            'opacity="0.4"/>'
            f'<g fill="currentColor"><text x="{_LEFT - 4}" y="{_TOP + 7}" text-anchor="end">{most}'
            f'</text><text x="{_LEFT - 4}" y="{_FLOOR}" text-anchor="end">0</text>'
            f'<text x="{_LEFT}" y="{_FLOOR + 14}">{self._minutes} min ago</text>'
            f'<text x="{_WIDTH}" y="{_FLOOR + 14}" text-anchor="end">now</text>'
            f'<text x="{_WIDTH / 2:.0f}" y="{_FLOOR + 14}" text-anchor="middle">'
            "messages a minute</text></g></svg>"
        )
        return "".join(parts)


def _minute(when: datetime) -> int:
    return int(when.timestamp() // 60)
