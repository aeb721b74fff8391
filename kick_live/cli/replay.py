"""``kick-live replay``: play a recording as if it happened now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import click

from kick_live.cli.options import display_options, verbosity_options
from kick_live.cli.reading import Reading, show
from kick_live.cli.running import complain, running
from kick_live.cli.values import moment_or_span
from kick_live.cli.words import clock
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
  kick-live replay evening.jsonl.gz --speed max --only kicks_gifted --json
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


@click.command(epilog=_EPILOG, short_help="Play a recording again, at any pace.")
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
    help="Begin there: 1:30:00 or 90m from the beginning, or a time: 2026-10-01T18:00 (this "
    "machine's zone) or 2026-10-01T18:00Z (UTC).",
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

    FILE is what record or vod wrote; its further parts belong to it. Times are by this machine's
    zone, in JSON UTC.
    """
    if start is not None and end is not None and _is_before(end, start):
        raise click.UsageError("--end must be behind --start.")
    reading = Reading(quiet=quiet, **shown)
    with running(verbose, quiet):
        begin = None
        if isinstance(start, timedelta) or isinstance(end, timedelta):
            begin = _beginning(file, skip_damaged)
        since = begin + start if begin and isinstance(start, timedelta) else _moment(start)
        until = begin + end if begin and isinstance(end, timedelta) else _moment(end)
        with Replay(
            file,
            speed,
            start=since,
            end=until,
            longest_wait=longest_wait,
            skip_damaged=skip_damaged,
        ) as source:
            show(source, reading, tagged=_has_several_channels(file), marked=False)
            if source.position is None and not (since is None and until is None):
                _explain(source, begin or _beginning(file, skip_damaged), since, until, quiet)


def _is_before(end: datetime | timedelta, start: datetime | timedelta) -> bool:
    """Whether an end is not behind a start; unknown, so false, for a time and a duration."""
    if isinstance(end, timedelta):
        return isinstance(start, timedelta) and end <= start
    return isinstance(start, datetime) and end <= start


def _explain(
    source: Replay, begin: datetime, start: datetime | None, end: datetime | None, quiet: bool
) -> None:
    """Say why nothing was played of what --start and --end chose.

    Raises:
        UsageError: They lie outside of the recording.
    """
    first, last = b"~", b""
    for path in source.files:
        for _, line, _ in raw_lines(path, skip_damaged=True):
            if when := stamp_of(line):
                first, last = min(first, when), max(last, when)
    if not last:
        return
    begin = min(begin, _here(first))
    ended = _here(last)
    span = (
        f"the recording lasts {clock(ended - begin)}, from {begin.astimezone():%Y-%m-%d %H:%M:%S} "
        f"to {ended:%Y-%m-%d %H:%M:%S}"
    )
    if start is not None and start > ended:
        raise click.UsageError(f"--start is past the end: {span}.")
    if end is not None and end <= begin:
        raise click.UsageError(f"--end is before the beginning: {span}.")
    if not quiet:
        complain(f"nothing happened between --start and --end; {span}")


def _here(stamp: bytes) -> datetime:
    """A time as it stands in a recording, in this machine's zone."""
    return datetime.fromisoformat(stamp.decode()).replace(tzinfo=timezone.utc).astimezone()


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
