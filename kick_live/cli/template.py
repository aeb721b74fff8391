"""Lines in a shape that the user chose."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from kick_live.cli.render import render
from kick_live.events.base import Event
from kick_live.recording.describe import describe
from kick_live.recording.table import time_of
from kick_live.safe import neutralise

__all__ = ["FIELDS", "Template", "moment_of"]

_PART: Final = re.compile(r"\{\{|\}\}|\{([a-z_]*)\}|[{}]")


def moment_of(event: Event) -> datetime:
    """When an event happened: what was read from history did so before it arrived."""
    return (time_of(event) if event.historical else event.received_at).astimezone()


def _amount(event: Event) -> str:
    amount = describe(event).amount
    return "" if amount is None else str(amount)


#: The fields of a template, and how each is filled.
FIELDS: Final[dict[str, Callable[[Event], str]]] = {
    "time": lambda event: f"{moment_of(event):%H:%M:%S}",
    "date": lambda event: f"{moment_of(event):%Y-%m-%d}",
    "channel": lambda event: event.channel.slug if event.channel is not None else "",
    "kind": lambda event: event.kind,
    "name": lambda event: describe(event).username or "",
    "text": lambda event: describe(event).readable,
    "amount": _amount,
    "id": lambda event: str(getattr(event, "id", None) or ""),
    "line": lambda event: render(event).plain,
}


class Template:
    """A template: text with fields in braces; ``{{`` and ``}}`` stand for braces.

    Fields are replaced by text and nothing else: nothing of a template is executed.

    Args:
        text: The template.

    Raises:
        ValueError: It names a field that does not exist, or a brace stands alone.

    Example:
        >>> from kick_live import ChatMessage, User
        >>> message = ChatMessage(id="1", sender=User(username="Maple"), content="gg")
        >>> Template("<{name}> {text}").fill(message)
        '<Maple> gg'
    """

    def __init__(self, text: str) -> None:
        self._parts: list[str | Callable[[Event], str]] = []
        position = 0
        for match in _PART.finditer(text):
            self._parts.append(text[position : match.start()])
            position = match.end()
            if match[0] in ("{{", "}}"):
                self._parts.append(match[0][0])
            elif match[1] in FIELDS:
                self._parts.append(FIELDS[match[1]])
            else:
                known = ", ".join(f"{{{name}}}" for name in FIELDS)
                raise ValueError(
                    f"There is no field {match[0]}. The fields are {known}; a brace itself is "
                    "written twice."
                )
        self._parts.append(text[position:])

    def fill(self, event: Event) -> str:
        """The line for an event, made harmless."""
        filled = (
            part if isinstance(part, str) else neutralise(part(event)) for part in self._parts
        )
        return "".join(filled)
