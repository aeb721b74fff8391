"""Writes events to standard output: for readers, or as JSON for programs."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from datetime import datetime
from typing import Protocol, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from kick_live.cli.colors import name_color
from kick_live.cli.jsonl import to_json
from kick_live.cli.render import render
from kick_live.cli.words import clipped
from kick_live.events.base import Event

__all__ = ["JSONWriter", "TextWriter", "Writer", "discard_output", "make_console", "write_line"]

_TAG_WIDTH = 16
_NARROWEST = 20


class Writer(Protocol):
    """Shows events."""

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """


class _Console(Console):
    """A console that leaves a broken pipe to the command, which ends cleanly then."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def make_console(file: TextIO | None = None) -> Console:
    """A console that takes nothing for markup and colours nothing by itself.

    Args:
        file: Where to; standard output if not given.
    """
    file = sys.stdout if file is None else file
    if isinstance(file, io.TextIOWrapper):
        # What the terminal's character set lacks must not end the program.
        file.reconfigure(errors="replace")
    return _Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True)


class TextWriter:
    """Writes a line for each event: the time, a tag if there are several channels, the event.

    Long lines are wrapped under their beginning on a terminal, and left alone elsewhere.

    Args:
        console: Where to.
        tagged: Whether each line names its channel.
    """

    def __init__(self, console: Console, *, tagged: bool = False) -> None:
        self._console = console
        self._tagged = tagged
        self._tag_width = 0

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        head = self._head(event)
        body = render(event)
        console = self._console
        indent = cell_len(head.plain)
        if console.is_terminal and indent + cell_len(body.plain) > console.width:
            room = max(_NARROWEST, console.width - indent)
            lines = body.wrap(console, room, overflow="fold")
            body = Text("\n" + " " * indent).join(lines)
        console.print(head.append_text(body), no_wrap=True, crop=False, overflow="ignore")

    def _head(self, event: Event) -> Text:
        when = event.received_at
        if event.historical:
            created = getattr(event, "created_at", None)
            when = created if isinstance(created, datetime) else when
        head = Text.assemble((f"{when.astimezone():%H:%M:%S} ", "dim"))
        if self._tagged:
            slug = event.channel.slug if event.channel is not None else ""
            tag = clipped(slug, _TAG_WIDTH)
            self._tag_width = max(self._tag_width, cell_len(tag))
            head.append(tag, name_color(slug) if slug else "")
            head.append(" " * (self._tag_width - cell_len(tag)) + " │ ", "dim")
        return head


class JSONWriter:
    """Writes a line of JSON for each event."""

    def __init__(self) -> None:
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        if not utf8 and isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        write_line(to_json(event))


def write_line(text: str) -> None:
    """Write a line to standard output at once.

    Raises:
        BrokenPipeError: Nobody reads any more.
    """
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def discard_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush cannot fail."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
