"""A transcript in HTML, to be read like chat."""

from __future__ import annotations

import colorsys
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import timezone
from html import escape
from typing import Final

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
from kick_live.recording.page import page
from kick_live.recording.selecting import Selection
from kick_live.recording.table import time_of, user_of
from kick_live.recording.telling import ICONS, removals, told
from kick_live.safe import neutralise

__all__ = ["transcript"]

_COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}")
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
_DARKEST: Final = 0.42


def transcript(events: Iterable[Event], selection: Selection) -> tuple[str, int]:
    """Write events as a page of HTML; the same events always give the same page.

    Pictures of emotes and badges are loaded from Kick's servers when somebody looks at the page;
    nothing else is, and nothing in it can run.

    Args:
        events: All of them, since deletions and bans that are not shown count too.
        selection: Which are shown.

    Returns:
        The page, and how many events are on it.
    """
    known = list(events)
    gone = {id(known[place]): why for place, why in removals(known).items()}
    chosen = [event for event in known if event in selection]
    shown = chosen if selection.kinds is not None else list(told(chosen))
    channels = list(dict.fromkeys(e.channel for e in known if e.channel is not None))
    names = [channel.username or channel.slug for channel in channels]
    title = f"Chat of {', '.join(names)}" if names else "Chat"
    body = "".join(_items(shown, gone, len(channels) > 1))
    return page(neutralise(title), _facts(shown), body), len(shown)


def _facts(events: list[Event]) -> str:
    if not events:
        return "Nothing was chosen."
    times = [time_of(event).astimezone(timezone.utc) for event in events]
    first, last = min(times), max(times)
    messages = [event for event in events if isinstance(event, ChatMessage)]
    people = len({message.sender.username for message in messages})
    until = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
    return (
        f"{first:%Y-%m-%d %H:%M} to {until} UTC · {len(messages):,} "
        f"message{'' if len(messages) == 1 else 's'} by {people:,} "
        f"{'person' if people == 1 else 'people'}"
    )


def _items(events: list[Event], gone: dict[int, str], tagged: bool) -> Iterator[str]:
    day = ""
    for event in events:
        when = time_of(event).astimezone(timezone.utc)
        if f"{when:%Y-%m-%d}" != day:
            day = f"{when:%Y-%m-%d}"
            yield f'<li class="day">{when:%A}, {day}</li>\n'
        clock = f'<time datetime="{when:%Y-%m-%dT%H:%M:%SZ}">{when:%H:%M:%S}</time>'
        tag = ""
        if tagged and event.channel is not None:
            tag = f'<span class="c">{_safe(event.channel.slug)}</span>'
        if isinstance(event, ChatMessage):
            why = gone.get(id(event))
            end = f'<span class="w">{escape(why)}</span>' if why else ""
            classes = f"m{' gone' if why else ''}{' big' if _only_emotes(event) else ''}"
            yield f'<li class="{classes}">{clock}<div>{tag}{_message(event)}{end}</div></li>\n'
        else:
            yield f'<li class="e {_family(event)}">{clock}<div>{tag}{_happened(event)}</div></li>\n'


def _message(message: ChatMessage) -> str:
    quote = ""
    if message.is_reply and message.reply_to is not None:
        reply = message.reply_to
        who = f"<b>{_safe(reply.sender.username)}</b> " if reply.sender is not None else ""
        quote = f'<span class="r">↪ {who}{_content(reply.content, links=False)}</span>'
    party = ""
    if message.is_celebration:
        months = message.celebration.total_months if message.celebration is not None else None
        party = f'<span class="c">🎉 {months} months</span>' if months else "🎉 "
    text = _content(message.content)
    name = _name(message.sender)
    return f'{quote}{_badges(message.sender)}{name} {party}<span class="t">{text}</span>'


def _happened(event: Event) -> str:
    about, user = describe(event), user_of(event)
    name = ""
    if about.username:
        name = _name(user or User(username=about.username)) + " "
    icon = ICONS.get(type(event), "•")
    return f'{icon} {name}<span class="t">{_content(about.text or event.kind)}</span>'


def _family(event: Event) -> str:
    for name, classes in _FAMILIES:
        if isinstance(event, classes):
            return name
    return "support"


def _only_emotes(message: ChatMessage) -> bool:
    return bool(message.content) and not message.plain_text.strip()


def _content(text: str, *, links: bool = True) -> str:
    pieces = []
    for part in parse_content(text):
        if isinstance(part, Emote):
            name = _safe(part.name)
            pieces.append(
                f'<img class="x" src="{escape(part.url)}" alt=":{name}:" title="{name}" '
                'loading="lazy">'
            )
        else:
            pieces.append(_linked(part.text) if links else _safe(part.text))
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
    return f'<b class="n" style="color:{_readable(user)}">{_safe(user.username)}</b>'


def _badges(user: User) -> str:
    pieces = []
    for badge in user.badges:
        title = _safe(badge.text or badge.type)
        number = f" {badge.count}" if badge.count else ""
        kind = badge.type if badge.type in _BADGES else "other"
        mark = _BADGES.get(badge.type, title[:12])
        pieces.append(f'<i class="{kind}" title="{title}{number}">{mark}{number}</i>')
    for cosmetic in user.identity.badges_v2:
        address = cosmetic.image_url or ""
        if cosmetic.selected is not False and address.startswith("https://"):
            level = cosmetic.metadata.level if cosmetic.metadata is not None else None
            title = _safe(cosmetic.name or "badge") + (f" {level}" if level is not None else "")
            pieces.append(
                f'<img src="{escape(address)}" alt="{title}" title="{title}" loading="lazy">'
            )
    return f'<span class="b">{"".join(pieces)}</span>' if pieces else ""


def _readable(user: User) -> str:
    """The name's colour, made light enough for a dark page."""
    color = user.color or ""
    if not _COLOR.fullmatch(color):
        hue = zlib.crc32(user.username.encode("utf-8", "replace")) % 360 / 360
        return _hex(*colorsys.hls_to_rgb(hue, 0.7, 0.65))
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    # Perceived brightness; a pure blue is dark at half its lightness.
    while 0.3 * red + 0.59 * green + 0.11 * blue < _DARKEST:
        red, green, blue = (value + (1 - value) * 0.15 for value in (red, green, blue))
    return _hex(red, green, blue)


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(value * 255):02x}" for value in (red, green, blue))


def _safe(text: str) -> str:
    return escape(neutralise(text))
