"""The one door to standard output."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

__all__ = [
    "OutputFailed",
    "discard_output",
    "failures_told",
    "fill_missing_streams",
    "settle_errors",
    "tolerate",
    "write_json",
    "write_line",
]


class OutputFailed(Exception):
    """Standard output cannot be written; the message is the system's reason."""


def write_line(text: str) -> None:
    """Write a line to standard output at once; what its character set lacks becomes ``?``.

    Raises:
        BrokenPipeError: Nobody reads any more.
        OutputFailed: It cannot be written, as where a disk is full.
    """
    tolerate(sys.stdout)
    _write(text)


def write_json(text: str) -> None:
    """Write a line of JSON to standard output at once, which is UTF-8 whatever the system's set is.

    Raises:
        BrokenPipeError: Nobody reads any more.
        OutputFailed: It cannot be written, as where a disk is full.
    """
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    if not utf8 and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    _write(text)


def discard_output(stream: TextIO | None = None) -> None:
    """Send what is still buffered nowhere, so that the interpreter's last flush cannot fail.

    Args:
        stream: Which; standard output if not given.
    """
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (stream or sys.stdout).fileno())
        os.close(nowhere)


def settle_errors() -> None:
    """Write what is left for standard error, or drop it: nobody can be told of that any more."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        discard_output(sys.stderr)


def fill_missing_streams() -> None:
    """Put something in the place of a stream that the command was started without."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # Also so that no file or socket of ours gets the number of a standard stream.
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _write(text: str) -> None:
    with failures_told():
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def tolerate(file: TextIO) -> None:
    """Let a file write ``?`` for what its character set lacks."""
    if isinstance(file, io.TextIOWrapper) and file.errors != "replace":
        file.reconfigure(errors="replace")


@contextlib.contextmanager
def failures_told() -> Iterator[None]:
    """Tell a failure to write from all other errors.

    Raises:
        BrokenPipeError: Nobody reads any more.
        OutputFailed: It cannot be written for another reason.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(error.strerror or str(error)) from error
