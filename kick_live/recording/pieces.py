"""The pieces of a transcript in HTML; every one escapes what strangers wrote."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from kick_live.colors import name_color
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, PinnedMessageCreated
from kick_live.events.chatroom import ChatroomClear
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
)
from kick_live.models.content import Emote, parse_content
from kick_live.models.user import User
from kick_live.recording.describe import describe
from kick_live.recording.table import user_of
from kick_live.recording.telling import ICONS
from kick_live.safe import neutralise

__all__ = ["family", "happened", "only_emotes", "safe", "said"]

_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,:;!?)\]]")
_BADGES: Final = {
    "broadcaster": "HOST",
    "staff": "STAFF",
    "moderator": "MOD",
    "vip": "VIP",
    "og": "OG",
    "founder": "FOUNDER",
    "verified": "✓",
    "bot": "BOT",
    "subscriber": "★",
    "sub_gifter": "🎁",
}
_FAMILIES: Final = (
    ("connection", (LifecycleEvent,)),
    ("moderation", (UserBanned, UserUnbanned, ChatroomClear)),
    ("stream", (StreamerIsLive, StreamEnd, StreamHost, ChatMoveToSupportedChannel)),
    ("notice", (PinnedMessageCreated,)),
)


def said(message: ChatMessage, *, pictures: bool) -> str:
    """A message: quotation, badges, name, text; pictures, or their names."""
    quote = ""
    if message.is_reply and message.reply_to is not None:
        reply = message.reply_to
        who = f"<b>{safe(reply.sender.username)}</b> " if reply.sender is not None else ""
        quote = f'<span class="r">↪ {who}{_content(reply.content, pictures, links=False)}</span>'
    party = ""
    if message.is_celebration:
        months = message.celebration.total_months if message.celebration is not None else None
        party = f'<span class="c">🎉 {months} months</span>' if months else "🎉 "
    text = _content(message.content, pictures)
    name = _name(message.sender)
    return f'{quote}{_badges(message.sender, pictures)}{name} {party}<bdi class="t">{text}</bdi>'


def happened(event: Event, *, pictures: bool) -> str:
    """Anything else, in words."""
    about, user = describe(event), user_of(event)
    name = ""
    if about.username:
        name = _name(user or User(username=about.username)) + " "
    icon = ICONS.get(type(event), "•")
    text = _content(about.text or event.kind, pictures)
    return f'{icon} {name}<bdi class="t">{text}</bdi>'


def family(event: Event) -> str:
    """The class of an event's line."""
    for name, classes in _FAMILIES:
        if isinstance(event, classes):
            return name
    return "support"


def only_emotes(message: ChatMessage) -> bool:
    """Whether a message is shown large."""
    return bool(message.content) and not message.plain_text.strip()


def _content(text: str, pictures: bool, *, links: bool = True) -> str:
    pieces = []
    for part in parse_content(text):
        if isinstance(part, Emote) and not pictures:
            pieces.append(f'<span class="y">:{safe(part.name)}:</span>')
        elif isinstance(part, Emote):
            name = safe(part.name)
            pieces.append(
                f'<img class="x" src="{escape(part.url)}" alt=":{name}:" title="{name}" '
                'loading="lazy">'
            )
        else:
            pieces.append(_linked(part.text) if links else safe(part.text))
    return "".join(pieces)


def _linked(text: str) -> str:
    text, pieces, end = neutralise(text), [], 0
    for match in _LINK.finditer(text):
        address = escape(match[0])
        pieces.append(escape(text[end : match.start()]))
        pieces.append(f'<a href="{address}" rel="noopener noreferrer nofollow">{address}</a>')
        end = match.end()
    return "".join(pieces) + escape(text[end:])


def _name(user: User) -> str:
    color = name_color(user.username, user.color)
    return f'<b class="n" style="color:{color}"><bdi>{safe(user.username)}</bdi></b>'


def _badges(user: User, pictures: bool) -> str:
    pieces = []
    for badge in user.badges:
        title = safe(badge.text or badge.type)
        number = f" {badge.count}" if badge.count else ""
        kind = badge.type if badge.type in _BADGES else "other"
        mark = _BADGES.get(badge.type, title[:12])
        pieces.append(f'<i class="{kind}" title="{title}{number}">{mark}{number}</i>')
    for cosmetic in user.identity.badges_v2 if pictures else ():
        address = cosmetic.image_url or ""
        if cosmetic.selected is not False and address.startswith("https://"):
            level = cosmetic.metadata.level if cosmetic.metadata is not None else None
            title = safe(cosmetic.name or "badge") + (f" {level}" if level is not None else "")
            pieces.append(
                f'<img src="{escape(address)}" alt="{title}" title="{title}" loading="lazy">'
            )
    return f'<span class="b">{"".join(pieces)}</span>' if pieces else ""


def safe(text: str) -> str:
    """Text as HTML."""
    return escape(neutralise(text))
