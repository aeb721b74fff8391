"""Options that several commands share."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from kick_live.cli.template import FIELDS, Template
from kick_live.cli.values import moment
from kick_live.errors import UnknownEventName
from kick_live.events.base import Event
from kick_live.events.registry import EVENT_CLASSES, event_class
from kick_live.net.endpoints import Endpoints
from kick_live.net.proxies import check_proxy
from kick_live.recording.reading import is_recording

__all__ = [
    "KINDS",
    "SECONDS",
    "compiled",
    "connect_timeout_option",
    "display_options",
    "endpoints_option",
    "impersonate_option",
    "json_option",
    "kind_option",
    "no_recording",
    "proxy_option",
    "reading_options",
    "requests_proxy_option",
    "since_option",
    "timeout_option",
    "transport_option",
    "until_option",
    "verbosity_options",
]

F = TypeVar("F", bound=Callable[..., Any])

_NAMES: Final = ", ".join(f"{{{name}}}" for name in FIELDS if name not in ("time", "name", "text"))

#: The names of all kinds of events, bases included.
KINDS: Final = tuple(sorted(cls.kind for cls in EVENT_CLASSES))


#: Suffixes of files that are no lines of text or JSON.
_OTHER_FORMATS: Final = (
    ".csv", ".db", ".gz", ".gzip", ".htm", ".html", ".parquet", ".pq", ".sqlite", ".zst", ".zstd",
)  # fmt: skip


class _Seconds(click.FloatRange):
    """A time above 0 that can be waited for: not infinite, nor NaN, which every range lets pass."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if not seconds <= threading.TIMEOUT_MAX:
            self.fail(f"{value} is no time that can be waited for.", param, ctx)
        return seconds


SECONDS: Final = _Seconds(min=0, min_open=True)


def _kinds(
    ctx: click.Context, param: click.Parameter, values: Sequence[str]
) -> tuple[type[Event], ...]:
    """Names of events, in any style, to their classes."""
    return tuple(_kind(value) for value in values)


def _kind(value: str) -> type[Event]:
    try:
        return event_class(value)
    except UnknownEventName as error:
        if error.suggestion:
            hint = f" Did you mean {error.suggestion!r}?"
        else:
            hint = f" There are {', '.join(KINDS)}."
        raise click.BadParameter(f"There is no event named {value!r}.{hint}") from error


def compiled(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    """A regular expression; case does not matter in it, as in exports."""
    try:
        return None if value is None else re.compile(value, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise click.BadParameter(f"{value!r} is no regular expression: {error}.") from error


def _template(ctx: click.Context, param: click.Parameter, value: str | None) -> Template | None:
    try:
        return None if value is None else Template(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _complete_kind(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [CompletionItem(kind) for kind in KINDS if kind.startswith(incomplete.lower())]


def _at(ctx: click.Context, param: click.Parameter, value: str | None) -> Endpoints:
    """One server in Kick's place, or Kick."""
    try:
        return Endpoints() if value is None else Endpoints.at(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _proxy(tls: bool) -> Callable[..., str | None]:
    """A proxy's address, looked at before anything is begun.

    Args:
        tls: Whether the command only makes requests, which can speak to the proxy through TLS.
    """

    def checked(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
        try:
            check_proxy("The address", value, tls=tls)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
        return value

    return checked


def no_recording(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A file that may be written; a recording is refused, which it would not be any more."""
    if value is not None and is_recording(Path(value)):
        raise click.BadParameter(f"{value} is a recording; choose another file for the database.")
    return value


def _outputs(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> Sequence[str]:
    """Files for lines; a suffix that promises anything else is refused, as the file would not be it."""
    for value in values:
        path = Path(value)
        if path.suffix.lower() in _OTHER_FORMATS and not is_recording(path):
            raise click.BadParameter(
                f"{value} would hold plain lines, whatever its suffix promises. Let it end in .txt or "
                ".jsonl; kick-live record packs, and kick-live export writes other formats."
            )
    return values


def kind_option(flag: str, name: str, words: str) -> Callable[[F], F]:
    """An option that takes kinds of events.

    Args:
        flag: What the user writes.
        name: The parameter of the command.
        words: The help.
    """
    return click.option(
        flag,
        name,
        metavar="KIND",
        multiple=True,
        callback=_kinds,
        shell_complete=_complete_kind,
        help=words,
    )


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON object a line, for programs."
)
transport_option = click.option(
    "--transport",
    type=click.Choice(["auto", "centrifugo", "pusher"]),
    default="auto",
    show_default=True,
    help="The realtime service; auto asks Kick and falls back to the other.",
)
timeout_option = click.option(
    "--timeout",
    type=SECONDS,
    metavar="S",
    help="End after S seconds of connection.",
)
connect_timeout_option = click.option(
    "--connect-timeout",
    type=SECONDS,
    default=30.0,
    show_default=True,
    metavar="S",
    help="Give up if there is no connection after S seconds.",
)
since_option = click.option(
    "--since",
    type=moment,
    metavar="TIME",
    help="From this time on: 2026-10-01T18:00 (this machine's zone) or 2026-10-01T18:00Z (UTC).",
)
until_option = click.option(
    "--until", type=moment, metavar="TIME", help="Before this time, written as for --since."
)
proxy_option, requests_proxy_option = (
    click.option(
        "--proxy",
        metavar="URL",
        callback=_proxy(tls),
        help="A proxy for everything; an empty text ignores the environment's.",
    )
    for tls in (False, True)
)
impersonate_option = click.option(
    "--impersonate",
    is_flag=True,
    help="Shake hands with Kick like a browser; needs the extra 'impersonate'.",
)
endpoints_option = click.option(
    "--endpoints",
    metavar="URL",
    callback=_at,
    envvar="KICK_LIVE_ENDPOINTS",
    show_envvar=True,
    help="Advanced: a server to ask in Kick's place, such as a simulator.",
)


def verbosity_options(command: F) -> F:
    """Add ``--verbose`` and ``--quiet``."""
    quiet = click.option(
        "-q",
        "--quiet",
        is_flag=True,
        help="Leave out everything about the connection, and warnings.",
    )
    verbose = click.option(
        "-v",
        "--verbose",
        count=True,
        help="Log to standard error, and show where errors come from; twice for details.",
    )
    return verbose(quiet(command))


def display_options(command: F) -> F:
    """Add the options that choose among events, and say how they are shown."""
    options = (
        json_option,
        click.option(
            "--format",
            "template",
            metavar="TEMPLATE",
            callback=_template,
            help=f"The shape of a line, such as '{{time}} {{name}}: {{text}}'; also {_NAMES}.",
        ),
        kind_option(
            "--only",
            "only",
            "Show only this kind of event; repeatable. Subclasses count: 'goal' has all five.",
        ),
        kind_option("--not", "without", "Leave out this kind of event; repeatable."),
        click.option(
            "--grep",
            metavar="REGEX",
            callback=compiled,
            help="Show only lines in which this is found; case does not matter.",
        ),
        click.option(
            "--all",
            "everything",
            is_flag=True,
            help="Show also what repeats another event: leaderboards, every vote, and the like.",
        ),
        click.option(
            "--max-messages",
            type=click.IntRange(min=1),
            metavar="N",
            help="End after N messages or other events; those about the connection do not count.",
        ),
        click.option(
            "--output",
            "outputs",
            metavar="FILE",
            multiple=True,
            type=click.Path(dir_okay=False, writable=True),
            callback=_outputs,
            help="Write what is shown to this file as well, at its end: as JSON lines if it ends in "
            ".jsonl, .ndjson or .json, else as text; repeatable.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def reading_options(command: F) -> F:
    """Add the options of commands that show events as they happen."""
    return display_options(transport_option(command))
