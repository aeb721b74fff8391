"""Fires listeners on the caller's thread: the only door to pyee."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeAlias

from pyee import EventEmitter

from kick_live.events.base import Event

__all__ = ["Dispatcher", "Listener"]

Listener: TypeAlias = Callable[[Any], object]


class _IsolatingEmitter(EventEmitter):
    """An emitter of which a raising listener does not keep the later ones from running."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[Exception] = []

    def _emit_run(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        try:
            f(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever a listener raises is kept
            self.errors.append(error)


class Dispatcher:
    """Listeners by event class; an event also reaches those of its base classes.

    Listeners may be added and removed from any thread; ``fire`` belongs to the caller's thread.
    """

    def __init__(self) -> None:
        self._emitter = _IsolatingEmitter()
        self._plans: dict[type[Event], tuple[str, ...]] = {}

    def on(self, cls: type[Event], listener: Listener) -> None:
        """Add a listener; adding it again changes nothing."""
        self._emitter.on(_key(cls), listener)
        self._plans.clear()

    def once(self, cls: type[Event], listener: Listener) -> None:
        """Add a listener that runs for the next event only."""
        self._emitter.once(_key(cls), listener)
        self._plans.clear()

    def off(self, cls: type[Event], listener: Listener | None = None) -> None:
        """Remove a listener, or all of a class; unknown ones are ignored."""
        if listener is None:
            self._emitter.remove_all_listeners(_key(cls))
        else:
            with contextlib.suppress(KeyError):
                self._emitter.remove_listener(_key(cls), listener)
        self._plans.clear()

    def has(self, cls: type[Event]) -> bool:
        """Whether a class has listeners of its own."""
        return bool(self._emitter.listeners(_key(cls)))

    def fire(self, event: Event) -> list[Exception]:
        """Run an event's listeners, its own class's first.

        Returns:
            What they raised, in order.
        """
        plan = self._plans.get(type(event))
        if plan is None:
            plan = self._plan(type(event))
        if not plan:
            return []
        emitter = self._emitter
        before, emitter.errors = emitter.errors, []
        try:
            for key in plan:
                emitter.emit(key, event)
            return emitter.errors
        finally:
            emitter.errors = before

    def _plan(self, cls: type[Event]) -> tuple[str, ...]:
        bases = [base for base in cls.__mro__ if issubclass(base, Event)]
        plan = tuple(_key(base) for base in bases if self.has(base))
        self._plans[cls] = plan
        return plan


def _key(cls: type[Event]) -> str:
    # The class's name, not its kind: pyee gives the names "error" and "new_listener" a meaning.
    return cls.__name__
