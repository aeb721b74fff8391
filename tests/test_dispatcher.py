"""Dispatcher: listeners by event class."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kick_live.dispatcher import Dispatcher
from kick_live.events import (
    ChatroomClear,
    Disconnected,
    ErrorOccurred,
    Event,
    GoalAchieved,
    GoalEvent,
    LifecycleEvent,
    PollDelete,
)


@pytest.fixture
def heard() -> list[Any]:
    """What listeners heard."""
    return []


def test_an_event_reaches_its_class_and_its_bases(heard: list[Any]) -> None:
    """The own class first, then outwards; other classes hear nothing."""
    dispatcher = Dispatcher()
    for cls in (Event, GoalEvent, GoalAchieved, PollDelete, LifecycleEvent):
        dispatcher.on(cls, lambda event, cls=cls: heard.append(cls))
    assert dispatcher.fire(GoalAchieved(id="g")) == []
    assert heard == [GoalAchieved, GoalEvent, Event]


def test_listeners_run_in_the_order_in_which_they_were_added(heard: list[Any]) -> None:
    """The same listener twice is one listener."""
    dispatcher = Dispatcher()
    add = heard.append
    dispatcher.on(PollDelete, add)
    dispatcher.on(PollDelete, lambda event: heard.append("second"))
    dispatcher.on(PollDelete, add)
    event = PollDelete()
    dispatcher.fire(event)
    assert heard == [event, "second"]


def test_once_leaves_a_lasting_listener_lasting(heard: list[Any]) -> None:
    """It would hear the next event anyway, and goes on hearing; the other way round as well."""
    for first, second in (("on", "once"), ("once", "on")):
        heard.clear()
        dispatcher = Dispatcher()
        getattr(dispatcher, first)(PollDelete, heard.append)
        getattr(dispatcher, second)(PollDelete, heard.append)
        dispatcher.fire(PollDelete())
        dispatcher.fire(PollDelete())
        assert len(heard) == 2


def test_a_listener_that_becomes_lasting_meanwhile_hears_this_event(heard: list[Any]) -> None:
    """It was asked for this one before, and for all others by one that ran first."""
    dispatcher = Dispatcher()
    dispatcher.on(PollDelete, lambda event: dispatcher.on(PollDelete, heard.append))
    dispatcher.once(PollDelete, heard.append)
    dispatcher.fire(PollDelete())
    dispatcher.fire(PollDelete())
    assert len(heard) == 2


def test_once_is_once(heard: list[Any]) -> None:
    """The next event only; and one that raises was run, too."""
    dispatcher = Dispatcher()

    def fail(event: Event) -> None:
        raise ValueError("spilt")

    dispatcher.once(PollDelete, heard.append)
    dispatcher.once(PollDelete, fail)
    assert len(dispatcher.fire(PollDelete())) == 1
    assert dispatcher.fire(PollDelete()) == []
    assert len(heard) == 1
    assert not dispatcher.has(PollDelete)


def test_off_takes_one_or_all(heard: list[Any]) -> None:
    """Unknown listeners are ignored."""
    dispatcher = Dispatcher()
    first, second = (lambda event: heard.append(1)), (lambda event: heard.append(2))
    for listener in (first, second):
        dispatcher.on(PollDelete, listener)
    dispatcher.off(PollDelete, first)
    dispatcher.off(PollDelete, first)
    dispatcher.off(ChatroomClear, first)
    dispatcher.fire(PollDelete())
    assert heard == [2]
    dispatcher.off(PollDelete)
    dispatcher.off(ChatroomClear)
    dispatcher.fire(PollDelete())
    assert heard == [2]


def test_has_knows_a_class_of_its_own(heard: list[Any]) -> None:
    """Listeners of a base do not count."""
    dispatcher = Dispatcher()
    dispatcher.on(GoalEvent, heard.append)
    assert dispatcher.has(GoalEvent)
    assert not dispatcher.has(GoalAchieved)
    assert not dispatcher.has(Event)


def test_a_listener_that_raises_does_not_starve_the_others(heard: list[Any]) -> None:
    """All errors come back, in order."""
    dispatcher = Dispatcher()
    errors = [ValueError("first"), KeyError("second")]

    def raising(error: Exception) -> Any:
        def listener(event: Event) -> None:
            raise error

        return listener

    dispatcher.on(PollDelete, raising(errors[0]))
    dispatcher.on(PollDelete, heard.append)
    dispatcher.on(Event, raising(errors[1]))
    dispatcher.on(Event, heard.append)
    assert dispatcher.fire(PollDelete()) == errors
    assert len(heard) == 2
    dispatcher.off(Event)
    dispatcher.off(PollDelete)
    assert dispatcher.fire(PollDelete()) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_is_not_held_back(stop: type[BaseException]) -> None:
    """Ctrl-C in a listener is Ctrl-C; afterwards the dispatcher works as before."""
    dispatcher = Dispatcher()

    def listener(event: Event) -> None:
        raise stop

    dispatcher.on(PollDelete, listener)
    with pytest.raises(stop):
        dispatcher.fire(PollDelete())
    dispatcher.off(PollDelete)
    assert dispatcher.fire(PollDelete()) == []


def test_a_listener_may_fire_another_event(heard: list[Any]) -> None:
    """The errors of the two are kept apart."""
    dispatcher = Dispatcher()
    inner: list[Exception] = []

    def fail(event: Event) -> None:
        raise ValueError("inner")

    def outer(event: Event) -> None:
        inner.extend(dispatcher.fire(ChatroomClear()))
        raise KeyError("outer")

    dispatcher.on(ChatroomClear, fail)
    dispatcher.on(PollDelete, outer)
    errors = dispatcher.fire(PollDelete())
    assert [type(error) for error in inner] == [ValueError]
    assert [type(error) for error in errors] == [KeyError]


def test_listeners_may_come_and_go_while_an_event_is_fired(heard: list[Any]) -> None:
    """The next event is heard by those that are there then."""
    dispatcher = Dispatcher()

    def listener(event: Event) -> None:
        heard.append("once")
        dispatcher.off(PollDelete, listener)
        dispatcher.on(PollDelete, late)

    def late(event: Event) -> None:
        heard.append("late")

    dispatcher.on(PollDelete, listener)
    dispatcher.fire(PollDelete())
    dispatcher.fire(PollDelete())
    assert heard == ["once", "late"]


def test_the_name_error_has_no_special_meaning(heard: list[Any]) -> None:
    """An ErrorOccurred that nobody listens to raises nothing."""
    dispatcher = Dispatcher()
    event = ErrorOccurred(error=ValueError("x"))
    assert dispatcher.fire(event) == []
    dispatcher.on(ErrorOccurred, heard.append)
    dispatcher.fire(event)
    assert heard == [event]


def test_listeners_may_be_added_from_another_thread() -> None:
    """While events are fired here, adding and removing there loses no event of a steady listener."""
    dispatcher = Dispatcher()
    steady: list[Event] = []
    stop = threading.Event()
    dispatcher.on(Disconnected, steady.append)

    def churn() -> None:
        while not stop.is_set():
            listener = lambda event: None  # noqa: E731
            dispatcher.on(Disconnected, listener)
            dispatcher.on(LifecycleEvent, listener)
            dispatcher.off(Disconnected, listener)
            dispatcher.off(LifecycleEvent, listener)

    thread = threading.Thread(target=churn)
    thread.start()
    errors = [error for _ in range(2000) for error in dispatcher.fire(Disconnected(reason="x"))]
    stop.set()
    thread.join(5)
    assert errors == []
    assert len(steady) == 2000
