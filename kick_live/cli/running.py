"""What surrounds every command: logging, signals, errors and exit codes."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import textwrap
import traceback
from collections.abc import Iterator
from typing import Final, NoReturn, TextIO

import click

from kick_live.cli.advice import spoken
from kick_live.cli.signals import INTERRUPTED, Signals, Terminated
from kick_live.cli.streams import OutputFailed, discard_output
from kick_live.errors import (
    Blocked,
    ConnectTimeout,
    InvalidChannel,
    KickLiveError,
    NotFound,
    UnknownEventName,
)
from kick_live.safe import neutralise

__all__ = ["EXIT_CODES", "complain", "running", "wrapped"]

#: What a program that starts this one may rely on.
EXIT_CODES: Final = {
    0: "done, or told to end by SIGTERM",
    1: "something failed; search found nothing, or doctor something",
    2: "the command makes no sense, or no sense for this file",
    3: "no such channel",
    4: "Kick's protection refused",
    INTERRUPTED: "ended by Ctrl-C",
}
_PLAIN: Final = "kick-live: %(message)s"
_DETAILED: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_LEVELS: Final = (logging.WARNING, logging.INFO, logging.DEBUG)


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what standard error is now: progress that is shown takes its place meanwhile."""

    def emit(self, record: logging.LogRecord) -> None:
        self.setStream(sys.stderr)
        super().emit(record)


class _SafeFormatter(logging.Formatter):
    """Keeps what servers and strangers wrote from reaching the terminal as it is."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n")
        return "\n".join(wrapped(neutralise(line)) for line in lines)


@contextlib.contextmanager
def running(verbose: int = 0, quiet: bool = False, *, sums_up: bool = False) -> Iterator[None]:
    """Run a command's body, and turn however it ends into an exit code.

    Args:
        verbose: 0 logs warnings, 1 information, 2 everything; from 1 on errors show their origin.
        quiet: Log errors only, whatever ``verbose`` says.
        sums_up: The body says something at its end, also after Ctrl-C.

    Raises:
        SystemExit: The body failed, was interrupted, or nobody reads its output.
    """
    _log_to_stderr(verbose, quiet)
    try:
        yield
    except BrokenPipeError:
        discard_output()
        raise SystemExit(0) from None
    except OutputFailed as error:
        discard_output()
        _fail(error, f"Standard output cannot be written ({error}).", 1, verbose)
    except Terminated:
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        if not sums_up and sys.stderr.isatty():
            complain("")  # the terminal shows ^C, and the prompt would stand behind it
        raise SystemExit(INTERRUPTED) from None
    except KickLiveError as error:
        _fail(error, spoken(error), _code(error), verbose)
    except click.ClickException:
        raise
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not look like a crash
        message = (
            f"An unexpected error: {type(error).__name__}: {error}. This is a mistake in kick-live; "
            "run the command again with --verbose to see where."
        )
        _fail(error, message, 1, verbose)


def complain(message: str) -> None:
    """Say something on standard error; where that cannot be written, work goes on."""
    with contextlib.suppress(OSError):
        sys.stderr.write(wrapped(neutralise(message)) + "\n")
        sys.stderr.flush()


def wrapped(line: str) -> str:
    """A line for standard error, on a terminal broken between words where it is too long."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return line
    if not 0 < columns < len(line):
        return line
    return textwrap.fill(line, columns, break_long_words=False, break_on_hyphens=False)


def _fail(error: BaseException, message: str, code: int, verbose: int) -> NoReturn:
    context = click.get_current_context(silent=True)
    signals = None if context is None else context.find_object(Signals)
    if signals is not None and signals.code is not None:
        # A foreign library made an error of its own out of what the signal raised.
        raise SystemExit(signals.code) from None
    if verbose:
        for line in "".join(traceback.format_exception(error)).splitlines():
            complain(line)
    complain(f"kick-live: {message}")
    raise SystemExit(code) from None


def _code(error: BaseException) -> int:
    if isinstance(error, (InvalidChannel, UnknownEventName)):
        return 2
    if isinstance(error, NotFound):
        return 3
    if isinstance(error, Blocked):
        return 4
    if isinstance(error, ConnectTimeout) and error.last_error is not None:
        return _code(error.last_error)
    return 1


def _log_to_stderr(verbose: int, quiet: bool) -> None:
    handler = _Stderr(sys.stderr)
    handler.setFormatter(_SafeFormatter(_DETAILED if verbose else _PLAIN))
    logger = logging.getLogger("kick_live")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.ERROR if quiet else _LEVELS[min(verbose, 2)])
    logger.propagate = False
