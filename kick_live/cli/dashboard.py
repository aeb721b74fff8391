"""Draws figures: as panels for a terminal, or as one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kick_live.cli.tally import Tally
from kick_live.cli.words import amount, clipped, clock, span
from kick_live.colors import name_color
from kick_live.safe import neutralise
from kick_live.stats import Stats

__all__ = ["draw", "summary"]

_BARS: Final = " ▁▂▃▄▅▆▇█"
_ROWS: Final = 8
_NAME_WIDTH: Final = 20


def summary(tally: Tally, stats: Stats) -> str:
    """The figures on one line."""
    parts = [
        f"{tally.per_minute:,} messages/min",
        amount(tally.messages, "message"),
        amount(tally.chatters, "chatter"),
        amount(tally.subscriptions, "sub"),
        f"{tally.gifted:,} gifted",
        amount(tally.kicks, "Kick"),
    ]
    if tally.viewers:
        parts.append(amount(sum(tally.viewers.values()), "viewer"))
    parts += _problems(stats)
    return " · ".join(parts)


def draw(names: Sequence[str], tally: Tally, stats: Stats, width: int) -> RenderableType:
    """The dashboard.

    Args:
        names: The channels.
        tally: What happened.
        stats: How the connection is.
        width: Of the terminal, in cells.
    """
    tables = Table.grid(expand=True, padding=(0, 1))
    tables.add_column(ratio=1)
    tables.add_column(ratio=1)
    tables.add_row(
        _ranking("chatters", tally.top_chatters(_ROWS), colored=True),
        _ranking("emotes", tally.top_emotes(_ROWS), colored=False),
    )
    inner = max(10, width - 4)
    return Group(
        Panel(
            Group(
                _head(names, tally), _curve(tally, inner), Text(), _figures(tally), Text(), tables
            ),
            title="kick-live stats",
            title_align="left",
            border_style="dim",
        ),
        _health(stats),
    )


def _head(names: Sequence[str], tally: Tally) -> Text:
    text = Text(overflow="ellipsis", no_wrap=True)
    for index, name in enumerate(names):
        text.append(", " if index else "", "dim")
        text.append(neutralise(name), f"bold {name_color(name)}")
    if tally.live:
        text.append("  ● live", "bold red")
    if tally.viewers:
        text.append(f"  {amount(sum(tally.viewers.values()), 'viewer')}")
        text.append(f" (most {tally.most_viewers:,})", "dim")
    text.append(f"  {clock(timedelta(seconds=tally.seconds))}", "dim")
    return text


def _curve(tally: Tally, width: int) -> Text:
    steps = tally.pace(min(60, width - 22))
    highest = max(*steps, 1)
    bars = "".join(_BARS[-(-step * 8 // highest)] for step in steps)
    return Text.assemble((bars, "green"), f" {tally.per_minute:,} messages/min")


def _figures(tally: Tally) -> Table:
    figures = {
        "messages": tally.messages,
        "chatters": tally.chatters,
        "subs": tally.subscriptions,
        "gifted": tally.gifted,
        "Kicks": tally.kicks,
        "raids": tally.raids,
        "deleted": tally.removed,
        "banned": tally.banned,
    }
    table = Table.grid(expand=True)
    for _ in figures:
        table.add_column(ratio=1, justify="center", no_wrap=True)
    table.add_row(*(Text(f"{number:,}", "bold") for number in figures.values()))
    table.add_row(*(Text(name, "dim") for name in figures))
    return table


def _ranking(title: str, rows: Sequence[tuple[str, int]], *, colored: bool) -> Table:
    table = Table(box=None, expand=True, show_header=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(title, no_wrap=True, overflow="ellipsis")
    table.add_column("", justify="right", no_wrap=True)
    for name, number in rows:
        shown = Text(clipped(name, _NAME_WIDTH), f"bold {name_color(name)}" if colored else "cyan")
        table.add_row(shown, f"{number:,}")
    for _ in range(_ROWS - len(rows)):
        table.add_row("", "")
    return table


def _health(stats: Stats) -> Text:
    text = Text(overflow="ellipsis", no_wrap=True)
    if stats.connections:
        text.append(" ● ", "green")
        text.append(f"{stats.transport or 'connected'}", "dim")
    else:
        text.append(" ○ connecting ...", "yellow")
    if stats.last_event_age is not None:
        text.append(f"  last event {span(timedelta(seconds=int(stats.last_event_age.total_seconds())))} ago", "dim")  # fmt: skip
    if stats.latency is not None:
        text.append(f"  latency {span(stats.latency)}", "dim")
    for problem in _problems(stats):
        text.append(f"  {problem}", "yellow")
    return text


def _problems(stats: Stats) -> list[str]:
    counted = {
        "reconnect": stats.reconnects,
        "dropped event": stats.dropped,
        "undecodable event": stats.undecodable,
    }
    return [amount(number, noun) for noun, number in counted.items() if number]
