"""What is searched for, checked and as a store keeps it."""

from __future__ import annotations

from datetime import datetime, timezone
from numbers import Integral
from typing import Any, Final

from attrs import frozen

from kick_live.arguments import check_choice
from kick_live.recording.rows import clean, integer, microseconds

__all__ = ["Asked", "ids", "who"]

#: More than any store holds, and what SQLite takes.
_MOST: Final = 2**62


@frozen(kw_only=True)
class Asked:
    """What to find.

    Attributes:
        text: The words, without what SQLite cannot take.
        channel: A slug or id, or ``None`` for any.
        user: A name or id, likewise.
        since: The earliest time, as a store keeps it.
        until: The first that is too late, likewise.
        removed: Only what was removed, or only what was not.
        limit: The most messages.
        best: Whether the best come first.
    """

    text: str
    channel: str | int | None
    user: str | int | None
    since: int | None
    until: int | None
    removed: bool | None
    limit: int
    best: bool

    @classmethod
    def of(
        cls,
        text: object,
        *,
        channel: object,
        user: object,
        since: object,
        until: object,
        removed: object,
        limit: object,
        order: object,
    ) -> Asked:
        """Check the arguments of a search.

        Raises:
            TypeError: One is of the wrong type.
            ValueError: There is no such order.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be text, empty for any message, not {text!r}.")
        if removed is not None and not isinstance(removed, bool):
            raise TypeError(f"removed must be True, False or None, not {removed!r}.")
        if isinstance(limit, bool) or not isinstance(limit, Integral):
            raise TypeError(f"limit must be a whole number, not {limit!r}.")
        check_choice("order", order, ("newest", "best"))
        return cls(
            text=clean(text),
            channel=None if channel is None else who("channel", channel),
            user=None if user is None else who("user", user),
            since=_time("since", since),
            until=_time("until", until),
            removed=removed,
            limit=max(0, min(int(limit), _MOST)),
            best=order == "best",
        )


def who(name: str, value: object) -> str | int:
    """A name as it is stored, or an id.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(value, str):
        return str(clean(value)).removeprefix("@")
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a name or an id, not {value!r}.")
    return int(value)


def ids(value: int) -> list[int]:
    """The id itself, or nothing where it is one that no store can hold."""
    return [] if integer(value) is None else [value]


def _time(name: str, when: Any) -> int | None:
    if when is None:
        return None
    if not isinstance(when, datetime):
        raise TypeError(f"{name} must be a datetime, or None, not {when!r}.")
    return microseconds(when if when.tzinfo is not None else when.replace(tzinfo=timezone.utc))
