"""The pieces that HTML is made of; every one escapes what strangers wrote.

Pictures come from Kick's servers and from nowhere else, so that nobody in chat can make a notebook
fetch an address of theirs.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from kick_live.colors import name_color
from kick_live.models.content import Emote, parse_content
from kick_live.models.pictures import badge_label, badge_picture, worn_badges
from kick_live.models.user import User
from kick_live.safe import neutralise

__all__ = ["BOX", "DIM", "badges", "clock", "content", "escape", "name", "span", "table"]

#: Styles that leave font and colours to the notebook's theme, light or dark.
BOX: Final = "line-height:1.5;margin:2px 0;overflow-wrap:anywhere"
DIM: Final = "opacity:0.6"
_CELL: Final = "text-align:left;vertical-align:top;padding:1px 8px;overflow-wrap:anywhere"
_TITLE: Final = "font-weight:normal;white-space:nowrap"
#: Browsers give tables a size and a colour of their own, unreadable on dark, unless told otherwise.
_TABLE: Final = "border-collapse:collapse;margin:2px 0;color:inherit;font:inherit"
_PICTURE: Final = "height:1.5em;vertical-align:middle;display:inline;margin:0 1px"
_PILL: Final = "border:1px solid currentColor;border-radius:3px;padding:0 3px;font-size:75%"
#: Badges by weight, and their marks.
_MARKS: Final = {
    "staff": "staff",
    "broadcaster": "host",
    "moderator": "mod",
    "bot": "bot",
    "verified": "✓",
    "vip": "vip",
    "og": "og",
    "founder": "founder",
    "subscriber": "★",
    "sub_gifter": "♥",
}


def escape(text: object) -> str:
    """Text that is safe between tags and in quoted attributes, on one line.

    Example:
        >>> escape('<b onclick="x">')
        '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return html.escape(neutralise(str(text)))


def _picture(address: str, text: str) -> str:
    # Not loading="lazy": until such a picture has come, its name is not shown in its place.
    words = escape(text)
    return (
        f'<img src="{escape(address)}" alt="{words}" title="{words}" '
        f'referrerpolicy="no-referrer" style="{_PICTURE}">'
    )


def content(text: str) -> str:
    """A message's content, with emotes as pictures.

    Example:
        >>> content("a < b")
        'a &lt; b'
    """
    return "".join(
        _picture(part.url, f":{part.name}:") if isinstance(part, Emote) else escape(part.text)
        for part in parse_content(text)
    )


def name(who: User | str) -> str:
    """A name in its owner's colour, in a tone that can be read on dark and on light."""
    username = who.username if isinstance(who, User) else who
    color = name_color(username, who.color if isinstance(who, User) else None)
    return f'<bdi style="color:{color};font-weight:bold">{escape(username)}</bdi>'


def badges(user: User) -> str:
    """The badges of roles as marks, and those newer ones that the user wears as pictures."""
    shown = []
    worn = {badge.type: badge for badge in user.badges}
    for kind in sorted(worn, key=lambda kind: [*_MARKS, kind].index(kind)):
        badge = worn[kind]
        mark = f"{_MARKS.get(kind, kind)[:20]}{badge.count or ''}"
        title = escape(badge.text or kind)
        shown.append(f'<span title="{title}" style="{_PILL}">{escape(mark)}</span> ')
    for newer in worn_badges(user):
        address = badge_picture(newer)
        if address is not None:
            shown.append(_picture(address, badge_label(newer)) + " ")
    return "".join(shown)


def clock(when: datetime | None) -> str:
    """The time of day, in the kernel's zone; the whole time on hovering."""
    if when is None:
        return ""
    local = when.astimezone()
    title = escape(local.isoformat(sep=" ", timespec="seconds"))
    return f'<span title="{title}" style="{DIM}">{local:%H:%M:%S}</span> '


def span(length: timedelta | None) -> str:
    """A length of time for people, or a dash.

    Example:
        >>> span(timedelta(minutes=2)), span(timedelta(milliseconds=340)), span(timedelta(seconds=30))
        ('0:02:00', '0.34 s', '30 s')
    """
    if length is None:
        return "–"
    if abs(length) < timedelta(minutes=1):
        return f"{round(length.total_seconds(), 2):g} s"
    return str(timedelta(seconds=round(length.total_seconds())))


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Two columns; what is in the second is HTML already."""
    lines = "".join(
        f'<tr><th style="{_CELL};{DIM};{_TITLE}">{escape(title)}</th>'
        f'<td style="{_CELL}">{value}</td></tr>'
        for title, value in rows
    )
    return f'<table style="{_TABLE}">{lines}</table>'
