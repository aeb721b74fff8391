"""Kick.com live chat and stream events for plain, blocking Python.

>>> from kick_live import KickClient, ChatMessage
>>> client = KickClient("amber-quokka")
>>> @client.on(ChatMessage)
... def show(message):
...     print(f"{message.sender.username}: {message.readable_text}")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kick_live.client import KickClient
from kick_live.errors import *  # noqa: F403
from kick_live.errors import __all__ as _errors
from kick_live.events import *  # noqa: F403
from kick_live.events import __all__ as _events
from kick_live.listening import EventSource
from kick_live.models.channel import Channel, ChannelRef
from kick_live.models.content import Emote, Text
from kick_live.models.user import Badge, BadgeV2, Identity, User
from kick_live.net.endpoints import Endpoints
from kick_live.stats import Stats

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI
    from kick_live.session.connector import Transport
    from kick_live.session.inbox import Overflow
    from kick_live.session.taps import Arrival, Tap

__all__ = [
    "Arrival",
    "Badge",
    "BadgeV2",
    "Channel",
    "ChannelRef",
    "Emote",
    "Endpoints",
    "EventSource",
    "Identity",
    "KickAPI",
    "KickClient",
    "Overflow",
    "Stats",
    "Tap",
    "Text",
    "Transport",
    "User",
]
__all__ += _errors
__all__ += _events

#: Imported with their first use; KickAPI alone is a fifth of the package's import time.
_LATE = {
    "Arrival": "kick_live.session.taps",
    "KickAPI": "kick_live.net.api",
    "Overflow": "kick_live.session.inbox",
    "Tap": "kick_live.session.taps",
    "Transport": "kick_live.session.connector",
}


# Not for type checkers, to which a mistyped name would be one of any type.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in _LATE:
            return getattr(import_module(_LATE[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
