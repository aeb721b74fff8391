"""``kick-live stats``: figures about channels, as they change."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime

import click
from rich.console import RenderableType
from rich.live import Live

from kick_live.cli.console import make_console
from kick_live.cli.dashboard import draw, summary
from kick_live.cli.options import (
    connect_timeout_option,
    endpoints_option,
    impersonate_option,
    json_option,
    proxy_option,
    timeout_option,
    transport_option,
    verbosity_options,
)
from kick_live.cli.reading import ask_for_viewers
from kick_live.cli.running import complain, running
from kick_live.cli.streams import write_json, write_line
from kick_live.cli.tally import Tally
from kick_live.client import KickClient
from kick_live.events.stream import ViewerCount
from kick_live.events.values import dump
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.session.connector import Transport

__all__ = ["stats"]

_EPILOG = """\
\b
Examples:
  kick-live stats amber-quokka
  kick-live stats amber-quokka tidal-tom --timeout 3600
  kick-live stats amber-quokka --interval 60 --json >> figures.jsonl
"""
_REFRESH = 0.5


@click.command(epilog=_EPILOG, short_help="Show figures as they change, as a dashboard.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds between two lines where there is no terminal, or with --json.",
)
@timeout_option
@connect_timeout_option
@json_option
@transport_option
@proxy_option
@impersonate_option
@endpoints_option
@verbosity_options
def stats(
    names: tuple[str, ...],
    interval: float,
    timeout: float | None,
    connect_timeout: float,
    as_json: bool,
    transport: Transport,
    proxy: str | None,
    impersonate: bool,
    endpoints: Endpoints,
    verbose: int,
    quiet: bool,
) -> None:
    """Show figures: messages a minute, chatters, emotes, subscriptions, gifts, viewers.

    On a terminal a dashboard, elsewhere a line now and then. Counting begins with the connection.
    """
    names = tuple(dict.fromkeys(names))
    dashboard = sys.stdout.isatty() and not as_json
    with (
        running(verbose, quiet, sums_up=dashboard),
        KickAPI(endpoints, proxy=proxy, impersonate=impersonate) as api,
        KickClient(*names, transport=transport, api=api, proxy=proxy) as client,
    ):
        if not quiet and sys.stderr.isatty():
            complain(f"connecting to {', '.join(names)} ...")
        client.on(ViewerCount, ask_for_viewers)
        connected = client.connect(connect_timeout)
        slugs = [channel.slug for channel in connected.channels]
        tally = Tally(time.monotonic)
        if not dashboard:

            def write() -> None:
                if as_json:
                    now = datetime.now().astimezone().isoformat(timespec="seconds")
                    write_json(dump({"at": now, "channels": slugs, **tally.values()}))
                else:
                    write_line(f"{datetime.now():%H:%M:%S} {summary(tally, client.stats)}")

            _count(client, tally, write, interval, timeout)
            return
        console = make_console()

        def drawn() -> RenderableType:
            return draw(slugs, tally, client.stats, console.width, console.height)

        # On a screen of its own, which is drawn anew when the terminal changes its size; otherwise
        # what the terminal breaks into more lines would stay. The last figures are left behind.
        try:
            with Live(console=console, auto_refresh=False, screen=True) as live:
                live.update(drawn(), refresh=True)
                _count(client, tally, lambda: live.update(drawn(), refresh=True), _REFRESH, timeout)
        finally:
            console.print(drawn())


def _count(
    client: KickClient,
    tally: Tally,
    tell: Callable[[], None],
    interval: float,
    timeout: float | None,
) -> None:
    """Count a client's events until time is over, and tell the figures again and again."""
    end = None if timeout is None else time.monotonic() + timeout
    due = time.monotonic() + interval
    while end is None or time.monotonic() < end:
        limit = due if end is None else min(due, end)
        for event in client.events(max(0.0, limit - time.monotonic())):
            tally.take(event)
            if time.monotonic() >= limit:
                break
        if time.monotonic() >= due:
            due = time.monotonic() + interval
            tell()
    tell()
