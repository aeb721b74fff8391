"""Kick's units, key styles and odd values, turned into Python's."""

from __future__ import annotations

import functools
import re
from datetime import timedelta
from typing import Any, Final

__all__ = ["as_object", "milliseconds", "minutes", "nanoseconds", "seconds", "snake_case"]

_HUMP: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
#: Longer than any duration that means something, and far inside timedelta's range.
_LONGEST: Final = 10.0**11
#: No field has so long a name; what is longer is cut, and belongs to none.
_LONGEST_KEY: Final = 100


def snake_case(value: Any) -> Any:
    """A copy of a JSON value with the keys of its objects in snake case.

    Example:
        >>> snake_case({"giftedUsers": [{"monthsSubscribed": 2}]})
        {'gifted_users': [{'months_subscribed': 2}]}
    """
    if isinstance(value, dict):
        return {
            _snake_key(key[:_LONGEST_KEY]): snake_case(item)
            if isinstance(item, (dict, list))
            else item
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [snake_case(item) for item in value]
    return value


# Kick uses a few dozen keys; the limits are for a server that sends others without end.
@functools.lru_cache(maxsize=1024)
def _snake_key(key: str) -> str:
    return _HUMP.sub(_lowered, key).lower()


def _lowered(match: re.Match[str]) -> str:
    return "_" + match[1]


def as_object(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one (PHP writes ``[]`` for an empty object)."""
    return dict(value) if isinstance(value, dict) else {}


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
