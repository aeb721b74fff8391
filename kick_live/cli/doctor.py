"""``kick-live doctor``: find out what keeps a chat from being read."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from functools import partial
from importlib import metadata
from typing import Final

import click
from rich.cells import cell_len
from rich.text import Text

from kick_live.cli import checks
from kick_live.cli.checks import Outcome, check
from kick_live.cli.console import make_console
from kick_live.cli.options import (
    connect_timeout_option,
    endpoints_option,
    impersonate_option,
    json_option,
    proxy_option,
    verbosity_options,
)
from kick_live.cli.output import print_hanging
from kick_live.cli.running import running
from kick_live.cli.streams import write_json, write_line
from kick_live.errors import InvalidChannel, NotFound, TransportError
from kick_live.events.values import dump
from kick_live.models.channel import Channel
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.protocols.base import Provider
from kick_live.safe import neutralise

__all__ = ["doctor"]

_EPILOG = """\
\b
Examples:
  kick-live doctor
  kick-live doctor amber-quokka --impersonate
  kick-live doctor amber-quokka --json

Exit codes: 0 if everything is well, 1 if anything is not.
"""
_SIGNS: Final = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}
_LOOK_UP: Final = "look up"
_NO_CHANNEL: Final = (NotFound, InvalidChannel)
_PROVIDERS: Final[tuple[Provider, ...]] = ("centrifugo", "pusher")


@click.command(epilog=_EPILOG, short_help="Check what reading a chat needs.")
@click.argument("name", required=False)
@connect_timeout_option
@json_option
@proxy_option
@impersonate_option
@endpoints_option
@verbosity_options
def doctor(
    name: str | None,
    connect_timeout: float,
    as_json: bool,
    proxy: str | None,
    impersonate: bool,
    endpoints: Endpoints,
    verbose: int,
    quiet: bool,
) -> None:
    """Check everything that reading a chat needs, step by step, and say what to do.

    With a channel's NAME its lookup and history are checked, too.
    """
    outcomes = []
    with (
        running(verbose, quiet=not verbose),
        KickAPI(endpoints, proxy=proxy, impersonate=impersonate, retries=0) as api,
    ):
        if not as_json and not quiet:
            write_line(_about())
        for outcome in _run(api, name, proxy, connect_timeout):
            outcomes.append(outcome)
            if as_json:
                write_json(dump(_values(outcome)))
            elif not quiet or outcome.ok is False:
                _show(outcome)
        if not as_json and not quiet:
            print_hanging(make_console(), Text(), Text(_verdict(outcomes)))
    if any(outcome.ok is False for outcome in outcomes):
        raise SystemExit(1)


def _run(
    api: KickAPI, name: str | None, proxy: str | None, connect_timeout: float
) -> Iterator[Outcome]:
    for host, port, secure in checks.hosts(api.endpoints):
        try:
            through = checks.way(host, secure, proxy)
        except TransportError as error:  # the environment's, which nothing can be reached through
            yield Outcome(name=f"reach {host}", ok=False, detail=str(error), error=TransportError)
            continue
        if through is not None:
            yield Outcome(name=f"reach {host}", ok=None, detail=f"left to the proxy {through}")
            continue
        outcome = check(f"find {host}", partial(checks.dns, host))
        yield outcome
        if secure and outcome.ok:
            yield check(f"TLS with {host}", partial(checks.tls, host, port))
    found: list[Channel] = []
    if name is not None:
        yield check(f"{_LOOK_UP} {name}", partial(checks.resolved, api, name, found))
        if found:
            yield check("read history", partial(checks.reads_history, api, found[0]))
    yield check("negotiate", partial(checks.negotiated, api))
    for provider in _PROVIDERS:
        channel = found[0] if found else None
        yield check(
            f"connect to {provider}",
            partial(checks.connects, api, provider, channel, proxy, connect_timeout),
        )


def _about() -> str:
    version = metadata.version("kick-live")
    return f"kick-live {version}, Python {platform.python_version()}, {platform.system()}"


def _show(outcome: Outcome) -> None:
    sign, style = _SIGNS[outcome.ok]
    took = "" if outcome.ok is None else f"{outcome.seconds:.2f} s"
    console = make_console()
    head = Text.assemble((f"{sign} ", style), f"{neutralise(outcome.name):<32} ")
    head.append(f"{took:>8}  ", "dim")
    detail = Text(neutralise(outcome.detail), "" if outcome.ok is False else "dim")
    if console.is_terminal and cell_len(head.plain) + cell_len(detail.plain) > console.width:
        # Beside the times there is little room, and what fails has much to say.
        console.print(head, soft_wrap=True)
        head = Text("  ")
    print_hanging(console, head, detail)
    if outcome.advice:
        print_hanging(console, Text("  → ", "yellow"), Text(outcome.advice, "yellow"))


def _values(outcome: Outcome) -> dict[str, object]:
    return {
        "check": outcome.name,
        "ok": outcome.ok,
        "seconds": round(outcome.seconds, 3),
        "detail": outcome.detail,
        "advice": outcome.advice or None,
    }


def _verdict(outcomes: list[Outcome]) -> str:
    failed = [outcome for outcome in outcomes if outcome.ok is False]
    if not failed:
        return "Everything is well."
    works = [
        provider
        for provider in _PROVIDERS
        if any(outcome.ok and outcome.name == f"connect to {provider}" for outcome in outcomes)
    ]
    if not works:
        return "No chat can be read from here."
    missing = [
        outcome
        for outcome in failed
        if outcome.name.startswith(_LOOK_UP)
        and outcome.error is not None
        and issubclass(outcome.error, _NO_CHANNEL)
    ]
    wrong = ["there is no such channel"] if missing else []
    if len(failed) > len(missing):
        wrong.append("not everything else is well" if missing else "not everything is well")
    return f"Chat can be read over {' and '.join(works)}, but {', and '.join(wrong)}."
