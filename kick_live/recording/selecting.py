"""Chooses events by kind, user, time and words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from kick_live.events.base import Event
from kick_live.events.registry import event_class
from kick_live.recording.describe import describe
from kick_live.recording.playback import within
from kick_live.recording.replay import Replay

__all__ = ["Selection", "Source", "events_of", "video_start"]

#: A recording's path, or events: a ``Replay``, a list, ``client.events(timeout=...)``.
Source = str | os.PathLike[str] | Iterable[Event]


def events_of(source: Source) -> Iterable[Event]:
    """The events of a source.

    Raises:
        RecordingError: It is a path of no recording.
    """
    if isinstance(source, (str, os.PathLike)):
        return Replay(source, speed=None, mark_historical=False)
    return source


def video_start(events: Iterable[Event]) -> datetime | None:
    """When the video began whose chat some events are, where they know it by now, as a replay does."""
    known = getattr(events, "video_start", None)
    return known if isinstance(known, datetime) else None


class Selection:
    """A choice of events; what is not given chooses all.

    Args:
        kinds: Event classes, or names of some; subclasses count.
        users: Names or ids.
        since: The earliest arrival; without a zone, UTC is meant.
        until: The first arrival that is too late.
        pattern: A regular expression to be found in what was written or happened, in which emotes
            are ``:names:``; case does not matter.

    Raises:
        UnknownEventName: No event has such a name.
        ValueError: The pattern is none.
    """

    def __init__(
        self,
        kinds: Iterable[type[Event] | str] | type[Event] | str | None = None,
        users: Iterable[str | int] | str | int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        pattern: str | re.Pattern[str] | None = None,
    ) -> None:
        single = (kinds,) if isinstance(kinds, (str, type)) else kinds
        self.kinds = None if single is None else tuple(event_class(kind) for kind in single)
        chosen = (users,) if isinstance(users, (str, int)) else users
        self._names: frozenset[Any] | None = None
        if chosen is not None:
            self._names = frozenset(
                user.removeprefix("@").lower() if isinstance(user, str) else user for user in chosen
            )
        self._since, self._until = _aware(since), _aware(until)
        try:
            self._pattern = None if pattern is None else re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}.") from error
        except ValueError:  # compiled already, with flags of its own
            assert isinstance(pattern, re.Pattern)
            self._pattern = pattern

    def __contains__(self, event: Event) -> bool:
        if self.kinds is not None and not isinstance(event, self.kinds):
            return False
        if not within(event, self._since, self._until):
            return False
        if self._names is None and self._pattern is None:
            return True
        about = describe(event)
        if self._names is not None:
            name = about.username.removeprefix("@").lower() if about.username else None
            if name not in self._names and about.user_id not in self._names:
                return False
        return self._pattern is None or self._pattern.search(about.readable) is not None


def _aware(when: datetime | None) -> datetime | None:
    if when is None or when.tzinfo is not None:
        return when
    return when.replace(tzinfo=timezone.utc)
