"""Fires listeners on the caller's thread: the only door to pyee."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeAlias

from pyee import EventEmitter

from kick_live.events.base import Event
from kick_live.events.registry import EVENT_CLASSES, full_names
from kick_live.events.unread import SKIMMED, UnreadEvent, UnreadMessage, is_wanted_as

__all__ = ["Dispatcher", "Listener"]

Listener: TypeAlias = Callable[[Any], object]


class Dispatcher:
    """Listeners by event class; an event also reaches those of its base classes.

    pyee keeps the listeners and their order. They are called from lists prepared from it, one by
    one, so that one that raises does not keep the later ones from running; ``emit`` would.

    Listeners may be added and removed from any thread; ``fire`` belongs to the caller's thread.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._emitter = EventEmitter()
        self._once: set[tuple[str, Listener]] = set()
        self._plans: dict[type[Event], tuple[tuple[Listener, str | None], ...]] = {}
        self._unwanted: dict[tuple[type[Event], ...], frozenset[str]] = {}

    def on(self, cls: type[Event], listener: Listener) -> None:
        """Add a listener; adding it again changes nothing."""
        with self._lock:
            self._emitter.on(_key(cls), listener)
            self._once.discard((_key(cls), listener))
            self._changed()

    def once(self, cls: type[Event], listener: Listener) -> None:
        """Add a listener that runs for the next event only; one that is there already stays as it is."""
        with self._lock:
            if listener in self._emitter.listeners(_key(cls)):
                return
            self._emitter.on(_key(cls), listener)
            self._once.add((_key(cls), listener))
            self._changed()

    def off(self, cls: type[Event], listener: Listener | None = None) -> None:
        """Remove a listener, or all of a class; unknown ones are ignored."""
        key = _key(cls)
        with self._lock:
            gone = self._emitter.listeners(key) if listener is None else [listener]
            for one in gone:
                with contextlib.suppress(KeyError):
                    self._emitter.remove_listener(key, one)
                self._once.discard((key, one))
            self._changed()

    def _changed(self) -> None:
        self._plans = {}
        self._unwanted = {}

    def unwanted(self, awaited: tuple[type[Event], ...] = ()) -> frozenset[str]:
        """The kinds for which there is no listener, by the names under which they come.

        Args:
            awaited: Classes that are wanted besides.
        """
        found = self._unwanted.get(awaited)
        if found is None:
            with self._lock:
                wanted = (*filter(self.has, EVENT_CLASSES), *awaited)
                found = self._unwanted[awaited] = frozenset(
                    name
                    for cls in SKIMMED
                    if not any(is_wanted_as(cls, one) for one in wanted)
                    for name in full_names(cls)
                )
        return found

    def has(self, cls: type[Event]) -> bool:
        """Whether a class has listeners of its own."""
        with self._lock:
            return bool(self._emitter.listeners(_key(cls)))

    def fire(self, event: Event) -> list[Exception]:
        """Run an event's listeners, its own class's first.

        Returns:
            What they raised, in order.
        """
        plan = self._plans.get(type(event))
        if plan is None:
            plan = self._plan(type(event))
        errors: list[Exception] = []
        for listener, once_key in plan:
            if once_key is not None and not self._use_up(once_key, listener):
                continue
            try:
                listener(event)
            except Exception as error:  # noqa: BLE001 - whatever a listener raises is kept
                errors.append(error)
        return errors

    def _use_up(self, key: str, listener: Listener) -> bool:
        """Remove a listener that runs once; false if it ran meanwhile, or was removed."""
        with self._lock:
            if (key, listener) not in self._once:
                return listener in self._emitter.listeners(key)  # a lasting one by now
            self._once.discard((key, listener))
            with contextlib.suppress(KeyError):
                self._emitter.remove_listener(key, listener)
            self._changed()
        return True

    def _plan(self, cls: type[Event]) -> tuple[tuple[Listener, str | None], ...]:
        if cls is UnreadMessage or cls is UnreadEvent:
            return ()  # a listener that was added since its turn began comes too late for it
        with self._lock:
            keys = [_key(base) for base in cls.__mro__ if issubclass(base, Event)]
            plan = self._plans[cls] = tuple(
                (listener, key if (key, listener) in self._once else None)
                for key in keys
                for listener in self._emitter.listeners(key)
            )
        return plan


def _key(cls: type[Event]) -> str:
    # The class's name, not its kind: pyee gives the names "error" and "new_listener" a meaning.
    return cls.__name__
