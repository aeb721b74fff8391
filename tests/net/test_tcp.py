"""Connections to hosts with several addresses, of which some lead nowhere."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kick_live.net.tcp import open_tcp
from kick_live.net.watch import Watch

#: A family of addresses that no system knows, as IPv6 is where it was left out.
UNSUPPORTED = (9999, socket.SOCK_STREAM, 0, "", ("2001:db8::1", 1, 0, 0))


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what a host's name is looked up to."""

    def find(*rows: Any) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_: list(rows))

    return find


def row(address: tuple[str, int]) -> Any:
    """One of a host's addresses, as the system tells it."""
    return (socket.AF_INET, socket.SOCK_STREAM, 0, "", address)


def test_an_address_of_an_unsupported_family_is_passed_over(
    listener: socket.socket, found: Callable[..., None]
) -> None:
    """The next one is tried, as where no socket for IPv6 can be made at all."""
    found(UNSUPPORTED, row(listener.getsockname()))
    with Watch(10) as watch, open_tcp(watch, "kick.example", 443, 5) as sock:
        assert sock.getpeername() == listener.getsockname()


def test_an_unsupported_family_does_not_hide_why_another_failed(
    listener: socket.socket, found: Callable[..., None]
) -> None:
    """Whichever comes first, the address that could be tried tells more."""
    nobody = row(listener.getsockname())
    listener.close()
    for rows in ((UNSUPPORTED, nobody), (nobody, UNSUPPORTED)):
        found(*rows)
        with Watch(10) as watch, pytest.raises(ConnectionRefusedError):
            open_tcp(watch, "kick.example", 443, 5)


def test_a_host_of_unsupported_families_alone_cannot_be_reached(
    found: Callable[..., None],
) -> None:
    """The system's error is raised, not one of ours that says less."""
    found(UNSUPPORTED)
    with Watch(10) as watch, pytest.raises(OSError, match=r"\[(Errno|WinError) ") as caught:
        open_tcp(watch, "kick.example", 443, 5)
    assert caught.value.errno
