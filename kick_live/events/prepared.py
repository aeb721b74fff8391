"""Prepares classes for msgspec, one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

__all__ = ["one_at_a_time", "prepare"]

T = TypeVar("T")

_lock: Final = threading.RLock()
_ready: Final[set[Any]] = set()


def prepare(cls: Any) -> None:
    """Let msgspec study a class before threads use it; quick after the first time.

    msgspec studies a class, and those of its fields, when it first meets them, and leaves what it
    has found so far where other threads see it. A thread that meets the same class meanwhile reads
    through a null pointer, which ends the process (msgspec 0.22, seen November 2026).

    Args:
        cls: What is to be made from payloads.
    """
    if cls not in _ready:
        with _lock:
            msgspec.json.Decoder(cls)
            _ready.add(cls)


def one_at_a_time(make: Callable[[], T]) -> T:
    """Call what lets msgspec study classes, while no other thread does.

    Args:
        make: Makes a decoder, for instance.
    """
    with _lock:
        return make()
