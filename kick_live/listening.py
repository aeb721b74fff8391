"""How a program takes events, whatever they come from: a client or a recording."""

from __future__ import annotations

import inspect
import logging
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Final, TypeVar, overload

from attrs import NOTHING

from kick_live.arguments import check_callback, check_timeout
from kick_live.dispatcher import Dispatcher
from kick_live.errors import ClientClosed, WaitTimeout
from kick_live.events.base import Event
from kick_live.events.decoder import Decoder
from kick_live.events.registry import event_class
from kick_live.events.unread import UnreadEvent, UnreadMessage
from kick_live.latch import Latch

__all__ = ["EventSource"]

_logger = logging.getLogger(__name__)

_UNREAD: Final = frozenset({UnreadMessage, UnreadEvent})
_NONE: Final[frozenset[str]] = frozenset()

E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Callable[[Any], object])
R = TypeVar("R")
S = TypeVar("S", bound="EventSource")


class EventSource(ABC):
    """The base of what events are taken from; made by way of ``KickClient`` or ``Replay``.

    Listeners run on the thread that calls ``run``, ``poll``, ``events`` or ``wait_for``, never on
    another. Use one thread for these calls; ``close``, ``on``, ``once`` and ``off`` may be called
    from any. Every event passes the listeners exactly once, whichever of these calls takes it.

    Args:
        on_listener_error: Given what a listener raises, and the event if it needs a second argument,
            or has one that is called ``event``. Without it, the first error is raised from ``run`` or
            ``poll`` after the other listeners have run.

    Raises:
        TypeError: ``on_listener_error`` cannot be called, or is an async function.
    """

    def __init__(self, on_listener_error: Callable[..., object] | None = None) -> None:
        if on_listener_error is not None:
            check_callback("on_listener_error", on_listener_error)
        self._on_listener_error = on_listener_error
        self._error_takes_event = _takes_event(on_listener_error)
        self._dispatcher = Dispatcher()
        self._reader = Decoder()
        self._takers = 0
        self._awaited: tuple[type[Event], ...] = ()
        self._taken: deque[Event] = deque()
        self._closed = Latch()

    # -- what differs from source to source

    @abstractmethod
    def _begin(self) -> None:
        """Make events come, unless they do already."""

    @abstractmethod
    def _fill(self, timeout: float | None) -> None:
        """Take what waits, if everything taken before was used up; wait at most so long for it."""

    @abstractmethod
    def _check_end(self) -> bool:
        """Raise what ended the source for good; true if it came to its end without failing."""

    @abstractmethod
    def close(self, timeout: float = 5.0) -> None:
        """End it; repeatable, from any thread or a listener."""

    def _say_farewell(self) -> None:  # noqa: B027 - a hook
        """Fire what belongs to the end of a source that was closed."""

    def _listeners_changed(self) -> None:  # noqa: B027 - a hook
        """Listeners were added or removed."""

    def _waiting(self, cls: type[Event], change: int) -> None:  # noqa: B027 - a hook
        """One ``wait_for`` more (1) or less (-1) waits for a class."""

    def _why_nothing_came(self) -> str:
        """A hint for the message of ``WaitTimeout``."""
        return "The condition may fit nothing."

    # -- taking events

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed.is_set()

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, timeout: float | None = None) -> None:
        """Fire listeners on this thread; a client connects first, if needed.

        Blocks until ``close`` is called, a recording ends, the time is over, or Ctrl-C, upon which
        this closes and returns normally.

        Args:
            timeout: Seconds after the connection stands; ``None`` for no limit, zero for what waits
                already. Afterwards a client stays connected, what was not taken waits, and ``run``
                may be called again.

        Raises:
            KickLiveError: What ended the connection for good, or, from ``connect``, prevented it.
            TypeError: ``timeout`` is not a number.
            Exception: What a listener raised, unless ``on_listener_error`` takes it.
        """
        check_timeout(timeout)
        was_closed = self.closed
        try:
            try:
                self._begin()
            except ClientClosed:
                if was_closed or not self.closed:
                    raise
            limit = _Limit(timeout)
            while self._has_more(limit):
                self._fire_taken(limit)
            if self.closed:
                self._say_farewell()
        except KeyboardInterrupt:
            self.close()

    def poll(self, timeout: float = 0.0) -> int:
        """Fire listeners for the events that wait.

        For game loops, GUIs and notebooks. A client connects first, if needed. After ``close`` it
        returns 0 instead of raising, for a loop may well call it once more while it ends; ``closed``
        tells the loop when to.

        Args:
            timeout: The longest wait for the first event, in seconds after the connection stands.

        Returns:
            How many events were taken.

        Raises:
            KickLiveError: What ended the connection for good, or, from ``connect``, prevented it.
            TypeError: ``timeout`` is not a number.
            Exception: What a listener raised, unless ``on_listener_error`` takes it.
        """
        check_timeout(timeout, none=False)
        if not self._taken and not self.closed:
            try:
                self._begin()
            except ClientClosed:
                if not self.closed:
                    raise
        count = 0
        first_error: Exception | None = None
        self._fill(timeout)
        for _ in range(len(self._taken)):
            if self.closed or not self._taken:  # a listener may take some itself, in ``wait_for``
                break
            try:
                event = self._take_next()
            except IndexError:
                break
            error = self._fire(event)
            if error is not None and first_error is not None:
                _log(error)
            first_error = first_error or error
            count += 1
        if first_error is not None:
            raise first_error
        if count == 0:
            self._check_end()
        return count

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Take events one by one, as an alternative to listeners, which run as well.

        A client connects first, if needed. Waits between events; ends when the source is closed, a
        recording ends, or the time is over. What was not taken waits for the next call.

        Args:
            timeout: Seconds in all, after the connection stands; ``None`` for no limit.

        Raises:
            KickLiveError: What ended the connection for good, or, from ``connect``, prevented it.
            TypeError: ``timeout`` is not a number; at once.
            Exception: What a listener raised, unless ``on_listener_error`` takes it.

        Example:
            >>> with KickClient("amber-quokka", endpoints=simulator.endpoints) as client:
            ...     for event in client.events(timeout=5):
            ...         print(type(event).__name__)
            ...         break
            Connected
        """
        check_timeout(timeout)
        return self._events(timeout)

    def _events(self, timeout: float | None) -> Iterator[Event]:
        self._begin()
        self._takers += 1
        unraised: Exception | None = None
        try:
            for event, error in self._pull(timeout):
                unraised = error
                yield event
                unraised = None
                if error is not None:
                    raise error
        finally:
            self._takers -= 1
            if unraised is not None:  # who iterated broke off at this very event
                _log(unraised)

    def __iter__(self) -> Iterator[Event]:
        return self.events()

    @overload
    def wait_for(
        self,
        kind: type[E],
        timeout: float | None = None,
        where: Callable[[E], object] | None = None,
    ) -> E: ...

    @overload
    def wait_for(
        self,
        kind: str,
        timeout: float | None = None,
        where: Callable[[Any], object] | None = None,
    ) -> Event: ...

    def wait_for(
        self,
        kind: type[Event] | str,
        timeout: float | None = None,
        where: Callable[[Any], object] | None = None,
    ) -> Event:
        """Wait for an event; the listeners of everything that comes meanwhile run.

        Args:
            kind: An event class, or the name of one; subclasses count.
            timeout: Seconds after the connection stands; ``None`` for no limit.
            where: Called with each such event; the first for which it is true is returned.

        Raises:
            WaitTimeout: No such event came in time, or before a recording's end.
            UnknownEventName: No event has that name.
            ClientClosed: It was closed.
            KickLiveError: What ended the connection for good, or, from ``connect``, prevented it.
            TypeError: ``timeout`` is not a number, or ``where`` cannot be called.
            Exception: What a listener raised, unless ``on_listener_error`` takes it.
        """
        cls = event_class(kind)
        check_timeout(timeout)
        if where is not None:
            check_callback("where", where)
        self._begin()
        self._awaited = (*self._awaited, cls)
        self._waiting(cls, 1)
        try:
            for event, error in self._pull(timeout):
                if error is not None:
                    raise error
                if isinstance(event, cls) and (where is None or where(event)):
                    return event
        finally:
            self._waiting(cls, -1)
            self._awaited = _without(self._awaited, cls)
        if self.closed:
            raise ClientClosed(f"The client was closed while it waited for {cls.__name__}.")
        limit = "before the end" if self._check_end() else f"within {timeout} s"
        raise WaitTimeout(
            f"No {cls.__name__} came {limit}. {self._why_nothing_came()}", timeout=timeout or 0.0
        )

    def _pull(self, timeout: float | None) -> Iterator[tuple[Event, Exception | None]]:
        """Events whose listeners have run, each with the error that is to be raised for it."""
        limit = _Limit(timeout)
        while self._has_more(limit):
            try:
                event = self._take_next()
            except IndexError:
                continue
            yield event, self._fire(event)
        if self.closed:
            self._say_farewell()

    def _has_more(self, limit: _Limit) -> bool:
        """Wait for events; false at the end of the source or of the time, and after ``close``."""
        while not self._closed.is_set():
            remaining = limit.remaining()
            if not self._taken and (remaining != 0 or limit.is_new):
                self._fill(remaining)
            if self._taken:
                return limit.allows_one_of(len(self._taken)) and not self._closed.is_set()
            limit.is_new = False
            if self._check_end() or remaining == 0:
                return False
        return False

    def _fire_taken(self, limit: _Limit) -> None:
        """Run the listeners of what was taken, until the time is over or this is closed."""
        taken, fire, closed = self._taken, self._dispatcher.fire, self._closed.is_set
        unwanted, deadline = self._unwanted, limit.deadline
        while taken and not closed():
            try:
                event: Any = taken.popleft()
            except IndexError:  # another thread was faster
                return
            errors: Sequence[Exception] = ()
            if type(event) not in _UNREAD:
                errors = fire(event)
            elif event.wire_name not in unwanted():
                event = self._reader.read(event)
                errors = fire(event)
            if errors:
                error = self._judge(event, errors)
                if error is not None:
                    raise error
            if deadline is not None and time.monotonic() >= deadline:
                return

    def _take_next(self) -> Event:
        """The next event that was taken; ``IndexError`` where another thread was faster."""
        event = self._taken.popleft()
        return self._read_if_wanted(event) if type(event) in _UNREAD else event

    def _read_if_wanted(self, event: Any) -> Event:
        """An event that came while nobody wanted it: somebody may want it by now."""
        if event.wire_name in self._unwanted():
            return event  # type: ignore[no-any-return]
        return self._reader.read(event)

    def _unwanted(self) -> frozenset[str]:
        """The kinds for which there is no listener, no iteration and no ``wait_for``; any thread."""
        return _NONE if self._takers else self._dispatcher.unwanted(self._awaited)

    def _fire(self, event: Event) -> Exception | None:
        """Run an event's listeners; returns an error that is to be raised."""
        errors = self._dispatcher.fire(event)
        return self._judge(event, errors) if errors else None

    def _judge(self, event: Event, errors: Sequence[Exception]) -> Exception | None:
        """Give the handler what listeners raised; returns an error that is to be raised."""
        handler = self._on_listener_error
        for error in errors[1 if handler is None else len(errors) :]:
            _log(error)
        if handler is None:
            return errors[0]
        for error in errors:
            try:
                if self._error_takes_event:
                    handler(error, event)
                else:
                    handler(error)
            except Exception as raised:  # noqa: BLE001 - whatever a handler raises is raised from run()
                return raised
        return None

    # -- listeners

    @overload
    def on(self, kind: type[E]) -> Callable[[Callable[[E], R]], Callable[[E], R]]: ...

    @overload
    def on(self, kind: str) -> Callable[[F], F]: ...

    @overload
    def on(self, kind: type[E], listener: Callable[[E], R]) -> Callable[[E], R]: ...

    @overload
    def on(self, kind: str, listener: F) -> F: ...

    def on(self, kind: type[Event] | str, listener: Any = NOTHING) -> Any:
        """Call a function for each event of a kind; also usable as a decorator.

        Listeners run on the thread that calls ``run``, ``poll``, ``events`` or ``wait_for``, in the
        order in which they were added; those of the event's own class before those of its base
        classes.

        Args:
            kind: An event class, whose subclasses count (``Event`` for all), or the name of one in
                any style: ``"chat_message"``, ``"chatMessage"``, ``"ChatMessage"``.
            listener: The function; left out, what is returned is a decorator.

        Returns:
            The function, or a decorator.

        Raises:
            UnknownEventName: No event has that name; the message suggests the nearest.
            TypeError: The listener cannot be called, or is an async function or a generator
                function, none of which would run.
        """
        return self._listen(self._dispatcher.on, kind, listener)

    @overload
    def once(self, kind: type[E]) -> Callable[[Callable[[E], R]], Callable[[E], R]]: ...

    @overload
    def once(self, kind: str) -> Callable[[F], F]: ...

    @overload
    def once(self, kind: type[E], listener: Callable[[E], R]) -> Callable[[E], R]: ...

    @overload
    def once(self, kind: str, listener: F) -> F: ...

    def once(self, kind: type[Event] | str, listener: Any = NOTHING) -> Any:
        """Call a function for the next event of a kind only; otherwise as ``on``.

        Args:
            kind: An event class, or the name of one.
            listener: The function; left out, what is returned is a decorator.

        Returns:
            The function, or a decorator.

        Raises:
            UnknownEventName: No event has that name; the message suggests the nearest.
            TypeError: As for ``on``.
        """
        return self._listen(self._dispatcher.once, kind, listener)

    def _listen(
        self,
        add: Callable[[type[Event], Callable[[Any], object]], None],
        kind: type[Event] | str,
        listener: Any,
    ) -> Any:
        cls = event_class(kind)

        def register(function: object) -> Callable[[Any], object]:
            checked = check_callback("A listener", function)
            add(cls, checked)
            self._listeners_changed()
            return checked

        # None is what a call written by mistake returns, as in on(ChatMessage, show()).
        return register if listener is NOTHING else register(listener)

    def off(self, kind: type[Event] | str, listener: Callable[[Any], object] | None = None) -> None:
        """Stop calling a function, or all functions, for a kind.

        Args:
            kind: The event class, or its name, for which it was added; those of subclasses and base
                classes stay.
            listener: The function, of which an unknown one is ignored; ``None`` for all.

        Raises:
            UnknownEventName: No event has that name; the message suggests the nearest.
        """
        self._dispatcher.off(event_class(kind), listener)
        self._listeners_changed()


def _log(error: Exception) -> None:
    """An error that another one keeps from being raised, or the end of an iteration."""
    _logger.error("a listener raised", exc_info=error)


def _without(classes: tuple[type[Event], ...], cls: type[Event]) -> tuple[type[Event], ...]:
    place = classes.index(cls)
    return classes[:place] + classes[place + 1 :]


class _Limit:
    """How long a call may take events: until its time is over.

    Where that is so from the beginning, as with a time-out of zero, it takes what waits then.

    Args:
        timeout: Seconds; ``None`` for no limit.

    Attributes:
        deadline: On the monotonic clock, or ``None``.
        is_new: Whether nothing was looked for yet.
    """

    def __init__(self, timeout: float | None) -> None:
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.is_new = True
        self._left = 0

    def remaining(self) -> float | None:
        """Seconds that are left, at least zero; ``None`` for no limit."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def allows_one_of(self, waiting: int) -> bool:
        """Whether one of so many events may be taken."""
        is_late = self.remaining() == 0
        if self.is_new:
            self.is_new = False
            self._left = waiting if is_late else 0
        self._left -= is_late
        return not is_late or self._left >= 0


def _takes_event(function: Callable[..., object] | None) -> bool:
    """Whether a function needs a second argument, or has one called ``event``."""
    if function is None:
        return False
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # a builtin that does not tell
        return False
    in_order = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    # What else is optional is not meant for events: `exc_info` of loggers, `end` of `print`.
    return len(in_order) > 1 and (
        in_order[1].default is inspect.Parameter.empty or in_order[1].name == "event"
    )
