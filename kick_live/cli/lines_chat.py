"""How chat reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kick_live.cli.lines import Part, name, says
from kick_live.cli.marks import badge_marks
from kick_live.cli.words import amount, clipped, span
from kick_live.events.chat import (
    ChatMessage,
    MessageDeleted,
    PinnedMessageCreated,
    PinnedMessageDeleted,
)
from kick_live.models.content import Emote, parse_content
from kick_live.recording.wording import deletion
from kick_live.safe import neutralise

__all__ = ["content"]

_QUOTE_WIDTH = 28


def content(text: str) -> Text:
    """A message's content, with emotes by their names."""
    shown = Text()
    for part in parse_content(text):
        if isinstance(part, Emote):
            if shown.plain.endswith(":"):
                shown.append(" ")  # emotes may touch each other
            shown.append(f":{neutralise(part.name)}:", "italic cyan")
        else:
            shown.append(neutralise(part.text))
    return shown


@says(ChatMessage)
def _message(message: ChatMessage) -> Iterator[Part]:
    if message.is_celebration:
        yield from _celebration(message)
        return
    yield badge_marks(message.sender)
    yield name(message.sender)
    if message.is_reply:
        yield from _quote(message)
    yield Text(": ", "dim")
    yield content(message.content)


def _quote(message: ChatMessage) -> Iterator[Part]:
    reply = message.reply_to
    yield Text(" ↪ ", "dim")
    if reply is None:
        yield Text("an older message", "dim italic")
        return
    if reply.sender is not None:
        yield name(reply.sender)
    quoted = content(reply.content).plain
    if quoted:
        yield Text(f" “{clipped(quoted, _QUOTE_WIDTH)}”", "dim italic")


def _celebration(message: ChatMessage) -> Iterator[Part]:
    yield Text("🎉 ")
    yield badge_marks(message.sender)
    yield name(message.sender)
    months = message.celebration.total_months if message.celebration is not None else None
    yield Text(f" celebrates {amount(months, 'month')}" if months else " celebrates", "yellow")
    if message.content:
        yield Text(": ", "dim")
        yield content(message.content)


@says(MessageDeleted, "❌", "dim")
def _deleted(event: MessageDeleted) -> Iterable[Part]:
    return (deletion(event),)


@says(PinnedMessageCreated, "📌", "cyan")
def _pinned(event: PinnedMessageCreated) -> Iterator[Part]:
    if event.pinned_by is not None:
        yield name(event.pinned_by)
        yield " pinned"
    else:
        yield "pinned"
    yield f" for {span(event.duration)}: " if event.duration else ": "
    yield name(event.message.sender)
    yield Text(": ", "dim")
    yield content(event.message.content)


@says(PinnedMessageDeleted, "📌", "dim")
def _unpinned(event: PinnedMessageDeleted) -> Iterable[Part]:
    return ("the pinned message was taken down",)
