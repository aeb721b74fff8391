"""Wake: ends a wait, however the system does it."""

from __future__ import annotations

import os
import threading

import pytest

from kick_live.session.selector import Selector
from kick_live.session.wake import Wake


@pytest.fixture(params=["counter", "sockets"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "sockets":
        monkeypatch.delattr(os, "eventfd", raising=False)
    elif not hasattr(os, "eventfd"):
        pytest.skip("only Linux has such counters")


def test_a_wait_ends_and_the_next_one_lasts() -> None:
    """However often it is set, one clear is enough."""
    wake = Wake()
    selector = Selector(wake)
    assert not selector.wait(0)
    for _ in range(100_000):  # more than a socket holds: it does not block
        wake.set()
    assert selector.wait(0)
    wake.clear()
    assert not selector.wait(0)
    wake.clear()  # in vain
    wake.close()


def test_another_thread_ends_the_wait() -> None:
    """At once, whatever the time-out."""
    wake = Wake()
    found: list[list[int]] = []
    thread = threading.Thread(target=lambda: found.append(list(Selector(wake).wait(30.0))))
    thread.start()
    wake.set()
    thread.join(10)
    assert found == [[wake.fileno()]]
    wake.close()


def test_setting_it_late_does_nothing() -> None:
    """Whoever wakes a thread need not know whether it has ended; nothing else gets what it writes."""
    wake = Wake()
    descriptor = wake.fileno()
    wake.close()
    wake.close()
    reading, writing = os.pipe()
    try:
        if descriptor not in (reading, writing):
            os.dup2(writing, descriptor)  # its number is another's now
        os.set_blocking(reading, False)
        wake.set()
        wake.clear()
        with pytest.raises(BlockingIOError):
            os.read(reading, 1)
    finally:
        for number in {reading, writing, descriptor}:
            os.close(number)
