"""``kick-live store``: put recordings into a database."""

from __future__ import annotations

import click

from kick_live.cli.counting import Counting
from kick_live.cli.options import no_recording, verbosity_options
from kick_live.cli.running import complain, running
from kick_live.cli.words import amount
from kick_live.recording.store import ChatStore

__all__ = ["store"]

_EPILOG = """\
\b
Examples:
  kick-live store evening.jsonl.gz --sqlite chat.db
  kick-live store 2026-10-*.jsonl.gz --sqlite chat.db
  kick-live search chat.db 'left path'
"""


@click.command(epilog=_EPILOG, short_help="Put recordings into a database, for search.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE...",
)
@click.option(
    "--sqlite",
    "database",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="DB",
    callback=no_recording,
    help="The database; made if there is none.",
)
@click.option("--skip-damaged", is_flag=True, help="Leave out lines that cannot be read.")
@verbosity_options
def store(
    files: tuple[str, ...], database: str, skip_damaged: bool, verbose: int, quiet: bool
) -> None:
    """Put recordings into a database, for search and for queries of your own.

    A FILE is what record or vod wrote; its further parts belong to it. What is in the database
    already is not stored twice, so it may be called again while a recording grows, and after an
    interruption.
    """
    with running(verbose, quiet), ChatStore(database) as chat:
        for file in files:
            with Counting(visible=not quiet) as counting:
                new = chat.add_recording(
                    file,
                    skip_damaged=skip_damaged,
                    on_progress=counting.update,
                )
            if not quiet:
                complain(f"{amount(new, 'new message')} of {file} stored in {database}")
