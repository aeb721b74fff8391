"""Wake: ends a wait on sockets."""

from __future__ import annotations

import selectors

from kick_live.session.wake import Wake


def test_a_wait_ends_and_the_next_one_lasts() -> None:
    """However often it is set, one clear is enough."""
    wake = Wake()
    with selectors.DefaultSelector() as selector:
        selector.register(wake, selectors.EVENT_READ)
        assert selector.select(0) == []
        for _ in range(100_000):  # more than the socket holds: it does not block
            wake.set()
        assert selector.select(0)
        wake.clear()
        assert selector.select(0) == []
    wake.close()


def test_setting_it_late_does_nothing() -> None:
    """Whoever wakes a thread need not know whether it has ended."""
    wake = Wake()
    wake.close()
    wake.set()
    wake.clear()
