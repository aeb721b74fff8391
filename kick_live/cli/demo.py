"""``kick-live demo``: an invented chat, over a real socket, without Kick."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kick_live.cli.options import SECONDS, reading_options, verbosity_options
from kick_live.cli.reading import Reading, show
from kick_live.cli.running import complain, running
from kick_live.client import KickClient
from kick_live.net.api import KickAPI
from kick_live.session.connector import Transport

if TYPE_CHECKING:
    from kick_live.testing import SimulatedChannel

__all__ = ["demo"]

_SLUG = "amber-quokka"
_SECONDS_IN_A_PIPE = 10.0
_VIEWER_INTERVAL = 15.0

_EPILOG = """\
\b
Examples:
  kick-live demo
  kick-live demo --seconds 5 --rate 20 --transport pusher
  kick-live demo --json --max-messages 3
"""


@click.command(epilog=_EPILOG)
@click.option(
    "--seconds",
    type=SECONDS,
    metavar="S",
    help="End after S seconds.  [default: never on a terminal, 10 elsewhere]",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0.1, max=1000),
    default=4.0,
    show_default=True,
    metavar="R",
    help="Happenings a second.",
)
@reading_options
@verbosity_options
def demo(
    seconds: float | None,
    rate: float,
    transport: Transport,
    verbose: int,
    quiet: bool,
    **shown: Any,
) -> None:
    """Show an invented chat, to see what watch looks like.

    A simulator on this machine plays Kick; a client connects to it over a real socket and shows what
    comes, exactly as watch does. Nothing leaves this machine. Needs the extra 'testing'.
    """
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
