"""Selector: a wait on a few sockets, however the system does it."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from kick_live.session.selector import Selector


@pytest.fixture(params=["poll", "select"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "select":
        monkeypatch.delattr(select, "poll", raising=False)
    elif not hasattr(select, "poll"):
        pytest.skip("Windows has no poll")


@pytest.fixture
def pairs() -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Two pairs of connected sockets."""
    found = [socket.socketpair() for _ in range(2)]
    yield found
    for one, other in found:
        one.close()
        other.close()


def test_it_tells_which_can_be_read(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    """One, both, and none again once they were read."""
    (ours, theirs), (ours2, theirs2) = pairs
    selector = Selector(ours, ours2)
    assert not selector.wait(0.0)
    theirs2.send(b"x")
    assert list(selector.wait(5.0)) == [ours2.fileno()]
    theirs.send(b"x")
    assert sorted(selector.wait(5.0)) == sorted([ours.fileno(), ours2.fileno()])
    ours.recv(1)
    ours2.recv(1)
    assert not selector.wait(0.0)


def test_what_is_left_alone_ends_no_wait(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    """Until it is watched again."""
    (ours, theirs), (ours2, _) = pairs
    selector = Selector(ours, ours2)
    theirs.send(b"x")
    selector.remove(ours)
    assert not selector.wait(0.0)
    selector.add(ours)
    assert list(selector.wait(5.0)) == [ours.fileno()]


def test_the_peers_end_counts(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    """Reading it tells more."""
    ours, theirs = pairs[0]
    selector = Selector(ours)
    theirs.close()
    assert list(selector.wait(5.0)) == [ours.fileno()]
    assert ours.recv(1) == b""


def test_a_shutdown_by_another_thread_ends_the_wait(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    """That is how a blocked connection is torn down."""
    ours, _ = pairs[0]
    selector = Selector(ours)
    found: list[list[int]] = []
    thread = threading.Thread(target=lambda: found.append(list(selector.wait(30.0))))
    thread.start()
    ours.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert found == [[ours.fileno()]]


def test_a_wait_is_never_shorter_than_asked_for(
    pairs: list[tuple[socket.socket, socket.socket]],
) -> None:
    """Else a deadline would be waited for in a loop without pause."""
    selector = Selector(pairs[0][0])
    for asked in (0.0001, 0.0101, 0.0509):
        begun = time.monotonic()
        assert not selector.wait(asked)
        assert time.monotonic() - begun >= asked
