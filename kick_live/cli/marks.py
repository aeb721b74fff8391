"""Short marks for the badges beside a name."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from kick_live.models.user import Badge, User

__all__ = ["badge_marks"]

#: By weight: the marks stand in this order, whatever order Kick sends.
_MARKS: Final = {
    "staff": ("staff", "bold green"),
    "broadcaster": ("host", "bold red"),
    "moderator": ("mod", "bold cyan"),
    "bot": ("bot", "blue"),
    "verified": ("✓", "bold green"),
    "vip": ("vip", "bold magenta"),
    "og": ("og", "yellow"),
    "founder": ("founder", "yellow"),
    "subscriber": ("★", "yellow"),
    "sub_gifter": ("♥", "magenta"),
}


def badge_marks(user: User) -> Text:
    """The marks of a user's badges, each with a space behind it; badges unknown here are left out.

    A subscriber's star carries the months, a giver's heart the number of gifts.
    """
    text = Text()
    worn: dict[str, Badge] = {badge.type: badge for badge in user.badges}
    for kind, (mark, style) in _MARKS.items():
        if kind in worn:
            number = worn[kind].count
            text.append(f"{mark}{number}" if number else mark, style)
            text.append(" ")
    return text
