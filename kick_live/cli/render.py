"""From an event to a line of coloured text.

``render`` is a function of the event alone and opens nothing, so that other programs with a terminal
can use it, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs
from rich.text import Text

from kick_live.cli import lines_chat, lines_room, lines_stream, lines_support
from kick_live.cli.lines import LINES, Line, Part
from kick_live.cli.words import clipped
from kick_live.events.base import Event
from kick_live.safe import neutralise

__all__ = ["FAMILIES", "render"]

#: The modules that fill the register when they are imported.
FAMILIES: Final = (lines_chat, lines_support, lines_room, lines_stream)
_SHARED: Final = frozenset(field.name for field in attrs.fields(Event))


def render(event: Event) -> Text:
    """How an event reads, on one line.

    What strangers wrote is made harmless and is never taken for markup. Neither time nor channel
    are part of it.

    Args:
        event: Any event; one without a line of its own is shown as its fields.

    Example:
        >>> from kick_live import ChatMessage, User
        >>> render(ChatMessage(id="1", sender=User(username="Maple"), content="gg")).plain
        'Maple: gg'
    """
    icon, style, line = _line_of(type(event))
    text = Text(f"{icon} " if icon else "", style)
    for part in line(event):
        if isinstance(part, Text):
            text.append_text(part)
        else:
            text.append(neutralise(part))
    return text


def _line_of(cls: type[Event]) -> tuple[str, str, Line]:
    for base in cls.__mro__:
        if base in LINES:
            return LINES[base]
    return "·", "dim", _fields


def _fields(event: Event) -> Iterator[Part]:
    """Every field that says something, for what has no line of its own."""
    yield event.kind.replace("_", " ")
    for field in attrs.fields(type(event)):
        value = getattr(event, field.name)
        if field.name not in _SHARED and value not in (None, "", (), {}):
            shown = value if isinstance(value, str) else repr(value)
            yield f" {field.name}={clipped(shown, 40)}"
