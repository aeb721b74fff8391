"""``kick-live replay``: play a recording as if it happened now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click

from kick_live.cli.options import display_options, verbosity_options
from kick_live.cli.reading import Reading, show
from kick_live.cli.running import running
from kick_live.cli.values import moment_or_span
from kick_live.errors import RecordingError
from kick_live.recording.lines import stamp_of
from kick_live.recording.reading import parsed, raw_lines
from kick_live.recording.replay import Replay

__all__ = ["replay"]

_EPILOG = """\
\b
Examples:
  kick-live replay evening.jsonl.gz
  kick-live replay evening.jsonl.gz --speed 10 --start 1:30:00 --end 2h
  kick-live replay evening.jsonl.gz --speed max --only gifted_subscriptions --json
"""


def _speed(ctx: click.Context, param: click.Parameter, value: str) -> float | None:
    if value.lower() == "max":
        return None
    try:
        speed = float(value)
    except ValueError:
        speed = 0.0
    if not 0 < speed < 1e9:
        raise click.BadParameter(f"{value!r} is no speed; write a number above 0, or max.")
    return speed


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False), metavar="FILE")
@click.option(
    "--speed",
    default="1",
    show_default=True,
    callback=_speed,
    metavar="X",
    help="So many times the pace of the recording; max for as fast as possible.",
)
@click.option(
    "--start",
    type=moment_or_span,
    metavar="TIME",
    help="Begin there: 1:30:00 or 90m from the beginning, or a time like 2026-10-01T18:00.",
)
@click.option("--end", type=moment_or_span, metavar="TIME", help="End there.")
@click.option(
    "--longest-wait",
    type=click.FloatRange(min=0),
    metavar="S",
    help="Shorten longer pauses to S seconds.",
)
@click.option("--skip-damaged", is_flag=True, help="Leave out lines that cannot be read.")
@display_options
@verbosity_options
def replay(
    file: str,
    speed: float | None,
    start: datetime | timedelta | None,
    end: datetime | timedelta | None,
    longest_wait: float | None,
    skip_damaged: bool,
    verbose: int,
    quiet: bool,
    **shown: Any,
) -> None:
    """Play a recording again, with the time at which things happened.

    FILE is what record or vod wrote; its further parts belong to it.
    """
    reading = Reading(quiet=quiet, **shown)
    with running(verbose, quiet):
        begin = None
        if isinstance(start, timedelta) or isinstance(end, timedelta):
            begin = _beginning(file, skip_damaged)
        with Replay(
            file,
            speed,
            start=begin + start if begin and isinstance(start, timedelta) else _moment(start),
            end=begin + end if begin and isinstance(end, timedelta) else _moment(end),
            longest_wait=longest_wait,
            skip_damaged=skip_damaged,
        ) as source:
            show(source, reading, tagged=_has_several_channels(file), marked=False)


def _moment(value: datetime | timedelta | None) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _beginning(file: str, skip_damaged: bool) -> datetime:
    """When the first line of a recording arrived, or the video began whose chat it is."""
    from pathlib import Path

    path = Path(file)
    for number, line, complete in raw_lines(path, skip_damaged=skip_damaged):
        if not stamp_of(line):
            continue
        try:
            first = parsed(path, number, line, complete)
        except RecordingError:
            if skip_damaged:
                continue
            raise
        if first is not None and first.at is not None:
            return first.video_start or first.at
    raise RecordingError(f"{file} holds no events.", path=file)


def _has_several_channels(file: str) -> bool:
    """Whether a recording's first lines tell of more than one channel."""
    from itertools import islice
    from pathlib import Path

    from kick_live.recording.lines import parse_line

    channels = set()
    for _, line, complete in islice(raw_lines(Path(file), skip_damaged=True), 200):
        try:
            channel = parse_line(line).channel if complete else None
        except ValueError:
            continue
        if channel is not None:
            channels.add(channel.channel_id)
    return len(channels) > 1
