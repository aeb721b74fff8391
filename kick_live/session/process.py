"""Notices that a process was forked: a client's threads stay behind in the parent."""

from __future__ import annotations

import os

from kick_live.errors import ClientClosed

__all__ = ["check_process", "is_foreign"]


def is_foreign(owner: int) -> bool:
    """Whether this is another process than the one that made something.

    Args:
        owner: The process id of the maker.
    """
    return os.getpid() != owner


def check_process(owner: int) -> None:
    """Refuse what cannot work after a fork.

    Args:
        owner: The process id of the maker.

    Raises:
        ClientClosed: This is a child of that process.
    """
    if is_foreign(owner):
        raise ClientClosed(
            "This client was connected before the process was forked, and its background threads "
            "exist in the parent alone. Make a new KickClient in the child, or use the spawn "
            "method of multiprocessing."
        )
