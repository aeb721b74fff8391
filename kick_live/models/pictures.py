"""Where Kick's pictures are, and which of them may be shown or fetched.

Emotes and badges have two servers (emotes seen until November 2026, badges since July 2026). What a
message names elsewhere is neither shown nor fetched, so that nobody in chat can make a reader's
machine ask a server of theirs.
"""

from __future__ import annotations

import re
from typing import Final

from kick_live.models.user import BadgeV2, User

__all__ = ["BADGES", "EMOTES", "badge_label", "badge_picture", "emote_picture", "worn_badges"]

#: The server of emotes.
EMOTES: Final = "https://files.kick.com"
#: The server of badges of the newer kind.
BADGES: Final = "https://ext.cdn.kick.com"

_PART: Final = r"/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
_BADGE: Final = re.compile(f"{re.escape(BADGES)}/chat/badges(?:{_PART}){{1,4}}")


def emote_picture(emote_id: str | int) -> str:
    """The address of an emote's picture.

    Example:
        >>> emote_picture(39001)
        'https://files.kick.com/emotes/39001/fullsize'
    """
    return f"{EMOTES}/emotes/{emote_id}/fullsize"


def badge_picture(badge: BadgeV2) -> str | None:
    """The address of a badge's picture; ``None`` where it has none, or not where Kick's are.

    Example:
        >>> badge_picture(BadgeV2(image_url="https://ext.cdn.kick.com/chat/badges/55.png"))
        'https://ext.cdn.kick.com/chat/badges/55.png'
        >>> badge_picture(BadgeV2(image_url="https://example.org/55.png")) is None
        True
    """
    address = badge.image_url or ""
    return address if _BADGE.fullmatch(address) else None


def badge_label(badge: BadgeV2) -> str:
    """A badge in words: its name, and the level where it tells one.

    Example:
        >>> from kick_live.models.user import BadgeMetadata
        >>> badge_label(BadgeV2(name="level", metadata=BadgeMetadata(level=12)))
        'level 12'
    """
    name = badge.name or "badge"
    level = badge.metadata.level if badge.metadata is not None else None
    return name if level is None else f"{name} {level}"


def worn_badges(user: User) -> tuple[BadgeV2, ...]:
    """The newer badges that a user wears, of all that they have."""
    return tuple(badge for badge in user.identity.badges_v2 if badge.selected)
