"""Turns loosely shaped JSON values into attrs classes: a bad value costs the field, not the whole.

msgspec names the path of the first value that does not fit. That value is mended if its meaning is
plain (a number as text, JSON inside a string, ``[]`` for an empty object, a time without a zone),
otherwise removed, and the conversion is tried again. An instance comes out as long as the required
parts are there.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from kick_live.events.prepared import prepare

__all__ = ["ConversionError", "convert", "parse_json"]

T = TypeVar("T")

_MAX_REPAIRS: Final = 64
_LONGEST_KEPT: Final = 200
_ERROR: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?:key` in `)?(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`")
_NAIVE_TIME: Final = "with a timezone component"
_MISSING: Final = "missing required field"


class ConversionError(ValueError):
    """A required part is missing or unusable; the message reads "what @ $.path"."""


def parse_json(text: str | bytes) -> Any:
    """Parse JSON that may be slightly off.

    The standard library's parser takes over where msgspec's refuses, because it accepts lone
    surrogates, which are then replaced by U+FFFD so that they can be printed and stored.

    Raises:
        ConversionError: The text is not JSON, or nested too deeply.
    """
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise ConversionError("nested too deeply @ $") from None
    except (msgspec.DecodeError, UnicodeError):
        pass
    try:
        value = json.loads(text)
        return json.loads(_without_surrogates(json.dumps(value, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise ConversionError(f"not JSON: {error} @ $") from None


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def convert(
    obj: Any,
    to: type[T] | Callable[[Any], T],
    on_drop: Callable[[str], None] | None = None,
    refused: msgspec.ValidationError | None = None,
) -> T:
    """Convert plain JSON values into an instance of an attrs class.

    Args:
        obj: What a JSON parser returned. It is not changed.
        to: The class to make, or a function that makes it and raises what msgspec raises.
        on_drop: Called with the path of each value that had to be removed, unless it was null or empty.
        refused: What the first attempt raised, if it was made already.

    Returns:
        The instance; fields whose values were unusable have their defaults.

    Raises:
        ConversionError: A required part is missing or unusable.
    """
    if isinstance(to, type):
        prepare(to)
    make: Callable[[Any], T] = (
        functools.partial(msgspec.convert, type=to, strict=False) if isinstance(to, type) else to
    )
    for _ in range(_MAX_REPAIRS):
        try:
            if refused is not None:
                obj, refused = _repaired(obj, str(refused), on_drop), None
            return make(obj)
        except msgspec.ValidationError as error:
            refused = error
        except ConversionError:
            raise
        except (RecursionError, TypeError, OverflowError, ValueError) as error:
            raise ConversionError(f"{error} @ $") from None
    raise ConversionError(f"more than {_MAX_REPAIRS} unusable values @ $")


def _repaired(obj: Any, message: str, on_drop: Callable[[str], None] | None) -> Any:
    """A copy of obj without the fault that msgspec found."""
    complaint = _understand(message)
    steps = complaint.steps
    if not steps and not _can_mend_root(obj, complaint):
        raise ConversionError(f"{complaint.what} @ {complaint.path}")
    value = _value_at(obj, steps)
    mended = _mend(value, complaint)
    if on_drop is not None and mended is _REMOVE and value not in (None, ""):
        on_drop(complaint.path)
    return _replaced(obj, steps, mended)


class _Complaint(NamedTuple):
    """What msgspec says about a value that does not fit: what is wrong, where, what would fit."""

    what: str
    path: str
    steps: tuple[str, ...]
    expected: frozenset[str]


def _understand(message: str) -> _Complaint:
    # A drift repeats. Longer messages quote what was sent, and are not to be kept.
    return _remembered(message) if len(message) <= _LONGEST_KEPT else _parse(message)


def _parse(message: str) -> _Complaint:
    match = _ERROR.match(message)
    what = match["what"] if match else message
    path = (match["path"] if match else None) or "$"
    steps = [key or index for key, index in _STEP.findall(path)]
    if "..." in steps:
        steps = steps[: steps.index("...")]
    found = _EXPECTED.match(what)
    expected = frozenset(found[1].split(" | ")) if found else frozenset[str]()
    return _Complaint(what, path, tuple(steps), expected)


_remembered = functools.lru_cache(maxsize=256)(_parse)


def _can_mend_root(obj: Any, complaint: _Complaint) -> bool:
    return "object" in complaint.expected and (obj is None or obj == [])


_REMOVE: Final = object()


def _value_at(obj: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        obj = obj[int(step)] if isinstance(obj, list) else obj.get(step)
    return obj


def _replaced(obj: Any, steps: Sequence[str], value: Any) -> Any:
    """A copy of obj, changed along one path only, with another value there, or none."""
    if not steps:
        return value
    if isinstance(obj, list):
        index = int(steps[0])
        items = list(obj)
        items[index] = _replaced(items[index], steps[1:], value)
        if items[index] is _REMOVE:
            del items[index]
        return items
    key = steps[0]
    fields = dict(obj)
    fields[key] = _replaced(fields.get(key), steps[1:], value)
    if fields[key] is _REMOVE:
        del fields[key]
    return fields


def _mend(value: Any, complaint: _Complaint) -> Any:
    """The value in the form that was expected, or _REMOVE."""
    what, expected = complaint.what, complaint.expected
    if _MISSING in what:
        return _REMOVE
    if "object" in expected and (value is None or value == []):
        return {}
    if _NAIVE_TIME in what and isinstance(value, str):
        return value.strip() + "Z"
    if "str" in expected and isinstance(value, (int, float)):
        return _as_text(value)
    if "bool" in expected and isinstance(value, (dict, list)):
        return bool(value)
    if isinstance(value, str) and expected & {"object", "array"}:
        try:
            parsed = parse_json(value)
        except ConversionError:
            return _REMOVE
        return parsed if isinstance(parsed, (dict, list)) else _REMOVE
    return _REMOVE


def _as_text(number: float) -> Any:
    try:
        return str(number)
    except ValueError:
        # Python refuses to write out numbers of thousands of digits.
        return _REMOVE
