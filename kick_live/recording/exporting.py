"""Writes events for other programs."""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, Literal, TypeAlias

from kick_live.arguments import check_choice
from kick_live.errors import RecordingError
from kick_live.events.base import Event
from kick_live.recording.frames import write_parquet
from kick_live.recording.pictures import MODES, PictureMode, Pictures
from kick_live.recording.replay import Replay
from kick_live.recording.selecting import Selection, Source, events_of, video_start
from kick_live.recording.table import Tabulator
from kick_live.recording.telling import told
from kick_live.recording.texts import check_template, write_csv, write_jsonl, write_text
from kick_live.recording.transcript import write_transcript

__all__ = ["FORMATS", "Format", "export", "refuse_own_input"]

Format: TypeAlias = Literal["csv", "jsonl", "txt", "html", "parquet"]
#: The formats, and the suffixes that ask for them.
FORMATS: Final[dict[Format, tuple[str, ...]]] = {
    "csv": (".csv",),
    "jsonl": (".jsonl", ".ndjson"),
    "txt": (".txt", ".log"),
    "html": (".html", ".htm"),
    "parquet": (".parquet", ".pq"),
}


def export(
    source: Source,
    path: str | os.PathLike[str],
    to: Format | None = None,
    *,
    kinds: Iterable[type[Event] | str] | type[Event] | str | None = None,
    users: Iterable[str | int] | str | int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    pattern: str | re.Pattern[str] | None = None,
    template: str | None = None,
    pictures: PictureMode | Pictures | bool = "embed",
) -> int:
    """Write events to a file for other programs, or for readers.

    * ``csv``: the columns of ``to_dataframe``; no cell is taken for a formula by a spreadsheet.
    * ``jsonl``: one object a line, messages with the fields of chat-downloader, other events with
      their own in ``data``.
    * ``txt``: one line an event. ``html``: one page that reads like chat, with emotes and badges,
      removed messages crossed out; it loads nothing, unless pictures are linked.
    * ``parquet``: the columns of ``to_dataframe``, typed; needs the extra ``export``.

    Unless ``kinds`` asks for them, ``txt`` and ``html`` leave out: what Kick tells once more in other
    words; what lies between beginning and end of polls, predictions and goals, and that an ended
    poll is taken down; counts of viewers and followers, changes of a running broadcast and of
    points, and videos made private; that a connection was made or tried, and errors; unknown and
    unreadable events. ``html`` has no lines for deletions, which it shows at the messages.

    Blocks until the events end. Rows and lines stand in the order of arrival, so that ``time``, where
    it is Kick's, may go back a little. The file appears when it is complete; one of that name is
    replaced, unless it is the recording that is read; a link stays a link. Into what is no file, as
    a pipe, it is written at once.

    Args:
        source: A recording's path, a ``Replay``, a list of events, ``client.events(timeout=60)``.
        path: The file to write.
        to: The format; by default the one that belongs to the file's suffix.
        kinds: Event classes, or names of some, to choose; subclasses count.
        users: Names or ids to choose.
        since: The earliest arrival to choose; without a zone, UTC is meant.
        until: The first arrival that is too late.
        pattern: A regular expression to be found in the text, in which emotes are ``:names:``; case
            does not matter.
        template: For ``txt``, a line's shape, as ``"[{clock}] {username}: {message}"``, of the
            columns and ``{date}``, ``{clock}`` and ``{time_text}``.
        pictures: For ``html``: ``"embed"`` fetches emotes and badges from Kick's servers, which may
            take up to two minutes, and writes them into the page; ``"link"`` lets the reader's browser
            load them; ``"none"`` writes names instead. ``Pictures`` says more than that. True means
            ``"embed"``, False ``"none"``.

    Returns:
        How many events were written.

    Raises:
        RecordingError: The recording cannot be read, or the file cannot be written.
        MissingExtra: The format needs a package that is not installed.
        UnknownEventName: No event has such a name.
        TypeError: ``pictures`` is something else.
        ValueError: There is no such format or way of pictures, the pattern or template makes no sense, or the file to
            write is the recording itself.

    Example:
        >>> import pathlib, tempfile
        >>> from kick_live import ChatMessage, User
        >>> from kick_live.recording import export
        >>> messages = [ChatMessage(id="1", sender=User(username="Maple"), content="gg")]
        >>> path = pathlib.Path(tempfile.mkdtemp(), "chat.txt")
        >>> export(messages, path, template="{username}: {message}")
        1
        >>> print(path.read_text(), end="")
        Maple: gg
    """
    target = Path(path)
    chosen = _format(target, to)
    if template is not None:
        if chosen != "txt":
            raise ValueError(f"A template shapes lines of txt; {chosen} has none.")
        check_template(template)
    selection = Selection(kinds, users, since, until, pattern)
    shown = _pictures(pictures)
    events = events_of(source)
    if isinstance(events, Replay):
        refuse_own_input(target, events.files)
    try:
        with _place(target) as place:
            return _write(chosen, events, selection, place, template, shown)
    except OSError as error:
        raise RecordingError(
            f"{target} cannot be written ({error.strerror or error}). Check the path, the "
            "permissions and the space on the disk; a file that was there before is unchanged.",
            path=str(target),
        ) from error


@contextlib.contextmanager
def _place(target: Path) -> Iterator[Path]:
    """Where to write: beside the file, which is replaced at the end, unless it is no file."""
    if target.exists() and not target.is_file():
        # A pipe, or a device such as /dev/null, which must not become a file.
        yield target
        return
    # A link stays one: what it leads to is replaced.
    target = Path(os.path.realpath(target))
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        yield unfinished
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def refuse_own_input(target: Path, files: Iterable[Path]) -> None:
    """Refuse to replace a recording by its export.

    Raises:
        ValueError: The file to write is one of those that are read, perhaps by another name.
    """
    for file in files:
        if target.exists() and file.exists() and target.samefile(file):
            raise ValueError(
                f"{target} is the recording that is read, and the export would replace it. Choose "
                "another path to write."
            )


def _format(path: Path, to: str | None) -> str:
    if to is None:
        for name, suffixes in FORMATS.items():
            if path.suffix.lower() in suffixes:
                return name
        raise ValueError(
            f"{path.name!r} does not tell the format: let it end in "
            f"{', '.join(suffixes[0] for suffixes in FORMATS.values())}, or pass to=."
        )
    if to not in FORMATS:
        raise ValueError(f"There is no format {to!r}; there are {', '.join(FORMATS)}.")
    return to


def _pictures(wish: PictureMode | Pictures | bool) -> Pictures:
    if isinstance(wish, Pictures):
        return wish
    if isinstance(wish, bool):
        return Pictures("embed" if wish else "none")
    check_choice("pictures", wish, MODES)
    return Pictures(wish)


def _write(
    to: str,
    events: Iterable[Event],
    selection: Selection,
    path: Path,
    template: str | None,
    pictures: Pictures,
) -> int:
    if to == "parquet":
        with path.open("wb") as binary:
            return write_parquet((row for _, row in _rows(events, selection)), binary)
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        if to == "html":
            with TemporaryFile(
                "w+",
                dir=path.parent if path.is_file() else None,
                encoding="utf-8",
                errors="backslashreplace",
                newline="\n",
            ) as draft:
                return write_transcript(events, selection, file, draft, pictures)
        if to == "jsonl":
            return write_jsonl(_rows(events, selection), file)
        if to == "csv":
            return write_csv((row for _, row in _rows(events, selection)), file)
        rows = _rows(events, selection, tell=selection.kinds is None)
        return write_text((row for _, row in rows), file, template)


def _rows(
    events: Iterable[Event], selection: Selection, *, tell: bool = False
) -> Iterator[tuple[Event, dict[str, Any]]]:
    tabulator = Tabulator(functools.partial(video_start, events))

    def chosen() -> Iterator[Event]:
        for event in events:
            tabulator.see(event)
            if event in selection:
                yield event

    for event in told(chosen()) if tell else chosen():
        yield event, tabulator.row(event)
