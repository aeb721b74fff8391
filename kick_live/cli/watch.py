"""``kick-live watch``: follow channels in the terminal."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import click

from kick_live.cli.options import (
    KINDS,
    SECONDS,
    connect_timeout_option,
    endpoints_option,
    impersonate_option,
    proxy_option,
    reading_options,
    timeout_option,
    verbosity_options,
)
from kick_live.cli.past import recent_messages, wait_until_live
from kick_live.cli.reading import Reading, show
from kick_live.cli.running import complain, running
from kick_live.client import KickClient
from kick_live.models.channel import ChannelRef
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.session.connector import Transport

__all__ = ["watch"]

_EPILOG = f"""\
\b
Examples:
  kick-live watch amber-quokka
  kick-live watch amber-quokka tidal-tom --not message_deleted
  kick-live watch amber-quokka --only subscription --only kicks_gifted
  kick-live watch amber-quokka --wait-live --output evening.jsonl
  kick-live watch amber-quokka --history 20 --grep 'left|right'
  kick-live watch amber-quokka --format '{{time}} {{name}}: {{text}}'
  kick-live watch amber-quokka --json --timeout 60 > minute.jsonl
  kick-live watch amber-quokka --only chat_message --json | jq -r .content

JSON lines have the keys type, channel, received_at (ISO 8601), historical and topic, then the
event's own fields in snake case, durations in seconds; a field that is itself named type is
written as subtype. Logs and errors go to standard error.

Kinds of events, in any spelling: {", ".join(KINDS)}.
"""


@click.command(epilog=_EPILOG, short_help="Show what happens in chats, as it happens.")
@click.argument("names", nargs=-1, metavar="NAME...")
@reading_options
@timeout_option
@click.option(
    "--inactivity-timeout",
    type=SECONDS,
    metavar="S",
    help="End when nothing has happened for S seconds.",
)
@click.option(
    "--wait-live",
    is_flag=True,
    help="Wait until a broadcast runs before showing anything; --timeout counts from then on.",
)
@click.option(
    "--history",
    type=click.IntRange(min=0, max=1000),
    default=0,
    metavar="N",
    help="Begin with the last N messages of each channel, marked with ↶.",
)
@connect_timeout_option
@click.option(
    "--channel-id",
    metavar="ID",
    type=click.IntRange(min=1),
    help="The channel's id; with --chatroom-id nothing has to be looked up.",
)
@click.option("--chatroom-id", metavar="ID", type=click.IntRange(min=1), help="The chatroom's id.")
@proxy_option
@impersonate_option
@click.option(
    "--no-backfill", is_flag=True, help="Do not read missed messages after a lost connection."
)
@click.option("--viewers", is_flag=True, help="Show how many people watch, about once a minute.")
@endpoints_option
@verbosity_options
def watch(
    names: tuple[str, ...],
    transport: Transport,
    timeout: float | None,
    inactivity_timeout: float | None,
    wait_live: bool,
    history: int,
    connect_timeout: float,
    channel_id: int | None,
    chatroom_id: int | None,
    proxy: str | None,
    impersonate: bool,
    no_backfill: bool,
    viewers: bool,
    endpoints: Endpoints,
    verbose: int,
    quiet: bool,
    **shown: Any,
) -> None:
    """Show what happens in the chats of one or more channels.

    A NAME is a channel's name, @name, or address. Runs until Ctrl-C. Channels that are offline are
    followed, too. Subscribers wear ★ and their months, givers ♥ and their gifts.
    """
    channels = _channels(names, channel_id, chatroom_id)
    reading = Reading(quiet=quiet, viewers=viewers, **shown)
    with (
        running(verbose, quiet),
        _api(endpoints, proxy, impersonate, bool(wait_live or history)) as api,
        KickClient(
            *channels,
            transport=transport,
            endpoints=endpoints,
            api=api,
            proxy=proxy,
            backfill=not no_backfill,
            viewer_interval=60.0 if reading.wants_viewers else 0.0,
        ) as client,
    ):
        if not quiet and sys.stderr.isatty():
            complain(f"connecting to {', '.join(names) or channel_id} ...")
        client.connect(connect_timeout)
        if wait_live and api is not None:
            wait_until_live(client, api, quiet=quiet)
        past = recent_messages(api, client.channels, history) if history and api else ()
        show(
            client,
            reading,
            tagged=len(channels) > 1,
            timeout=timeout,
            inactivity_timeout=inactivity_timeout,
            past=past,
        )


def _api(
    endpoints: Endpoints, proxy: str | None, impersonate: bool, needed: bool
) -> contextlib.AbstractContextManager[KickAPI | None]:
    """One where the command itself asks, or shakes hands like a browser; else the client makes its own."""
    if not (impersonate or needed):
        return contextlib.nullcontext()
    return KickAPI(endpoints, proxy=proxy, impersonate=impersonate)


def _channels(
    names: tuple[str, ...], channel_id: int | None, chatroom_id: int | None
) -> list[str | ChannelRef]:
    if channel_id is None and chatroom_id is None:
        if not names:
            raise click.UsageError(
                "Name at least one channel, for instance: kick-live watch amber-quokka"
            )
        return list(dict.fromkeys(names))
    if len(names) > 1:
        raise click.UsageError("--channel-id and --chatroom-id go with a single channel.")
    if channel_id is None or (chatroom_id is None and not names):
        raise click.UsageError(
            "Give both --channel-id and --chatroom-id; one alone does not save the lookup."
        )
    slug = names[0] if names else None
    return [ChannelRef(slug=slug, channel_id=channel_id, chatroom_id=chatroom_id)]
