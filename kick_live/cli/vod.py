"""``kick-live vod``: the chat of a past broadcast."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from kick_live.cli.console import make_console
from kick_live.cli.options import (
    compiled,
    endpoints_option,
    impersonate_option,
    json_option,
    requests_proxy_option,
    verbosity_options,
)
from kick_live.cli.output import print_hanging
from kick_live.cli.render import render
from kick_live.cli.running import complain, running
from kick_live.cli.streams import write_json, write_line
from kick_live.cli.values import span
from kick_live.cli.words import amount, clock
from kick_live.errors import InvalidChannel, NotFound
from kick_live.events.values import dump, event_values
from kick_live.models.video import Video
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.net.resolver import parse_channel, slug_candidates
from kick_live.net.video_address import parse_video
from kick_live.recording import VodChat, VodFile, VodMessage, VodProgress
from kick_live.safe import neutralise

__all__ = ["vod"]

_EPILOG = """\
\b
Examples:
  kick-live vod amber-quokka              its videos, with their UUIDs
  kick-live vod https://kick.com/video/1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34
  kick-live vod 1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34 -o walk.jsonl.gz
  kick-live vod 1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34 --start 1:30:00 --json

FILE is a recording: replay and export read it. An existing one is continued where it stopped.
"""
_EXPECTED = (
    "Give the address of a video's page, such as "
    "https://kick.com/amber-quokka/videos/1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34, or the UUID at its "
    "end; or a channel's name, which lists its videos."
)
_LOCAL = ("127.0.0.1", "::1", "localhost")
#: Seconds between two lines about the progress where there is no terminal.
_PAUSE = 10.0


@click.command(epilog=_EPILOG, short_help="Read the chat of a past broadcast.")
@click.argument("video", metavar="URL|UUID|NAME")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write a recording instead of showing the chat; packed if it ends in .gz or .zst.",
)
@click.option("--start", type=span, metavar="SPAN", help="From there in the video on.")
@click.option("--end", type=span, metavar="SPAN", help="Up to there in the video.")
@click.option(
    "--grep",
    callback=compiled,
    metavar="REGEX",
    help="Only lines in which this is found; case does not matter.",
)
@json_option
@requests_proxy_option
@impersonate_option
@endpoints_option
@verbosity_options
def vod(
    video: str,
    output: str | None,
    start: timedelta | None,
    end: timedelta | None,
    grep: re.Pattern[str] | None,
    as_json: bool,
    proxy: str | None,
    impersonate: bool,
    endpoints: Endpoints,
    verbose: int,
    quiet: bool,
) -> None:
    """Read the chat of a past broadcast, with the position in its video.

    With a channel's NAME instead, list its videos. Kick is asked once a second at most, for about 25
    messages, so the chat of some hours takes minutes.
    """
    if output is not None and (as_json or grep is not None):
        raise click.UsageError("A recording gets everything: --json and --grep go without -o.")
    uuid = _uuid(video)
    if uuid is None:
        _refuse_for_channel({"-o": output, "--start": start, "--end": end, "--grep": grep})
    with (
        running(verbose, quiet),
        # A simulator on this machine need not be spared.
        KickAPI(
            endpoints,
            proxy=proxy,
            impersonate=impersonate,
            min_interval=0.0 if urlsplit(endpoints.web).hostname in _LOCAL else 1.0,
        ) as api,
    ):
        if uuid is None:
            _list(_videos(api, video), as_json, quiet)
            return
        found = _video(api, uuid)
        _check_span(found, start, end)
        progress = _Progress(found, visible=not quiet and (bool(output) or not sys.stdout.isatty()))
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(VodFile(output, found)) if output else None
            resume = file.position if file is not None else None
            if resume is not None and not quiet:
                complain(f"{output} is continued at {clock(resume.offset)}")
            stack.enter_context(progress)

            def on_progress(now: VodProgress) -> None:
                if file is not None:
                    file.flush()
                progress.update(now)

            chat = VodChat(api, found, start=start, end=end, resume=resume, on_progress=on_progress)
            for message in chat:
                if file is not None:
                    file.write(message)
                else:
                    _show(message, as_json, grep)
        if not quiet and (output or not sys.stdout.isatty()):
            _sum_up(chat.progress, output)


def _uuid(video: str) -> str | None:
    """The UUID of a video, or None for the name of a channel."""
    try:
        return parse_video(video)
    except InvalidChannel as error:
        try:
            parse_channel(video)
        except InvalidChannel:
            raise click.UsageError(f"{video!r} names no video. {_EXPECTED}") from error
        return None


def _refuse_for_channel(given: dict[str, object]) -> None:
    for flag, value in given.items():
        if value is not None:
            raise click.UsageError(
                f"{flag} needs a video, not a channel: kick-live vod NAME lists the videos of a channel."
            )


def _video(api: KickAPI, uuid: str) -> Video:
    try:
        return api.video(uuid)
    except NotFound as error:
        raise NotFound(
            f"Kick knows no video {uuid}. It may have been deleted, or made private; "
            "kick-live vod NAME lists the videos that a channel has.",
            url=error.url,
            status=error.status,
        ) from error


def _videos(api: KickAPI, name: str) -> tuple[Video, ...]:
    slugs = slug_candidates(parse_channel(name).slug or "")
    for slug in slugs[:-1]:
        with contextlib.suppress(NotFound):
            return api.videos(slug)
    try:
        return api.videos(slugs[-1])
    except NotFound as error:
        raise NotFound(
            f"{name!r} is no video, and Kick knows no channel of that name. {_EXPECTED}",
            tried=slugs,
            url=error.url,
            status=error.status,
        ) from error


def _check_span(video: Video, start: timedelta | None, end: timedelta | None) -> None:
    begin = start or timedelta(0)
    if end is not None and end <= begin:
        raise click.UsageError("--end must be behind --start.")
    if end is None and video.duration is not None and begin >= video.duration:
        raise click.UsageError(f"The video ends at {clock(video.duration)}, before --start.")


def _list(videos: Sequence[Video], as_json: bool, quiet: bool) -> None:
    for video in videos:
        duration = video.duration
        if as_json:
            values = {
                "uuid": video.uuid,
                "title": video.title,
                "start_time": video.start_time.isoformat(),
                "duration": None if duration is None else duration.total_seconds(),
                "views": video.views,
            }
            write_json(dump(values))
        else:
            length = "live" if duration is None else clock(duration)
            began = f"{video.start_time.astimezone():%Y-%m-%d %H:%M}"
            write_line(f"{video.uuid}  {began}  {length:>8}  {neutralise(video.title)}")
    if not videos and not quiet:
        complain("there are no videos")


def _show(message: VodMessage, as_json: bool, grep: re.Pattern[str] | None) -> None:
    line = render(message.message)
    if grep is not None and not grep.search(line.plain):
        return
    if as_json:
        values = event_values(message.message)
        write_json(dump({**values, "offset": message.offset.total_seconds()}))
        return
    print_hanging(make_console(), Text(f"{clock(message.offset):>8} ", "dim"), line)


def _sum_up(progress: VodProgress, output: str | None) -> None:
    where = f" written to {output}" if output else ""
    complain(f"{amount(progress.messages, 'message')}{where}")
    if progress.skipped:
        complain(f"{amount(progress.skipped, 'row')} of history could not be read")
    if progress.incomplete:
        complain(f"history has {amount(progress.incomplete, 'hole')}; messages may be missing")


class _Progress:
    """A bar on a terminal, a line now and then elsewhere, nothing where it is not wanted."""

    def __init__(self, video: Video, *, visible: bool) -> None:
        self._visible = visible
        self._bar: Progress | None = None
        self._next = time.monotonic() + _PAUSE
        if visible and sys.stderr.isatty():
            self._bar = Progress(
                TextColumn("{task.fields[position]} of {task.fields[length]}"),
                BarColumn(bar_width=None),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[messages]}"),
                TimeRemainingColumn(),
                console=make_console(sys.stderr),
                expand=True,
            )
            self._task = self._bar.add_task(
                "", position=clock(timedelta(0)), length="...", messages="", total=1.0
            )

    def __enter__(self) -> _Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, now: VodProgress) -> None:
        """Say how far it is."""
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=now.offset.total_seconds(),
                total=now.end.total_seconds(),
                position=clock(now.offset),
                length=clock(now.end),
                messages=amount(now.messages, "message"),
            )
        elif self._visible and time.monotonic() >= self._next:
            self._next = time.monotonic() + _PAUSE
            share = 100 * now.offset / now.end
            complain(
                f"{share:.0f} %, {clock(now.offset)} of {clock(now.end)}, "
                f"{amount(now.messages, 'message')}"
            )
