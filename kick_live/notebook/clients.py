"""Running a cell again does not leave a second connection behind."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final
from weakref import WeakKeyDictionary

from attrs import frozen

from kick_live.client import KickClient
from kick_live.notebook.kernel import note, shell

__all__ = ["made"]


@frozen
class _Origin:
    """What tells one client from another: its channels, and the run of a cell that made it."""

    names: frozenset[object]
    run: int


_lock: Final = threading.Lock()
_origins: Final[WeakKeyDictionary[KickClient, _Origin]] = WeakKeyDictionary()


def made(client: KickClient, names: Iterable[str | int | None]) -> None:
    """Close the clients of the same channels that earlier runs of cells made, and say so.

    Clients that one run of a cell makes stand side by side. Outside a kernel, and on threads
    beside the one that runs cells, nothing happens.

    Args:
        client: The new client.
        names: What its channels are called; without any, nothing happens.
    """
    running = shell()
    if running is None or threading.current_thread() is not threading.main_thread():
        return
    origin = _Origin(frozenset(names), running.execution_count)
    if not origin.names:
        return
    with _lock:
        former = [
            other
            for other, made_by in _origins.items()
            if made_by.names == origin.names and made_by.run != origin.run and not other.closed
        ]
        _origins[client] = origin
    for other in former:
        other.close()
        channels = ", ".join(sorted(str(name) for name in origin.names))
        note(f"The former client of {channels} was closed; this one takes its place.")
