"""Numbers, durations and quotations in words."""

from __future__ import annotations

from datetime import timedelta

from rich.cells import cell_len, set_cell_size

from kick_live.safe import neutralise

__all__ = ["amount", "clipped", "clock", "span"]


def amount(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> amount(1, "month"), amount(1200, "month")
        ('1 month', '1,200 months')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def span(duration: timedelta) -> str:
    """A duration, in its two largest units.

    Example:
        >>> span(timedelta(minutes=90)), span(timedelta(seconds=2.5))
        ('1 h 30 min', '2.5 s')
    """
    seconds = duration.total_seconds()
    if abs(seconds) < 60:
        return f"{round(seconds, 1):g} s"
    rest = round(abs(seconds))
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return ("-" if seconds < 0 else "") + " ".join(parts[:2])


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
