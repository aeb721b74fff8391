"""``kick-live search``: find messages in a database."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from kick_live.cli.console import make_console
from kick_live.cli.lines_chat import content
from kick_live.cli.options import json_option, since_option, until_option, verbosity_options
from kick_live.cli.output import print_hanging
from kick_live.cli.running import complain, running
from kick_live.cli.streams import write_json
from kick_live.colors import name_color
from kick_live.errors import RecordingError
from kick_live.events.values import dump
from kick_live.recording.reading import EVENTS_ONLY, holds_events, is_recording
from kick_live.recording.store import ChatStore, StoredMessage
from kick_live.safe import neutralise

__all__ = ["search"]

_EPILOG = """\
\b
Examples:
  kick-live search chat.db 'left path'
  kick-live search chat.db '"left path"' --user Maple_Harbor
  kick-live search chat.db 'beginn*' --since 2026-10-01T18:00 --json

Every word must occur; words in double quotes stand together; an asterisk finds beginnings. Case and
accents do not matter. The newest come last, with --best the best first.

Exit codes: 0 if something was found, 1 if nothing was, 3 if the database has no such channel.
"""


@click.command(epilog=_EPILOG, short_help="Find messages in a database of recordings.")
@click.argument("database", type=click.Path(exists=True, dir_okay=False), metavar="DB")
@click.argument("text", default="", metavar="[TEXT]")
@click.option("--channel", metavar="NAME", help="Only in this channel.")
@click.option("--user", metavar="NAME", help="Only by this user; former names count.")
@since_option
@until_option
@click.option(
    "--removed/--standing",
    default=None,
    help="Only what was removed from chat, or only what was left standing.",
)
@click.option("--best", is_flag=True, help="The best matches instead of the last ones.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="The most messages to show.",
)
@json_option
@verbosity_options
def search(
    database: str,
    text: str,
    channel: str | None,
    user: str | None,
    since: datetime | None,
    until: datetime | None,
    removed: bool | None,
    best: bool,
    limit: int,
    as_json: bool,
    verbose: int,
    quiet: bool,
) -> None:
    """Find messages in a database that store or record --sqlite wrote; without TEXT, the last ones.

    Times are by this machine's zone, in JSON UTC.
    """
    with running(verbose, quiet):
        if is_recording(Path(database)):
            raise RecordingError(
                f"{database} is a recording, not a database. Put it into one first: "
                f"kick-live store {shlex.quote(database)} --sqlite chat.db",
                path=database,
            )
        if holds_events(Path(database)):
            raise RecordingError(f"{database} {EVENTS_ONLY}", path=database)
        with ChatStore(database, create=False) as store:
            found = store.search(
                text,
                channel=channel,
                user=int(user) if user and user.isdecimal() else user,
                since=since,
                until=until,
                removed=removed,
                limit=limit,
                order="best" if best else "newest",
            )
            if channel is not None and not found:
                _check_channel(channel, store.channels)
        if not best:
            found.reverse()
        if not found:
            if not quiet:
                complain("nothing was found")
            raise SystemExit(1)
        if as_json:
            for message in found:
                write_json(dump(_values(message)))
            return
        console = make_console()
        tagged = len({message.channel for message in found}) > 1
        for message in found:
            print_hanging(console, *_line(message, tagged=tagged))
        if not quiet and len(found) == limit and sys.stdout.isatty():
            which = "best" if best else "last"
            complain(f"only the {which} {limit:,} are shown; --limit shows more")


def _check_channel(channel: str, known: tuple[str, ...]) -> None:
    """End with the code for an unknown channel where the database has none of that name."""
    if channel.removeprefix("@").lower() in (slug.lower() for slug in known):
        return
    there = f"it has {', '.join(known)}" if known else "it has none"
    complain(f"kick-live: There is no channel {channel!r} in this database; {there}.")
    raise SystemExit(3)


def _values(message: StoredMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.channel,
        "username": message.username,
        "user_id": message.user_id,
        "at": message.at.isoformat(),
        "content": message.content,
        "type": message.type,
        "reply_to": message.reply_to,
        "removed_at": None if message.removed_at is None else message.removed_at.isoformat(),
        "removed_by": message.removed_by,
    }


def _line(message: StoredMessage, *, tagged: bool) -> tuple[Text, Text]:
    """When and where, and what was written."""
    head = Text.assemble((f"{message.at.astimezone():%Y-%m-%d %H:%M:%S} ", "dim"))
    if tagged:
        slug = neutralise(message.channel or "")
        head.append(f"{slug} │ ", name_color(slug))
    line = Text()
    line.append(neutralise(message.username), f"bold {name_color(message.username)}")
    line.append(": ", "dim")
    body = content(message.content)
    if message.removed_at is not None:
        body.stylize("strike dim")
        body.append(f" (removed: {neutralise(message.removed_by or 'unknown')})", "dim italic")
    return head, line.append_text(body)
