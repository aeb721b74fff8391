"""``kick-live record``: keep what happens in a file, a database, or both."""

from __future__ import annotations

import contextlib
import itertools
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click
from rich.live import Live
from rich.text import Text

from kick_live.cli.console import make_console
from kick_live.cli.options import (
    connect_timeout_option,
    endpoints_option,
    impersonate_option,
    no_recording,
    proxy_option,
    timeout_option,
    transport_option,
    verbosity_options,
)
from kick_live.cli.running import complain, running
from kick_live.cli.values import rotation
from kick_live.cli.words import amount, span
from kick_live.client import KickClient
from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage
from kick_live.events.lifecycle import Disconnected, Reconnected
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.recording.reading import is_recording
from kick_live.recording.recorder import Recorder
from kick_live.recording.store import ChatStore
from kick_live.session.connector import Transport

__all__ = ["record"]

_EPILOG = """\
\b
Examples:
  kick-live record amber-quokka -o evening.jsonl.gz
  kick-live record amber-quokka tidal-tom -o chat.jsonl.zst --rotate 24h
  kick-live record amber-quokka -o chat.jsonl --sqlite chat.db
  kick-live record amber-quokka -o hour.jsonl --timeout 3600

An existing recording is continued. Whatever is written is on the disk within a second; Ctrl-C and
SIGTERM close it properly. Files that end in .gz or .zst are packed.
"""
_SUFFIXES = (".jsonl", ".ndjson", ".gz", ".gzip", ".zst", ".zstd")
_TICK = 0.5
_BATCH = 500


@click.command(epilog=_EPILOG, short_help="Record everything that happens in channels.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="The recording."
)
@click.option(
    "--sqlite",
    "database",
    type=click.Path(dir_okay=False),
    metavar="DB",
    callback=no_recording,
    help="Store messages and events in this database as well, for search.",
)
@click.option(
    "--rotate",
    type=rotation,
    metavar="SIZE|SPAN",
    help="Begin another file, FILE.0002 and so on, at this size (100MB) or age (6h).",
)
@click.option("--viewers", is_flag=True, help="Record how many people watch, once a minute.")
@transport_option
@timeout_option
@connect_timeout_option
@proxy_option
@impersonate_option
@endpoints_option
@verbosity_options
def record(
    names: tuple[str, ...],
    output: str | None,
    database: str | None,
    rotate: int | timedelta | None,
    viewers: bool,
    transport: Transport,
    timeout: float | None,
    connect_timeout: float,
    proxy: str | None,
    impersonate: bool,
    endpoints: Endpoints,
    verbose: int,
    quiet: bool,
) -> None:
    """Record everything that happens in one or more channels, until Ctrl-C.

    A recording is replayed, exported and searched by the commands of these names.
    """
    if output is None and database is None:
        raise click.UsageError("Say where to: -o FILE, --sqlite DB, or both.")
    if rotate is not None and output is None:
        raise click.UsageError("--rotate divides a recording: give one with -o FILE.")
    with running(verbose, quiet, sums_up=not quiet), contextlib.ExitStack() as stack:
        api = None
        if impersonate:
            api = stack.enter_context(KickAPI(endpoints, proxy=proxy, impersonate=True))
        status = _Status(", ".join(dict.fromkeys(names)), output, database)
        if not quiet:
            stack.callback(status.sum_up)
        store = _Storing(stack.enter_context(ChatStore(database))) if database else None
        if store is not None:
            stack.callback(store.flush)
        client = stack.enter_context(
            KickClient(
                *dict.fromkeys(names),
                transport=transport,
                endpoints=endpoints,
                api=api,
                proxy=proxy,
                viewer_interval=60.0 if viewers else 0.0,
            )
        )
        recorder = None
        is_new = output is not None and not Path(output).exists()
        if output is not None and not quiet:
            status.continued = _tell_about(Path(output), is_new=is_new)
        if output is not None:
            recorder = stack.enter_context(
                Recorder(
                    client,
                    output,
                    max_bytes=rotate if isinstance(rotate, int) else None,
                    max_seconds=rotate.total_seconds() if isinstance(rotate, timedelta) else None,
                    viewer_counts=viewers,
                )
            )
        try:
            client.connect(connect_timeout)
        except BaseException:
            if recorder is not None and is_new and not recorder.recorded:
                recorder.close()
                recorder.path.unlink(missing_ok=True)
            raise
        status.recorder = recorder
        if not quiet:
            complain(f"recording {status.names} to {status.target}; Ctrl-C ends it")
        try:
            with status.shown(quiet):
                _take(client, store, status, timeout)
        finally:
            # The recording has what arrived until now; the database gets it as well.
            for event in itertools.islice(client.events(0.0), client.stats.queued):
                status.take(event)
                if store is not None:
                    store.add(event)


def _tell_about(output: Path, *, is_new: bool) -> bool:
    """Say what may surprise: that a suffix asks for nothing, or, and return, that a recording goes on."""
    if is_new and output.suffix.lower() not in _SUFFIXES:
        complain(
            f"{output} becomes plain lines of JSON, since its suffix asks for nothing else; .gz and "
            ".zst pack, and kick-live export writes other formats"
        )
    elif is_recording(output):
        complain(f"{output} is there already and is continued")
        return True
    return False


class _Status:
    """What was recorded so far: a line that is kept up to date on a terminal."""

    def __init__(self, names: str, output: str | None, database: str | None) -> None:
        self.names = names
        self.target = " and ".join(path for path in (output, database) if path is not None)
        self.continued = False
        self._database = database
        self.recorder: Recorder | None = None
        self.messages = 0
        self.events = 0
        self.connected = True
        self._began = time.monotonic()
        self._live: Live | None = None

    @contextlib.contextmanager
    def shown(self, quiet: bool) -> Iterator[None]:
        """Show the line meanwhile, if there is a terminal."""
        if quiet or not sys.stderr.isatty():
            yield
            return
        console = make_console(sys.stderr)
        with Live(self._line(), console=console, auto_refresh=False, transient=True) as self._live:
            yield

    def take(self, event: Event) -> None:
        """Count an event."""
        self.events += 1
        self.messages += isinstance(event, ChatMessage)
        if isinstance(event, (Disconnected, Reconnected)):
            self.connected = isinstance(event, Reconnected)

    def refresh(self) -> None:
        """Bring the line up to date."""
        if self._live is not None:
            self._live.update(self._line(), refresh=True)

    def sum_up(self) -> None:
        """Say what was recorded."""
        recorder = self.recorder
        if recorder is not None:
            lines = amount(recorder.recorded, "more line" if self.continued else "line")
            lost = f", {recorder.lost:,} lost" if recorder.lost else ""
            complain(f"{lines} recorded in {recorder.path}{lost}")
        if self._database is not None and self.events:
            complain(f"{amount(self.messages, 'message')} stored in {self._database}")

    def _line(self) -> Text:
        sign, style = ("●", "bold red") if self.connected else ("○", "yellow")
        took = timedelta(seconds=int(time.monotonic() - self._began))
        line = Text.assemble((f"{sign} ", style), f"{self.names}  {span(took)}  ")
        line.append(amount(self.messages, "message"), "bold")
        line.append(f"  {amount(self.events - self.messages, 'other event')}", "dim")
        if self.recorder is not None and self.recorder.lost:
            line.append(f"  {self.recorder.lost:,} lost", "bold red")
        if not self.connected:
            line.append("  connecting again", "yellow")
        return line


class _Storing:
    """Gathers events for a database, which takes many together far faster than one by one."""

    def __init__(self, store: ChatStore) -> None:
        self._store = store
        self._waiting: list[Event] = []

    def add(self, event: Event) -> None:
        self._waiting.append(event)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        # Forgotten only once they are stored: a signal may end this in the middle.
        if self._waiting:
            self._store.add_many(self._waiting)
            self._waiting = []


def _take(
    client: KickClient, store: _Storing | None, status: _Status, timeout: float | None
) -> None:
    """Take a client's events until time is over; what ends the recording early is raised."""
    end = None if timeout is None else time.monotonic() + timeout
    tick = 0.0
    while end is None or time.monotonic() < end:
        left = _TICK if end is None else min(_TICK, max(0.0, end - time.monotonic()))
        for event in client.events(left):
            status.take(event)
            if store is not None:
                store.add(event)
            if time.monotonic() >= tick:
                break
        tick = time.monotonic() + _TICK
        if store is not None:
            store.flush()
        if status.recorder is not None and status.recorder.error is not None:
            raise status.recorder.error
        status.refresh()
