"""Kick.com live chat and stream events for plain, blocking Python.

>>> from kick_live import KickClient, ChatMessage
>>> client = KickClient("amber-quokka")
>>> @client.on(ChatMessage)
... def show(message):
...     print(f"{message.sender.username}: {message.readable_text}")
"""

from typing import TYPE_CHECKING, Any

from kick_live.client import KickClient
from kick_live.errors import *  # noqa: F403
from kick_live.errors import __all__ as _errors
from kick_live.events import *  # noqa: F403
from kick_live.events import __all__ as _events
from kick_live.models.channel import Channel, ChannelRef
from kick_live.models.content import Emote, Text
from kick_live.models.user import Badge, BadgeV2, Identity, User
from kick_live.net.endpoints import Endpoints
from kick_live.stats import Stats

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI

__all__ = [
    "Badge",
    "BadgeV2",
    "Channel",
    "ChannelRef",
    "Emote",
    "Endpoints",
    "Identity",
    "KickAPI",
    "KickClient",
    "Stats",
    "Text",
    "User",
]
__all__ += _errors
__all__ += _events


def __getattr__(name: str) -> Any:
    # A fifth of the package's import time, for those who use it by itself.
    if name == "KickAPI":
        from kick_live.net.api import KickAPI

        return KickAPI
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
