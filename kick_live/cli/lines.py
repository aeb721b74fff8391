"""The register of how each kind of event reads, and what its lines are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from rich.text import Text

from kick_live.colors import name_color
from kick_live.events.base import Event
from kick_live.models.user import User
from kick_live.safe import neutralise

__all__ = ["LINES", "Line", "Part", "name", "says"]

#: A piece of a line: text of any origin, which is made harmless later, or ready-made rich text.
Part: TypeAlias = str | Text
Line: TypeAlias = Callable[[Any], Iterable[Part]]

#: Icon, style and words by event class.
LINES: Final[dict[type[Event], tuple[str, str, Line]]] = {}


def says(cls: type[Event], icon: str = "", style: str = "") -> Callable[[Line], Line]:
    """Register how an event class reads; its subclasses read alike unless they have their own.

    Args:
        cls: The event class.
        icon: What the line begins with.
        style: A rich style for the line.
    """

    def register(line: Line) -> Line:
        LINES[cls] = (icon, style, line)
        return line

    return register


def name(who: str | User | None, unknown: str = "somebody") -> Text:
    """A name, in its owner's colour.

    Args:
        who: The name or its owner.
        unknown: What stands there where Kick does not say who it was.
    """
    if who is None:
        return Text(unknown, "italic")
    username = who.username if isinstance(who, User) else who
    color = who.color if isinstance(who, User) else None
    return Text(neutralise(username), f"bold {name_color(username, color)}")
