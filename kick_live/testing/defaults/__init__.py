"""What events of the factory say unless a test says otherwise; all of it is invented."""

from __future__ import annotations

from typing import Final

from kick_live.events.base import Event
from kick_live.testing.defaults import chat, connection, stream, support
from kick_live.testing.defaults.base import Defaults, Fields, Moment

__all__ = ["defaults_of"]

_ALL: Final[Defaults] = {
    **chat.DEFAULTS,
    **support.DEFAULTS,
    **stream.DEFAULTS,
    **connection.DEFAULTS,
}


def defaults_of(cls: type[Event], moment: Moment) -> Fields:
    """The fields of a class, or those of its nearest base that has any."""
    for base in cls.__mro__:
        if base in _ALL:
            return _ALL[base](moment)
    return {}
