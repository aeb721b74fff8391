"""Values of options: moments, spans, sizes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

import click

__all__ = ["moment", "moment_or_span", "parse_span", "rotation", "span"]

_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
_PARTS: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)(?:min|m))?(?:(\d+(?:\.\d+)?)s?)?")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg])i?b", re.IGNORECASE)
_UNITS: Final = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def parse_span(text: str) -> timedelta | None:
    """A duration as people write it, or ``None``.

    Example:
        >>> [str(parse_span(text)) for text in ("90", "1:30", "1:00:05", "2h30m", "soon")]
        ['0:01:30', '0:01:30', '1:00:05', '2:30:00', 'None']
    """
    text = text.strip().lower()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = match.groups()
        return timedelta(hours=int(hours or 0), minutes=int(minutes), seconds=float(seconds))
    match = _PARTS.fullmatch(text)
    if match is None or not text:
        return None
    try:
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def span(value: str) -> timedelta:
    """A duration: seconds, ``1:30:00``, or ``1h30m``; the type of an option."""
    found = parse_span(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no duration; write 90, 1:30:00 or 1h30m.")
    return found


def moment(value: str) -> datetime:
    """A time such as ``2026-10-01T18:00``, here unless it has a zone; the type of an option."""
    try:
        return datetime.fromisoformat(value.strip().replace("Z", "+00:00")).astimezone()
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(
            f"{value!r} is no time; write 2026-10-01T18:00, or with a zone 2026-10-01T18:00Z."
        ) from None


def moment_or_span(value: str) -> datetime | timedelta:
    """A time, or a duration from the beginning; the type of an option."""
    found = parse_span(value)
    return moment(value) if found is None else found


def rotation(value: str) -> int | timedelta:
    """A size in bytes such as ``100MB``, or a duration such as ``6h``; the type of an option."""
    if match := _SIZE.fullmatch(value.strip()):
        size = int(float(match[1]) * _UNITS[match[2].lower()])
        if size > 0:
            return size
    if value.strip().isdecimal():
        raise click.BadParameter(f"{value!r} has no unit; write {value}MB or {value}s.")
    found = parse_span(value)
    if not found:
        raise click.BadParameter(f"{value!r} is neither a size nor a duration; write 100MB or 6h.")
    return found
