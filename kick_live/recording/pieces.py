"""The pieces of a transcript in HTML; every one escapes what strangers wrote."""

from __future__ import annotations

import re
from html import escape
from typing import Final

from kick_live.colors import name_color
from kick_live.events.base import Event
from kick_live.events.chat import (
    ChatMessage,
    MessageDeleted,
    PinnedMessageCreated,
    PinnedMessageDeleted,
)
from kick_live.events.chatroom import ChatroomClear, ChatroomUpdated
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
)
from kick_live.models.content import Emote, parse_content
from kick_live.models.pictures import worn_badges
from kick_live.models.user import User
from kick_live.recording.describe import describe
from kick_live.recording.gallery import Gallery
from kick_live.recording.icons import icon
from kick_live.recording.role_badges import role_badge
from kick_live.recording.table import user_of
from kick_live.recording.telling import ICONS
from kick_live.safe import neutralise

__all__ = ["family", "happened", "only_emotes", "safe", "said"]

_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,:;!?)\]]")
_FAMILIES: Final = (
    ("connection", (LifecycleEvent,)),
    ("moderation", (UserBanned, UserUnbanned, ChatroomClear, ChatroomUpdated, MessageDeleted)),
    ("stream", (StreamerIsLive, StreamEnd, StreamHost, ChatMoveToSupportedChannel)),
    ("notice", (PinnedMessageCreated, PinnedMessageDeleted)),
)


def said(message: ChatMessage, gallery: Gallery) -> str:
    """A message: quotation, badges, name, text."""
    quote = ""
    if message.is_reply and message.reply_to is not None:
        reply = message.reply_to
        who = f"<b>{safe(reply.sender.username)}</b> " if reply.sender is not None else ""
        quote = f'<span class="r">↪ {who}{_content(reply.content, gallery, links=False)}</span>'
    party = ""
    if message.is_celebration:
        months = message.celebration.total_months if message.celebration is not None else None
        party = icon("party") + (f'<span class="c">{months} months</span>' if months else "")
    text = _content(message.content, gallery)
    name = _name(message.sender)
    return f'{quote}{_badges(message.sender, gallery)}{name} {party}<bdi class="t">{text}</bdi>'


def happened(event: Event, gallery: Gallery) -> str:
    """Anything else, in words."""
    about, user = describe(event), user_of(event)
    name = ""
    if about.username:
        name = _name(user or User(username=about.username)) + " "
    sign = icon(ICONS.get(type(event), "sparkle"))
    text = _content(about.text, gallery)
    return f'{sign} {name}<bdi class="t">{text}</bdi>'


def family(event: Event) -> str:
    """The class of an event's line."""
    for name, classes in _FAMILIES:
        if isinstance(event, classes):
            return name
    return "support"


def only_emotes(message: ChatMessage) -> bool:
    """Whether a message is shown large."""
    return bool(message.content) and not message.plain_text.strip()


def _content(text: str, gallery: Gallery, *, links: bool = True) -> str:
    pieces = []
    for part in parse_content(text):
        if isinstance(part, Emote):
            pieces.append(gallery.emote(part))
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


def _badges(user: User, gallery: Gallery) -> str:
    pieces = [*map(role_badge, user.badges), *map(gallery.badge, worn_badges(user))]
    return f'<span class="b">{"".join(pieces)}</span>' if pieces else ""


def safe(text: str) -> str:
    """Text as HTML."""
    return escape(neutralise(text))
