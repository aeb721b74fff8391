"""Numbers, durations and quotations in words."""

from __future__ import annotations

from datetime import timedelta

from rich.cells import cell_len, set_cell_size

from kick_live.quantities import amount, span
from kick_live.safe import neutralise

__all__ = ["amount", "clipped", "clock", "span"]


def clock(duration: timedelta) -> str:
    """A position in a video.

    Example:
        >>> clock(timedelta(seconds=3725.4)), clock(timedelta(seconds=9))
        ('1:02:05', '0:00:09')
    """
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def clipped(text: str, width: int) -> str:
    """Text made safe and cut to a number of terminal cells.

    Example:
        >>> clipped("that was close", 9)
        'that was…'
    """
    text = neutralise(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…"
