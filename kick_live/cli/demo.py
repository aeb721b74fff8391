"""``kick-live demo``: an invented chat, over a real socket, without Kick."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kick_live.cli.options import SECONDS, reading_options, verbosity_options
from kick_live.cli.reading import Reading, show
from kick_live.cli.running import complain, running
from kick_live.cli.streams import write_line
from kick_live.client import KickClient
from kick_live.net.api import KickAPI
from kick_live.session.connector import Transport

if TYPE_CHECKING:
    from kick_live.testing import SimulatedChannel

__all__ = ["demo"]

_SLUG = "amber-quokka"
_SECONDS_IN_A_PIPE = 10.0
_VIEWER_INTERVAL = 15.0

_COMMANDS = (
    "Serving an invented chat at {url}",
    "until Ctrl-C. In another terminal, once:",
    "",
    "  export KICK_LIVE_ENDPOINTS={url}",
    "",
    "and there, as often as you like:",
    "",
    "  kick-live watch {slug}",
    "  kick-live record {slug} -o evening.jsonl.gz",
    "  kick-live stats {slug}",
    "  kick-live export evening.jsonl.gz -o evening.html",
    "",
    "In Python, with KickClient and Endpoints of kick_live:",
    "",
    '  KickClient("{slug}", endpoints=Endpoints.at("{url}"))',
)

_EPILOG = """\
\b
Examples:
  kick-live demo
  kick-live demo --seconds 5 --rate 20 --transport pusher
  kick-live demo --json --max-messages 3
  kick-live demo --serve --port 8080
"""


@click.command(epilog=_EPILOG, short_help="Show an invented chat, without a network.")
@click.option(
    "--seconds",
    type=SECONDS,
    metavar="S",
    help="End after S seconds.  [default: never on a terminal or with --serve, 10 elsewhere]",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1, max=1000),
    default=4.0,
    show_default=True,
    metavar="R",
    help="Happenings a second.",
)
@click.option(
    "--serve",
    is_flag=True,
    help="Show nothing; keep the simulator for other commands, until Ctrl-C or --seconds.",
)
@click.option(
    "--port",
    type=click.IntRange(min=0, max=65535),
    metavar="N",
    help="With --serve, the port; any free one if not given.",
)
@reading_options
@verbosity_options
def demo(
    seconds: float | None,
    rate: float,
    serve: bool,
    port: int | None,
    transport: Transport,
    verbose: int,
    quiet: bool,
    **shown: Any,
) -> None:
    """Show an invented chat, to see what watch looks like.

    A simulator on this machine plays Kick; a client connects to it over a real socket and shows what
    comes, exactly as watch does. Nothing leaves this machine. Needs the extra 'testing'.
    """
    if port is not None and not serve:
        raise click.UsageError("--port goes with --serve.")
    if serve:
        with running(verbose, quiet):
            _serve(rate, port or 0, seconds)
        return
    if seconds is None and not sys.stdout.isatty():
        seconds = _SECONDS_IN_A_PIPE
    reading = Reading(quiet=quiet, viewers=True, **shown)
    with running(verbose, quiet):
        from kick_live.testing import KickSimulator

        if not quiet:
            complain("A demonstration: everybody in it is invented. Ctrl-C ends it.")
        with KickSimulator() as simulator:
            channel = simulator.add_channel(_SLUG)
            with (
                KickAPI(simulator.endpoints, proxy="", min_interval=0) as api,
                KickClient(
                    _SLUG,
                    transport=transport,
                    api=api,
                    proxy="",
                    viewer_interval=_VIEWER_INTERVAL,
                    remember_ids=False,
                ) as client,
            ):
                client.connect()
                with _evening(channel, rate):
                    show(client, reading, tagged=False, timeout=seconds)


def _serve(rate: float, port: int, seconds: float | None) -> None:
    """Keep a lively simulator, and say how to ask it."""
    from kick_live.testing import KickSimulator

    end = None if seconds is None else time.monotonic() + seconds
    with (
        KickSimulator(port=port) as simulator,
        _evening(simulator.add_channel(_SLUG), rate),
    ):
        for line in _COMMANDS:
            write_line(line.format(url=simulator.url, slug=_SLUG))
        # In slices, so that Ctrl-C gets through on every system.
        while end is None or time.monotonic() < end:
            time.sleep(0.2)


@contextlib.contextmanager
def _evening(channel: SimulatedChannel, rate: float) -> Iterator[None]:
    """Let things happen in the background meanwhile."""
    from kick_live.testing import run_demo

    stop = threading.Event()
    thread = threading.Thread(
        target=run_demo,
        args=(channel,),
        kwargs={"rate": rate, "stop": stop},
        name="kick-live-demo",
        daemon=True,
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
