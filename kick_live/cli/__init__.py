"""The command line; needs the extra ``cli``.

Only ``kick_live.__main__`` imports it, so that a program which uses the library never loads click
or rich.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kick_live.errors import MissingExtra
from kick_live.words import how_to_install

__all__ = ["load"]

_EXTRA: Final = ("click", "rich")


def load() -> Callable[..., object]:
    """Import the command ``kick-live``.

    Returns:
        The command; calling it parses ``sys.argv``, runs, and exits.

    Raises:
        MissingExtra: click or rich is not installed.
    """
    try:
        from kick_live.cli.app import app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise MissingExtra(
            f"The command line needs {error.name}, which is not installed: "
            f"run {how_to_install('cli')}",
            extra="cli",
        ) from error
    return app
