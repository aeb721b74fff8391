"""``kick-live resolve``: what Kick says about a channel."""

from __future__ import annotations

from typing import Any

import click
from attrs import frozen

from kick_live.cli.options import (
    endpoints_option,
    impersonate_option,
    json_option,
    requests_proxy_option,
    verbosity_options,
)
from kick_live.cli.running import complain, running
from kick_live.cli.streams import write_json, write_line
from kick_live.cli.words import amount
from kick_live.errors import APIError
from kick_live.events.values import dump
from kick_live.models.livestream import Livestream
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.net.id_cache import IdCache
from kick_live.net.resolver import Resolution, Resolver
from kick_live.safe import neutralise

__all__ = ["resolve"]

_EPILOG = """\
\b
Examples:
  kick-live resolve amber-quokka
  kick-live resolve https://kick.com/amber-quokka --json | jq .chatroom_id

Ids that were looked up are remembered, so that they need not be asked for each time; --fresh asks
nevertheless.
"""


@frozen
class _Found:
    """A channel, and its broadcast if that could be asked for."""

    resolution: Resolution
    livestream: Livestream | None
    problem: APIError | None


@click.command(epilog=_EPILOG)
@click.argument("name")
@json_option
@click.option("--fresh", is_flag=True, help="Ask Kick, whatever is remembered.")
@requests_proxy_option
@impersonate_option
@endpoints_option
@verbosity_options
def resolve(
    name: str,
    as_json: bool,
    fresh: bool,
    proxy: str | None,
    impersonate: bool,
    endpoints: Endpoints,
    verbose: int,
    quiet: bool,
) -> None:
    """Show a channel's ids, and whether it is live.

    NAME is a channel's name, @name, or address.
    """
    with running(verbose, quiet):
        with KickAPI(endpoints, proxy=proxy, impersonate=impersonate) as api:
            found = _find(api, name, fresh)
        values = _values(found)
        if as_json:
            write_json(dump(values))
        else:
            write_line(_table(values))
        if found.problem is not None and not quiet:
            complain(f"kick-live: Whether it is live could not be asked: {found.problem}")


def _find(api: KickAPI, name: str, fresh: bool) -> _Found:
    resolution = Resolver(api, None if fresh else IdCache()).resolve(name)
    if resolution.info is not None:
        return _Found(resolution, resolution.info.livestream, None)
    try:
        return _Found(resolution, api.livestream(resolution.channel), None)
    except APIError as error:
        return _Found(resolution, None, error)


def _values(found: _Found) -> dict[str, Any]:
    channel, live = found.resolution.channel, found.livestream
    return {
        "slug": channel.slug,
        "channel_id": channel.channel_id,
        "chatroom_id": channel.chatroom_id,
        "user_id": channel.user_id,
        "username": channel.username,
        "live": None if found.problem is not None else live is not None,
        "title": live.title if live is not None else None,
        "viewers": live.viewers if live is not None else None,
        "source": found.resolution.source,
    }


def _table(values: dict[str, Any]) -> str:
    live = {True: "yes", False: "no", None: "not known"}[values["live"]]
    if values["viewers"] is not None:
        live += f", {amount(values['viewers'], 'viewer')}"
    rows = {
        "slug": values["slug"],
        "username": values["username"],
        "channel id": values["channel_id"],
        "chatroom id": values["chatroom_id"],
        "user id": values["user_id"],
        "live": live,
        "title": values["title"],
        "found": values["source"],
    }
    return "\n".join(
        f"{key:<12} {neutralise(str(value))}" for key, value in rows.items() if value is not None
    )
