"""The console by which everything coloured reaches the terminal."""

from __future__ import annotations

import sys
from typing import Any, TextIO, cast

from rich.console import Console

from kick_live.cli.streams import failures_told, tolerate

__all__ = ["make_console"]


def make_console(file: TextIO | None = None) -> Console:
    """A console that takes nothing for markup and colours nothing by itself.

    Args:
        file: Where to; standard output if not given.
    """
    file = sys.stdout if file is None else file
    tolerate(file)
    guarded = cast("TextIO", _Guarded(file))
    return _Console(file=guarded, markup=False, highlight=False, emoji=False, soft_wrap=True)


class _Console(Console):
    """A console that leaves a broken pipe to the command, which ends cleanly then."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class _Guarded:
    """A text file whose failures are told from all others."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        with failures_told():
            return self._file.write(text)

    def flush(self) -> None:
        with failures_told():
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
