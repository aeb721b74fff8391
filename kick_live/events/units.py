"""Kick's units, key styles and odd values, turned into Python's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final, TypeVar

__all__ = ["as_object", "in_utc", "milliseconds", "minutes", "nanoseconds", "seconds", "snake_case"]

_HUMP: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
#: Longer than any duration that means something, and far inside timedelta's range.
_LONGEST: Final = 10.0**11
#: No field has so long a name; what is longer is cut, and belongs to none.
_LONGEST_KEY: Final = 100
#: Kick uses a few dozen keys; the limit is for a server that sends others without end.
_MOST_KEYS: Final = 1024

#: Of a time without zone and fractions.
_LENGTH_OF_A_TIME: Final = 19

T = TypeVar("T")


def snake_case(value: T) -> T:
    """A copy of a JSON value with the keys of its objects in snake case.

    Example:
        >>> snake_case({"giftedUsers": [{"monthsSubscribed": 2}]})
        {'gifted_users': [{'months_subscribed': 2}]}
    """
    return _snake_case(value)  # type: ignore[no-any-return]


def _snake_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            _SNAKE_KEYS[key]: _snake_case(item) if isinstance(item, (dict, list)) else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_snake_case(item) for item in value]
    return value


class _SnakeKeys(dict[str, str]):
    """Keys as Kick writes them, and in snake case; a cache's call costs more than the whole rest."""

    def __missing__(self, key: str) -> str:
        snake = _HUMP.sub(_lowered, key[:_LONGEST_KEY]).lower()
        if len(self) < _MOST_KEYS and len(key) <= _LONGEST_KEY:
            self[key] = snake
        return snake


def _lowered(match: re.Match[str]) -> str:
    return "_" + match[1]


_SNAKE_KEYS: Final = _SnakeKeys()


def as_object(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one (PHP writes ``[]`` for an empty object)."""
    return dict(value) if isinstance(value, dict) else {}


def in_utc(value: Any) -> Any:
    """A time as Kick's site writes it, with its zone, UTC, which is not in it; whatever else as it is.

    Example:
        >>> in_utc("2026-10-05 15:12:40"), in_utc("2026-10-05T15:12:40Z")
        ('2026-10-05 15:12:40Z', '2026-10-05T15:12:40Z')
    """
    return value + "Z" if isinstance(value, str) and len(value) == _LENGTH_OF_A_TIME else value


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -_LONGEST < number < _LONGEST else None


def seconds(value: Any) -> timedelta | None:
    """A number of seconds, possibly as text.

    Example:
        >>> seconds("1200")
        datetime.timedelta(seconds=1200)
    """
    number = _number(value)
    return None if number is None else timedelta(seconds=number)


def minutes(value: Any) -> timedelta | None:
    """A number of minutes, possibly as text.

    Example:
        >>> minutes(5)
        datetime.timedelta(seconds=300)
    """
    number = _number(value)
    return None if number is None else timedelta(minutes=number)


def nanoseconds(value: Any) -> timedelta | None:
    """A number of nanoseconds; one below a million can only be meant in seconds.

    Example:
        >>> nanoseconds(600_000_000_000), nanoseconds(600)
        (datetime.timedelta(seconds=600), datetime.timedelta(seconds=600))
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds(number if number < 1e6 else number / 1e9)


def milliseconds(value: Any) -> float | None:
    """Milliseconds since 1970, possibly as text, as seconds since 1970.

    Example:
        >>> milliseconds("1791223244420")
        1791223244.42
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(value) / 1000
    except (TypeError, ValueError, OverflowError):
        return None
    return number if -_LONGEST < number < _LONGEST else None
