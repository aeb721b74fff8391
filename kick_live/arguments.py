"""Checks what a caller passes at once, in words that name the argument."""

from __future__ import annotations

import inspect
import math
import threading
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, Final

__all__ = [
    "check_callback",
    "check_choice",
    "check_flag",
    "check_instance",
    "check_list",
    "check_seconds",
    "check_text",
    "check_texts",
    "check_timeout",
    "check_whole",
]

_LONGEST_SHOWN: Final = 80


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuse what is not one of some words.

    Raises:
        TypeError: It is not text.
        ValueError: It is another word.
    """
    expected = f"one of {', '.join(map(repr, choices))}"
    if not isinstance(value, str):
        raise TypeError(_words(name, expected, value))
    if value not in choices:
        raise ValueError(_words(name, expected, value))


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false: the text ``"no"`` would count as true.

    Raises:
        TypeError: It is not a bool.
    """
    if not isinstance(value, bool):
        raise TypeError(_words(name, "True or False", value))


def check_instance(name: str, value: object, types: tuple[type, ...], expected: str) -> None:
    """Refuse what is of none of some types; True and False are no numbers.

    Raises:
        TypeError: It is of another type.
    """
    flag = isinstance(value, bool) and bool not in types
    if flag or not isinstance(value, types):
        raise TypeError(_words(name, expected, value))


def check_list(name: str, value: object, expected: str, length: int | None = None) -> None:
    """Refuse what is not a list or another sequence: a text would be taken for its letters.

    Args:
        name: The argument.
        value: What was passed.
        expected: How one looks, for the message.
        length: How long it must be, if that is known.

    Raises:
        TypeError: It is something else, for instance a text.
        ValueError: It has another length.
    """
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        raise TypeError(_words(name, expected, value))
    if length not in (None, len(value)):
        raise ValueError(_words(name, f"{expected}, which is {length} long", value))


def check_texts(name: str, value: object) -> None:
    """Refuse what is not a list of texts.

    Raises:
        TypeError: It is something else, for instance a single text.
    """
    check_list(name, value, "a list of texts")
    assert isinstance(value, Sequence)
    for index, part in enumerate(value):
        check_instance(f"{name}[{index}]", part, (str,), "text")


def check_text(
    name: str, value: object, example: str, *, none: bool = True, secret: bool = False
) -> None:
    """Refuse what is not text.

    Args:
        name: The argument.
        value: What was passed.
        example: How one looks.
        none: Whether ``None`` serves as well.
        secret: Whether the message must not show the value.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(value, str) and not (value is None and none):
        expected = f"text like {example!r}" + (", or None" if none else "")
        raise TypeError(_words(name, expected, value, secret=secret))


def check_whole(
    name: str, value: object, least: int | None = None, most: int | None = None
) -> None:
    """Refuse what is not a whole number within bounds, if there are any.

    Raises:
        TypeError: It is not an int.
        ValueError: It is out of bounds.
    """
    expected = "a whole number"
    if least is not None:
        expected += f" of at least {least}" if most is None else f" from {least} to {most}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(_words(name, expected, value))
    number = int(value)
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError(_words(name, expected, value))


def check_seconds(name: str, value: object, *, zero: bool = True) -> None:
    """Refuse what is not a number of seconds that can be waited for.

    Args:
        name: The argument.
        value: What was passed.
        zero: Whether 0 makes sense.

    Raises:
        TypeError: It is not a number.
        ValueError: It is negative, infinite, or not a number in the sense of floats.
    """
    expected = f"a number of seconds, {'0 or more' if zero else 'above 0'}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(_words(name, expected, value))
    seconds = _as_float(value)
    # Written so that NaN fails; the waits of threading take no more than its limit.
    if not (0 < seconds <= threading.TIMEOUT_MAX or (zero and seconds == 0)):
        raise ValueError(_words(name, expected, value))


def check_timeout(value: object, *, none: bool = True) -> None:
    """Refuse what is not a time-out; what is left of one may be negative, which counts as 0.

    Args:
        value: What was passed.
        none: Whether ``None`` stands for no limit.

    Raises:
        TypeError: It is not a number.
        ValueError: It is infinite, or not a number in the sense of floats.
    """
    if value is None and none:
        return
    expected = "a number of seconds" + (", or None for no limit" if none else "")
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(_words("timeout", expected, value))
    if not _as_float(value) <= threading.TIMEOUT_MAX:
        raise ValueError(_words("timeout", expected, value))


def check_callback(name: str, value: object) -> Callable[..., Any]:
    """Refuse what cannot be called, or does nothing when it is called.

    Args:
        name: What it is, for the message.
        value: What was passed.

    Returns:
        The function.

    Raises:
        TypeError: It is not callable, or its call would only make a coroutine or a generator.
    """
    if not callable(value):
        if value is None:
            raise TypeError(
                f"{name} must be callable, not None. Pass the function itself, without calling it: "
                "print, not print()."
            )
        raise TypeError(_words(name, "callable", value))
    called = value if inspect.isroutine(value) else type(value).__call__
    for function in (value, called):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{name} {_name(value)} is an async function, which nothing here would await. "
                "Write it with def; to go on in an event loop, let it call "
                "loop.call_soon_threadsafe or asyncio.run_coroutine_threadsafe."
            )
        if inspect.isgeneratorfunction(function):
            raise TypeError(
                f"{name} {_name(value)} contains yield, so calling it would run none of it. Write "
                "it without yield."
            )
    return value


def _as_float(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _name(function: object) -> str:
    return str(getattr(function, "__name__", None) or type(function).__name__)


def _words(name: str, expected: str, value: object, *, secret: bool = False) -> str:
    given = "" if secret else repr(value)
    if len(given) > _LONGEST_SHOWN:
        given = f"{given[:_LONGEST_SHOWN]}..."
    shown = f"{given} ({type(value).__name__})" if given else f"a {type(value).__name__}"
    return f"{name} must be {expected}, not {shown}."
