"""``kick-live export``: turn a recording into a file for other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from kick_live.cli.counting import Counting, Fetching
from kick_live.cli.options import (
    compiled,
    endpoints_option,
    kind_option,
    requests_proxy_option,
    since_option,
    until_option,
    verbosity_options,
)
from kick_live.cli.running import complain, running
from kick_live.cli.words import amount
from kick_live.events.base import Event
from kick_live.net.endpoints import Endpoints
from kick_live.recording.exporting import FORMATS, Format, refuse_own_input
from kick_live.recording.exporting import export as write
from kick_live.recording.parts import parts_of
from kick_live.recording.pictures import MODES, PictureMode, Pictures
from kick_live.recording.replay import Replay
from kick_live.recording.texts import check_template

__all__ = ["export"]

_EPILOG = """\
\b
Examples:
  kick-live export evening.jsonl.gz -o evening.csv
  kick-live export evening.jsonl.gz -o gifts.csv --only kicks_gifted
  kick-live export evening.jsonl.gz -o end.html --since 2026-10-01T18:00
  kick-live export evening.jsonl.gz -o evening.html --pictures none
  kick-live export evening.jsonl.gz -o left.txt --grep left
  kick-live export evening.jsonl.gz -o a.txt --template '{clock} {message}'
"""


def _template(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    try:
        if value is not None:
            check_template(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


def _format(output: str, to: Format | None, template: str | None) -> Format:
    """The format that is asked for, by name or by the file's suffix."""
    suffix = Path(output).suffix.lower()
    chosen = to or next((name for name, known in FORMATS.items() if suffix in known), None)
    if chosen is None:
        known = ", ".join(suffixes[0] for suffixes in FORMATS.values())
        raise click.UsageError(
            f"{output!r} does not tell the format: let it end in {known}, or add --to."
        )
    if template is not None and chosen != "txt":
        raise click.UsageError(f"--template shapes lines of txt; {chosen} has none.")
    return chosen


@click.command(epilog=_EPILOG, short_help="Write a recording as CSV, text, HTML and more.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False), metavar="FILE")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="OUT",
    help="The file to write; one of that name is replaced.",
)
@click.option(
    "--to",
    type=click.Choice(list(FORMATS)),
    help="The format; by default the one of OUT's suffix. parquet needs the extra 'export'.",
)
@kind_option("--only", "kinds", "Export only this kind of event; repeatable.")
@click.option(
    "--user", "users", multiple=True, metavar="NAME", help="Only of this user; repeatable."
)
@since_option
@until_option
@click.option(
    "--grep",
    callback=compiled,
    metavar="REGEX",
    help="Only texts in which this is found; case does not matter.",
)
@click.option(
    "--template",
    metavar="TEMPLATE",
    callback=_template,
    help="For txt, the shape of a line, such as '[{clock}] {username}: {message}'.",
)
@click.option(
    "--pictures",
    type=click.Choice(list(MODES)),
    default="embed",
    show_default=True,
    help="For html, emotes and badges: fetched now and put into the page, loaded from Kick by whoever "
    "reads it, or their names.",
)
@click.option("--no-pictures", is_flag=True, help="The same as --pictures none.")
@requests_proxy_option
@endpoints_option
@click.option("--skip-damaged", is_flag=True, help="Leave out lines that cannot be read.")
@verbosity_options
def export(
    file: str,
    output: str,
    to: Format | None,
    kinds: tuple[Any, ...],
    users: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    grep: re.Pattern[str] | None,
    template: str | None,
    pictures: PictureMode,
    no_pictures: bool,
    proxy: str | None,
    endpoints: Endpoints,
    skip_damaged: bool,
    verbose: int,
    quiet: bool,
) -> None:
    """Write a recording as CSV, JSON lines, text, an HTML page, or Parquet.

    FILE is what record or vod wrote; its further parts belong to it. All times in OUT are UTC.
    """
    chosen = _format(output, to, template)
    events = _Events(file, skip_damaged=skip_damaged, visible=not quiet)
    with running(verbose, quiet), Fetching(visible=not quiet) as fetching:
        shown = Pictures(
            "none" if no_pictures else pictures,
            endpoints=endpoints,
            proxy=proxy,
            on_progress=fetching.update,
        )
        try:
            refuse_own_input(Path(output), parts_of(Path(file)))
            count = write(
                events,
                output,
                chosen,
                kinds=kinds or None,
                users=[int(user) if user.isdecimal() else user for user in users] or None,
                since=since,
                until=until,
                pattern=grep,
                template=template,
                pictures=shown,
            )
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        if not quiet:
            complain(f"{amount(count, 'event')} written to {output}")
            if not count:
                _explain_nothing(
                    {
                        "--only": kinds,
                        "--user": users,
                        "--since": since,
                        "--until": until,
                        "--grep": grep,
                    }
                )
            _account_for(shown)
            if events.damaged:
                complain(f"{amount(events.damaged, 'line')} could not be read")


def _explain_nothing(chosen: dict[str, object]) -> None:
    """Say what may have left nothing over."""
    given = [flag for flag, value in chosen.items() if value]
    if given:
        complain(
            f"nothing in the recording matches {' with '.join(given)}: check what was given there"
        )
    else:
        complain("the recording holds no events that belong into this format")


def _account_for(pictures: Pictures) -> None:
    """Say what became of a page's pictures, in one line, if it had any."""
    words = []
    if pictures.embedded:
        words.append(f"{amount(pictures.embedded, 'picture')} put into the page")
    if pictures.missing:
        reasons = ", ".join(f"{number:,} {why}" for why, number in pictures.missing.items())
        words.append(f"{sum(pictures.missing.values()):,} shown by name: {reasons}")
    if words:
        complain("; ".join(words))


class _Events:
    """A recording's events, counted on the screen; opened only when they are asked for.

    So that wishes which make no sense are told before a file that is none.
    """

    def __init__(self, file: str, *, skip_damaged: bool, visible: bool) -> None:
        self._file = file
        self._skip_damaged = skip_damaged
        self._visible = visible
        self._replay: Replay | None = None

    @property
    def damaged(self) -> int:
        """How many lines could not be read."""
        return 0 if self._replay is None else self._replay.damaged

    @property
    def video_start(self) -> datetime | None:
        """When the video began whose chat it is."""
        return None if self._replay is None else self._replay.video_start

    def __iter__(self) -> Iterator[Event]:
        with (
            Replay(
                self._file, speed=None, skip_damaged=self._skip_damaged, mark_historical=False
            ) as replay,
            Counting(visible=self._visible) as counting,
        ):
            self._replay = replay
            yield from counting.count(replay)
