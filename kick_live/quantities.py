"""Numbers and durations in words, the same in every place that people read."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["amount", "span"]


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
