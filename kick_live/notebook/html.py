"""How values look in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from kick_live.client import KickClient
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.models.base import field_names
from kick_live.models.channel import Channel
from kick_live.models.user import User
from kick_live.notebook import pieces
from kick_live.notebook.pieces import BOX, DIM, escape
from kick_live.stats import Stats

__all__ = ["as_html", "line"]

_SHARED: Final = frozenset(field_names(Event()))
_LONGEST: Final = 200
_MOST: Final = 10
_DEEPEST: Final = 2
#: The figures that are nought while all is well.
_TROUBLE: Final = ("dropped", "undecodable", "repaired", "unknown", "reconnects")


def as_html(value: object) -> str:
    """How a value looks in a notebook; everything that strangers wrote is escaped.

    Args:
        value: An event, a client, or its figures; anything else is shown as its ``repr``.
    """
    if isinstance(value, ChatMessage):
        return f'<div style="{BOX}">{line(value)}</div>'
    if isinstance(value, Event):
        fields = pieces.table(_fields(value))
        return f'<div style="{BOX}">{line(value)}{fields}</div>'
    if isinstance(value, Stats):
        return pieces.table(_figures(value))
    if isinstance(value, KickClient):
        state = html.escape(repr(value))
        figures = pieces.table(_figures(value.stats, closed=value.closed))
        return f'<div style="{BOX}"><b>{state}</b>{figures}</div>'
    return f"<code>{escape(repr(value))}</code>"


def line(event: Event) -> str:
    """An event on one line, without a box around it."""
    if not isinstance(event, ChatMessage):
        where = f" in {escape(event.channel.slug)}" if event.channel is not None else ""
        kind = escape(event.kind.replace("_", " "))
        return f'{pieces.clock(event.received_at)}<b>{kind}</b><span style="{DIM}">{where}</span>'
    parts = [
        pieces.clock(event.created_at or event.received_at),
        pieces.badges(event.sender),
        pieces.name(event.sender),
        _quote(event) if event.is_reply else "",
        _celebration(event) if event.is_celebration else "",
        f": {pieces.content(event.content)}" if event.content else "",
    ]
    return "".join(parts)


def _quote(message: ChatMessage) -> str:
    reply = message.reply_to
    if reply is None:
        return f' <span style="{DIM}">↪ an older message</span>'
    who = pieces.name(reply.sender) if reply.sender is not None else ""
    said = pieces.content(reply.content)
    # The name keeps its full colour, which was chosen to be just readable.
    return f' <span style="{DIM}">↪</span> {who} <span style="{DIM}">“{said}”</span>'


def _celebration(message: ChatMessage) -> str:
    months = message.celebration.total_months if message.celebration is not None else None
    return f" 🎉 celebrates {months} months" if months else " 🎉 celebrates"


def _fields(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    """The fields that say something."""
    for field in field_names(value):
        found = getattr(value, field)
        if (depth or field not in _SHARED) and found not in (None, "", (), {}):
            yield field.replace("_", " "), _value(found, depth)


def _value(value: Any, depth: int) -> str:
    if isinstance(value, User):
        return pieces.badges(value) + pieces.name(value)
    if isinstance(value, ChatMessage):
        return line(value)
    if isinstance(value, Channel):
        return escape(value.slug)
    if isinstance(value, datetime):
        return escape(value.astimezone().isoformat(sep=" ", timespec="seconds"))
    if isinstance(value, timedelta):
        return pieces.span(value)
    if isinstance(value, tuple):
        items = [_value(item, _DEEPEST) for item in value[:_MOST]]
        if any(field_names(item) and not isinstance(item, User) for item in value[:_MOST]):
            shown = "".join(f"<div>{item}</div>" for item in items)
        else:
            shown = ", ".join(items)
        more = len(value) - _MOST
        return f"{shown} and {more} more" if more > 0 else shown
    if field_names(value):
        rows = list(_fields(value, depth + 1))
        if depth < _DEEPEST:
            return pieces.table(rows)
        return "; ".join(f"{title} {shown}" for title, shown in rows)
    text = value if isinstance(value, str) else repr(value)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return pieces.content(text)


def _figures(stats: Stats, closed: bool = False) -> Iterator[tuple[str, str]]:
    yield (
        "events",
        f"{stats.received:,} received, {stats.dispatched:,} taken, {stats.queued:,} waiting",
    )
    trouble = [f"{getattr(stats, name):,} {name}" for name in _TROUBLE if getattr(stats, name)]
    yield "trouble", ", ".join(trouble) or "none"
    if stats.reconnects or stats.duplicates:
        yield "gaps", f"{stats.recovered:,} recovered, {stats.duplicates:,} repetitions left out"
    yield "last event", f"{pieces.span(stats.last_event_age)} ago" if stats.last_event_age else "–"
    yield "latency", pieces.span(stats.latency)
    # The last figures of a client are those from before its sockets were closed.
    connections = "closed" if closed else f"{stats.connections} open"
    yield "connection", f"{escape(stats.transport or 'none')}, {connections}"
    if stats.topics and not closed:
        states = list(stats.topics.values())
        counts = [f"{states.count(state)} {escape(state)}" for state in dict.fromkeys(states)]
        yield "topics", ", ".join(counts)
