"""The command ``kick-live``."""

from __future__ import annotations

from typing import Any

import click

from kick_live.cli.demo import demo
from kick_live.cli.doctor import doctor
from kick_live.cli.export import export
from kick_live.cli.record import record
from kick_live.cli.replay import replay
from kick_live.cli.resolve import resolve
from kick_live.cli.running import EXIT_CODES, wrapped
from kick_live.cli.search import search
from kick_live.cli.stats import stats
from kick_live.cli.store import store
from kick_live.cli.vod import vod
from kick_live.cli.watch import watch

__all__ = ["app"]

_CODES = "\n".join(f"  {code:<4} {meaning}" for code, meaning in EXIT_CODES.items())
#: What click writes before the words of an error.
_PREFIX = "Error: "
_EPILOG = f"""\
\b
Examples:
  kick-live demo                  an invented chat, without network
  kick-live watch amber-quokka    the chat of kick.com/amber-quokka
  kick-live record amber-quokka -o chat.jsonl.gz
  kick-live export chat.jsonl.gz -o chat.html
  kick-live store chat.jsonl.gz --sqlite chat.db
  kick-live resolve amber-quokka  its ids, and whether it is live
  kick-live doctor amber-quokka   what keeps its chat from being read

\b
Exit codes:
{_CODES}

\b
Completion of commands and options by the Tab key, for bash, zsh and fish:
  eval "$(_KICK_LIVE_COMPLETE=bash_source kick-live)"
  eval "$(_KICK_LIVE_COMPLETE=zsh_source kick-live)"
  _KICK_LIVE_COMPLETE=fish_source kick-live | source
"""


class _App(click.Group):
    """Commands whose usage errors are broken between words, as other messages are."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            line = f"{_PREFIX}{error.format_message()}"
            if wrapped(line) == line:
                raise
            raise click.UsageError(wrapped(line).removeprefix(_PREFIX), error.ctx) from error


@click.group(cls=_App, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kick-live", prog_name="kick-live")
def app() -> None:
    """Read the live chat and events of Kick.com channels."""


for _command in (demo, watch, record, replay, export, store, search, vod, stats, resolve, doctor):
    app.add_command(_command)
