"""Why nobody was reached, as far as the system tells it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from typing import Final

__all__ = ["reason"]

#: In the order in which they are looked for; what follows the host's name.
_BY_KIND: Final[tuple[tuple[type[OSError], str], ...]] = (
    (
        socket.gaierror,
        "could not be found: the name is wrong, or no name server answers. Check the address, and "
        "the network",
    ),
    (
        ConnectionRefusedError,
        "refused the connection: no server runs there, or a firewall is in between. Check the "
        "address, and whether the server runs",
    ),
    (
        TimeoutError,
        "did not answer in time: it or the network is slow, or a firewall lets nothing through. "
        "Check the network, and try again later",
    ),
    (
        ConnectionError,
        "ended the connection without an answer, or something in between did. Try again later; "
        "where that does not help, look for a firewall or a filter",
    ),
)
_NO_WAY: Final = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


def reason(error: BaseException) -> str | None:
    """What the system said at the bottom of a failure, and what to do, without a full stop.

    Args:
        error: Whatever a library made of it.

    Example:
        >>> reason(ConnectionRefusedError(111, "Connection refused"))[:25]
        'refused the connection: n'
        >>> reason(ValueError("something else")) is None
        True
    """
    for link in reversed(list(_chain(error))):
        for kind, words in _BY_KIND:
            if isinstance(link, kind):
                return words
        if isinstance(link, OSError) and link.errno in _NO_WAY:
            return "could not be reached: no way leads there from here. Check the network"
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(20):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
