"""Listeners that fire between cells, on the kernel's main thread.

A kernel's main thread turns a loop while no cell runs. A timer of that loop calls ``poll``, so that
listeners run on the same thread as cells, never beside one. A background thread would be the other
way; listeners would then have to be safe against whatever a cell does meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from weakref import WeakSet

from kick_live.listening import EventSource
from kick_live.notebook.kernel import loop, show_error

__all__ = ["Pump", "pump"]


class Pump:
    """Fires a client's listeners between cells until it is stopped; made by ``pump``.

    It takes the place of the client's former pump.

    Args:
        source: The client, or a replay.
        interval: Seconds between two looks at what waits.
        after: Called after each look.
    """

    def __init__(
        self,
        source: EventSource,
        interval: float = 0.05,
        after: Callable[[], object] | None = None,
    ) -> None:
        if interval <= 0:
            raise ValueError(f"interval must be above 0, not {interval!r}.")
        self._source = source
        self._interval = interval
        self._after = after
        self._running = True
        self._loop = loop()
        for former in [pump for pump in _pumps if pump._source is source]:
            former.stop()
        _pumps.add(self)
        self._look_later()

    def __repr__(self) -> str:
        return f"<Pump of {self._source!r} {'running' if self.running else 'stopped'}>"

    @property
    def running(self) -> bool:
        """Whether listeners fire between cells."""
        return self._running and not self._source.closed

    def stop(self) -> None:
        """Fire no listeners between cells any more; the client stays connected.

        Does not block; repeatable; from any thread, or a listener.
        """
        self._running = False

    def _look_later(self) -> None:
        self._loop.call_later(self._interval, self._look)

    def _look(self) -> None:
        if not self._running:
            return
        try:
            self._source.poll()
            if self._after is not None:
                self._after()
        except Exception:  # noqa: BLE001 - nobody stands above a timer: it is shown as in a cell
            self._running = False
            show_error()
        if self.running:
            self._look_later()


_pumps: Final[WeakSet[Pump]] = WeakSet()


def pump(source: EventSource, interval: float = 0.05) -> Pump:
    """Fire a client's listeners whenever no cell runs, from now on.

    Connects first, which blocks, and fires what waits. Whatever listeners print appears under the
    cell that called this. While a cell runs nothing fires; what comes meanwhile waits, so a
    listener must not wait for another cell. An error that a listener raises is shown and ends the
    pump, as it ends ``run``; give the client ``on_listener_error`` to go on. The notebook's stop
    button does not reach a listener between cells: keep listeners short.

    Only one pump at a time belongs to a client; a second call replaces it.

    Args:
        source: The client, or a replay.
        interval: Seconds between two looks at what waits.

    Returns:
        The pump; its ``stop`` ends it, and so does the client's ``close``.

    Raises:
        KickLiveError: There is no Jupyter kernel, or the connection failed.
        ValueError: The interval makes no sense.
    """
    loop()
    source.poll()
    return Pump(source, interval)
