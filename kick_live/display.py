"""The one door that leads upwards: to how values look in a notebook, and to what a kernel needs.

Only ``kick_live.notebook`` knows that, and it knows every kind of value. It is imported when a
notebook asks, so that scripts never load it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from typing import Any

__all__ = ["as_html", "client_made", "live_view"]


def as_html(value: object) -> str:
    """How a value looks in a notebook, as HTML in which everything of strangers is escaped."""
    return str(_room("html").as_html(value))


def client_made(client: object, names: Iterable[str | int | None]) -> None:
    """Tell the notebook, if this is one, of a new client; a script pays one lookup for it."""
    if "IPython" in sys.modules:
        _room("clients").made(client, names)


def live_view(client: object, **options: Any) -> Any:
    """A view of a client that follows it; see ``kick_live.notebook.LiveView``."""
    return _room("live_view").live_view(client, **options)


def _room(name: str) -> Any:
    return importlib.import_module(f"kick_live.notebook.{name}")
