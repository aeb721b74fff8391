"""Several events as one piece of output."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from kick_live.display import as_html
from kick_live.events.base import Event

__all__ = ["Chat", "chat"]

_SCROLL: Final = "max-height:{height}px;overflow-y:auto"


@frozen
class Chat:
    """Events that a notebook shows below each other; made by ``chat``.

    Attributes:
        events: The events, oldest first.
        height: The height in pixels beyond which the list scrolls.
    """

    events: tuple[Event, ...]
    height: int = 400

    def _repr_html_(self) -> str:
        style = _SCROLL.format(height=self.height)
        return f'<div style="{style}">{"".join(map(as_html, self.events))}</div>'


def chat(events: Iterable[Event], last: int = 50, height: int = 400) -> Chat:
    """Show events below each other, chat messages as a chat.

    Args:
        events: The events, oldest first.
        last: How many of the newest are shown.
        height: The height in pixels beyond which the list scrolls.

    Example:
        >>> from kick_live import User
        >>> message = ChatMessage(id="1", sender=User(username="Maple"), content="gg")
        >>> len(chat([message]).events)
        1
    """
    if last < 1:
        raise ValueError(f"last must be at least 1, not {last!r}.")
    return Chat(tuple(events)[-last:], int(height))
