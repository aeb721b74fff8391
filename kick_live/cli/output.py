"""Writes events: for readers, or as JSON for programs."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from kick_live.cli.render import render
from kick_live.cli.streams import write_json, write_line
from kick_live.cli.template import Template, moment_of
from kick_live.cli.words import clipped
from kick_live.colors import name_color
from kick_live.errors import RecordingError
from kick_live.events.base import Event
from kick_live.events.values import to_json
from kick_live.recording.reading import is_recording

__all__ = [
    "FileWriter",
    "JSONWriter",
    "TemplateWriter",
    "TextWriter",
    "Writer",
    "print_hanging",
]

_MARK: Final = "↶ "

_TAG_WIDTH = 16
_NARROWEST = 20


class Writer(Protocol):
    """Shows events."""

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """


def print_hanging(console: Console, head: Text, body: Text) -> None:
    """Print a line; on a terminal a long body is wrapped under its beginning."""
    indent = cell_len(head.plain)
    if console.is_terminal and indent + cell_len(body.plain) > console.width:
        room = max(_NARROWEST, console.width - indent)
        lines = body.wrap(console, room, overflow="fold")
        body = Text("\n" + " " * indent).join(lines)
    console.print(head.append_text(body), no_wrap=True, crop=False, overflow="ignore")


class TextWriter:
    """Writes a line for each event: the time, a tag if there are several channels, the event.

    Long lines are wrapped under their beginning on a terminal, and left alone elsewhere.

    Args:
        console: Where to.
        tagged: Whether each line names its channel.
        marked: Whether lines say that they were read from history.
    """

    def __init__(self, console: Console, *, tagged: bool = False, marked: bool = False) -> None:
        self._console = console
        self._tagged = tagged
        self._marked = marked
        self._tag_width = 0

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        head = self._head(event)
        body = render(event)
        print_hanging(self._console, head, body)

    def _head(self, event: Event) -> Text:
        head = Text.assemble((f"{moment_of(event):%H:%M:%S} ", "dim"))
        if self._marked and event.historical:
            head.append(_MARK, "dim")
        if self._tagged:
            slug = event.channel.slug if event.channel is not None else ""
            tag = clipped(slug, _TAG_WIDTH)
            self._tag_width = max(self._tag_width, cell_len(tag))
            head.append(tag, name_color(slug) if slug else "")
            head.append(" " * (self._tag_width - cell_len(tag)) + " │ ", "dim")
        return head


class JSONWriter:
    """Writes a line of JSON for each event."""

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        write_json(to_json(event))


class TemplateWriter:
    """Writes a line in the shape that the user chose for each event.

    Args:
        template: The shape.
    """

    def __init__(self, template: Template) -> None:
        self._template = template

    def write(self, event: Event) -> None:
        """Show one event at once.

        Raises:
            BrokenPipeError: Nobody reads any more.
        """
        write_line(self._template.fill(event))


class FileWriter:
    """Adds a line for each event to a file, at once: JSON if it ends in .jsonl, else text.

    Args:
        path: The file.
        tagged: As for ``TextWriter``.
        marked: As for ``TextWriter``.
        template: The shape of lines of text, or ``None`` for the usual one.

    Raises:
        RecordingError: It cannot be opened, or is a recording, which other lines would damage.
    """

    def __init__(
        self, path: str, *, tagged: bool, marked: bool, template: Template | None = None
    ) -> None:
        self._path = path
        self._as_json = Path(path).suffix.lower() in (".jsonl", ".ndjson", ".json")
        self._template = template
        if is_recording(Path(path)):
            raise RecordingError(
                f"{path} is a recording, in which other lines would be damage. Choose another file; "
                "kick-live record continues a recording.",
                path=path,
            )
        try:
            self._file = open(  # noqa: SIM115 - closed by __exit__
                path, "a", encoding="utf-8", errors="backslashreplace", buffering=1
            )
        except OSError as error:
            raise self._failure(error) from error
        console = Console(
            file=self._file, markup=False, highlight=False, emoji=False, color_system=None,
            force_terminal=False, width=100_000,
        )  # fmt: skip
        self._text = TextWriter(console, tagged=tagged, marked=marked)

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def write(self, event: Event) -> None:
        """Add one event at once.

        Raises:
            RecordingError: It cannot be written.
        """
        try:
            if self._as_json:
                self._file.write(to_json(event) + "\n")
            elif self._template is not None:
                self._file.write(self._template.fill(event) + "\n")
            else:
                self._text.write(event)
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> RecordingError:
        return RecordingError(
            f"{self._path} cannot be written ({error.strerror or error}). Check the path, the "
            "permissions and the disk.",
            path=self._path,
        )
