"""Keeps two recorders from writing to one file."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

__all__ = ["is_claimed", "lock"]


def lock(descriptor: int) -> bool:
    """Claim an open file until it is closed; false if another process, or recorder, has claimed it.

    Where the system or the file system knows no such locks, everything is granted.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    with contextlib.suppress(OSError):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def is_claimed(path: Path) -> bool:
    """Whether a recorder is writing a file; false where that cannot be told."""
    if sys.platform == "win32":
        return False
    import fcntl

    with contextlib.suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
