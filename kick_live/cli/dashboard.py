"""Draws figures: as panels for a terminal, or as one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
#: The most rows of a ranking, and the lines of the dashboard beside them.
_ROWS: Final = 8
_OTHER_LINES: Final = 10
#: So many cells each figure needs, with its name.
_FIGURE: Final = 9
#: So many cells beside a name in a ranking, for its number and the space around.
_NUMBER: Final = 6
_FIGURES: Final[tuple[tuple[str, Callable[[Tally], int]], ...]] = (
    ("messages", lambda tally: tally.messages),
    ("chatters", lambda tally: tally.chatters),
    ("subs", lambda tally: tally.subscriptions),
    ("gifted", lambda tally: tally.gifted),
    ("Kicks", lambda tally: tally.kicks),
    ("raids", lambda tally: tally.raids),
    ("deleted", lambda tally: tally.removed),
    ("banned", lambda tally: tally.banned),
)


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


def draw(
    names: Sequence[str], tally: Tally, stats: Stats, width: int, height: int
) -> RenderableType:
    """The dashboard, as large as fits.

    Args:
        names: The channels.
        tally: What happened.
        stats: How the connection is.
        width: Of the terminal, in cells.
        height: Of the terminal, in lines.
    """
    inner = max(10, width - 4)
    figures = _figures(tally, inner)
    rows = min(_ROWS, max(1, height - _OTHER_LINES - figures.row_count))
    tables = Table.grid(expand=True, padding=(0, 1))
    tables.add_column(ratio=1)
    tables.add_column(ratio=1)
    tables.add_row(
        _ranking("chatters", tally.top_chatters(rows), rows, inner, colored=True),
        _ranking("emotes", tally.top_emotes(rows), rows, inner, colored=False),
    )
    return Group(
        Panel(
            Group(
                _head(names, tally, inner), _curve(tally, inner), Text(), figures, Text(), tables
            ),
            title="kick-live stats",
            title_align="left",
            border_style="dim",
        ),
        _health(stats),
    )


def _head(names: Sequence[str], tally: Tally, width: int) -> Table:
    text = Text(overflow="ellipsis", no_wrap=True)
    for index, name in enumerate(names):
        text.append(", " if index else "", "dim")
        text.append(neutralise(name), f"bold {name_color(name)}")
    state = Text("● live" if tally.live else "", "bold red")
    if tally.viewers:
        state.append(f"  {amount(sum(tally.viewers.values()), 'viewer')}", "default not bold")
        if width >= _FIGURE * len(_FIGURES):
            state.append(f" (most {tally.most_viewers:,})", "default not bold dim")
    # Many channels have long names together; whether they are live must not be cut off for them.
    head = Table.grid(expand=True, padding=(0, 2, 0, 0))
    head.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    head.add_column(no_wrap=True)
    head.add_column(justify="right", no_wrap=True)
    head.add_row(text, state, Text(clock(timedelta(seconds=tally.seconds)), "dim"))
    return head


def _curve(tally: Tally, width: int) -> Text:
    steps = tally.pace(min(60, width - 22))
    highest = max(*steps, 1)
    bars = "".join(_BARS[-(-step * 8 // highest)] for step in steps)
    return Text.assemble((bars, "green"), f" {tally.per_minute:,} messages/min")


def _figures(tally: Tally, width: int) -> Table:
    fitting = max(1, width // _FIGURE)
    columns = len(_FIGURES) if fitting >= len(_FIGURES) else min(fitting, len(_FIGURES) // 2)
    table = Table.grid(expand=True)
    for _ in range(columns):
        table.add_column(ratio=1, justify="center", no_wrap=True)
    for first in range(0, len(_FIGURES), columns):
        row = _FIGURES[first : first + columns]
        table.add_row(*(Text(f"{number(tally):,}", "bold") for _, number in row))
        table.add_row(*(Text(name, "dim") for name, _ in row))
    return table


def _ranking(
    title: str, best: Sequence[tuple[str, int]], rows: int, width: int, *, colored: bool
) -> Table:
    table = Table(box=None, expand=True, show_header=True, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column(title, no_wrap=True, overflow="ellipsis")
    table.add_column("", justify="right", no_wrap=True)
    for name, number in best:
        shown = Text(
            clipped(name, max(_NUMBER, width // 2 - _NUMBER)),
            f"bold {name_color(name)}" if colored else "cyan",
        )
        table.add_row(shown, f"{number:,}")
    for _ in range(rows - len(best)):
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
