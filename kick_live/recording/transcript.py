"""A transcript in HTML, to be read like chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from html import escape
from typing import IO, Any, Final

from attrs import define, field

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.models.channel import Channel
from kick_live.recording.gallery import Gallery, gallery
from kick_live.recording.icons import ICON_SYMBOLS
from kick_live.recording.page import body, end, head
from kick_live.recording.pictures import Pictures
from kick_live.recording.pieces import family, happened, only_emotes, safe, said
from kick_live.recording.removals import Removals
from kick_live.recording.role_badges import ROLE_SYMBOLS
from kick_live.recording.selecting import Selection
from kick_live.recording.table import time_of
from kick_live.recording.telling import told
from kick_live.safe import neutralise

__all__ = ["write_transcript"]

#: Stands between an item's HTML and what decides later whether it is crossed out; no text has it.
_MARK = "\x1f"
_WHY: Final = {
    "moderator": "deleted",
    "automatic": "deleted by Kick's moderation",
    "ban": "the author was banned",
    "timeout": "the author was timed out",
    "clear": "the chat was cleared",
}


def write_transcript(
    events: Iterable[Event],
    selection: Selection,
    file: IO[str],
    draft: IO[str],
    pictures: Pictures,
) -> int:
    """Write events as a page of HTML; the same events, with the same pictures, give the same page.

    Nothing in it can run, and nothing but pictures is loaded, if they are to be.

    A deletion comes after the message that it removes, and a page begins with its totals. So the
    items go to a draft first, and from there into the page: memory does not grow with the chat.

    Args:
        events: All of them, since deletions and bans that are not shown count too.
        selection: Which are shown.
        file: Where the page goes.
        draft: A temporary file, empty, to be written and read.
        pictures: How emotes and badges get into the page.

    Returns:
        How many events are on it.
    """
    facts, gone = _Facts(), Removals()
    pictures.begin()
    shown = gallery(pictures)
    for line in _drafted(events, selection, facts, gone, shown):
        draft.write(line)
    names = [channel.username or channel.slug for channel in facts.channels]
    title = f"Chat of {', '.join(names)}" if names else "Chat"
    file.write(head(neutralise(title), shown.policy))
    for rule in shown.styles():
        file.write(rule)
    file.write(body(neutralise(title), facts.words(), ROLE_SYMBOLS + ICON_SYMBOLS))
    tagged = len(facts.channels) > 1
    channels: list[Channel | None] = [*facts.channels, None]
    draft.seek(0)
    day = ""
    for line in draft:
        item, written_at, channel, user, message = line.rstrip("\n").split(_MARK)
        date, _, item = item.partition(" ")
        if date != day:
            day = date
            file.write(f'<li class="day">{datetime.fromisoformat(date):%A}, {date}</li>\n')
        whose = channels[int(channel)]
        tag = f'<span class="c">{safe(whose.slug)}</span>' if tagged and whose is not None else ""
        why = None
        if written_at:
            number = whose.channel_id if whose is not None else 0
            author = int(user) if user else None
            why = gone.why(datetime.fromisoformat(written_at), number, author, message)
        item = item.replace(_TAG, tag, 1)
        if why is not None:
            item = item.replace('class="m', 'class="m gone', 1)
            item = item.replace(_END, f'<span class="w">{escape(_WHY[why])}</span></div></li>')
        file.write(item + "\n")
    file.write(end(_remark(sum(pictures.missing.values()))))
    return facts.shown


def _remark(missing: int) -> str:
    if not missing:
        return ""
    return (
        f"{missing:,} picture{' was' if missing == 1 else 's were'} not to be had: names instead."
    )


_TAG = "<!--c-->"
_END = "</div></li>"


@define
class _Facts:
    """What the head of the page says."""

    channels: dict[Channel, int] = field(factory=dict)
    people: set[str] = field(factory=set)
    messages: int = 0
    shown: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def see(self, event: Event) -> datetime:
        when = time_of(event).astimezone(timezone.utc)
        self.shown += 1
        self.first = when if self.first is None else min(self.first, when)
        self.last = when if self.last is None else max(self.last, when)
        if isinstance(event, ChatMessage):
            self.messages += 1
            self.people.add(event.sender.username)
        return when

    def words(self) -> str:
        first, last = self.first, self.last
        if first is None or last is None:
            return "Nothing was chosen."
        until = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
        people = len(self.people)
        return (
            f"{first:%Y-%m-%d %H:%M} to {until} UTC · {self.messages:,} "
            f"message{'' if self.messages == 1 else 's'} by {people:,} "
            f"{'person' if people == 1 else 'people'}"
        )


def _drafted(
    events: Iterable[Event], selection: Selection, facts: _Facts, gone: Removals, shown: Gallery
) -> Iterator[str]:
    def chosen() -> Iterator[Event]:
        for event in events:
            if event.channel is not None:
                facts.channels.setdefault(event.channel, len(facts.channels))
            gone.see(event)
            if event in selection:
                yield event

    for event in chosen() if selection.kinds is not None else told(chosen(), deletions=False):
        yield _item(event, facts, shown)


def _item(event: Event, facts: _Facts, shown: Gallery) -> str:
    when = facts.see(event)
    clock = f'<time datetime="{when:%Y-%m-%dT%H:%M:%SZ}">{when:%H:%M:%S}</time>'
    channel = -1 if event.channel is None else facts.channels[event.channel]
    about: tuple[Any, ...] = ("", channel, "", "")
    if isinstance(event, ChatMessage):
        classes = "m big" if only_emotes(event) else "m"
        words = said(event, shown)
        about = (when.isoformat(), channel, event.sender.id or "", _one_line(event.id))
    else:
        classes, words = f"e {family(event)}", happened(event, shown)
    item = f'{when:%Y-%m-%d} <li class="{classes}">{clock}<div>{_TAG}{words}{_END}'
    return _MARK.join((item, *map(str, about))) + "\n"


def _one_line(text: str) -> str:
    """An id as it can stand in the draft; Kick's are UUIDs."""
    return "".join(text.split("\n")).replace(_MARK, "")
