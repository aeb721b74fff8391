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
from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from attrs import frozen

from kick_live.events.prepared import prepare
from kick_live.events.required import lost_with

__all__ = [
    "Complaint",
    "ConversionError",
    "Refusal",
    "Target",
    "convert",
    "parse_json",
    "understand",
]

T = TypeVar("T")

_MAX_REPAIRS: Final = 64
#: Of these the last ones take whole lists away, of which too much is unusable.
_WHOLE_LISTS: Final = 8
_LONGEST_KEPT: Final = 200
_MOST_KNOWN: Final = 4
_ERROR: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?:key` in `)?(?P<path>[^`]*)`)?$", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_EXPECTED: Final = re.compile(r"Expected `([^`]*)`")
_NAIVE_TIME: Final = "with a timezone component"
_MISSING: Final = "missing required field"
_WRONG_TYPE: Final = ", got `"
#: What no value of a type is ever read as.
_NEVER_READ_AS: Final[dict[type[Any], frozenset[str]]] = {
    type(None): frozenset({"str", "int", "float", "bool", "object", "array"}),
    bool: frozenset({"str", "object", "array", "null"}),
    int: frozenset({"str", "object", "array", "null"}),
    float: frozenset({"str", "object", "array", "null"}),
    str: frozenset({"object", "array"}),
    list: frozenset({"str", "int", "float", "bool", "object", "null"}),
    dict: frozenset({"str", "int", "float", "bool", "array", "null"}),
}
_JSON_SPACES: Final = " \t\n\r"


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
        value = json.loads(text, parse_int=_number)
        return json.loads(_without_surrogates(json.dumps(value, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise ConversionError(f"not JSON: {error} @ $") from None


def _number(digits: str) -> int | None:
    """An integer; one of so many digits that Python refuses to read it is none."""
    try:
        return int(digits)
    except ValueError:
        return None


def _without_surrogates(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


@frozen
class Target(Generic[T]):
    """What is to be made of JSON values.

    Attributes:
        make: Makes it, and raises what msgspec raises.
        shape: The class by whose fields it does so.
    """

    make: Callable[[Any], T]
    shape: Any


def _target(cls: Any) -> Target[Any]:
    prepare(cls)
    return Target(functools.partial(msgspec.convert, type=cls, strict=False), cls)


def convert(
    obj: Any,
    to: type[T] | Target[T],
    on_drop: Callable[[str], None] | None = None,
    refused: msgspec.ValidationError | None = None,
    known: list[Refusal] | None = None,
) -> T:
    """Convert plain JSON values into an instance of an attrs class.

    Args:
        obj: What a JSON parser returned. It is not changed.
        to: The class to make, or how to make it.
        on_drop: Called with the path of each value that had to be removed, unless it was null or empty.
        refused: What the first attempt raised, if it was made already, with this very ``obj``.
        known: Refusals of others like it, which are not asked about again; a few are added at most.

    Returns:
        The instance; fields whose values were unusable have their defaults.

    Raises:
        ConversionError: A required part is missing or unusable.
    """
    target: Target[T] = to if isinstance(to, Target) else _target(to)
    make, shape = target.make, target.shape
    left = _MAX_REPAIRS
    if refused is not None:
        obj = _repaired(obj, understand(refused, shape), on_drop, known)
        left -= 1
    for refusal in tuple(known or ()):
        if refusal.meets(obj):
            obj = _repaired(obj, refusal.complaint, on_drop)
            left -= 1
    while True:
        try:
            return make(obj)
        except msgspec.ValidationError as error:
            if not left:
                raise ConversionError(f"more than {_MAX_REPAIRS} unusable values @ $") from None
            left -= 1
            # In here, because an error that is kept holds this frame, and this frame the error: such
            # a cycle for each payload is work for the garbage collector.
            complaint = understand(error, shape)
            if left < _WHOLE_LISTS:
                complaint = complaint.about_list(shape)
            obj = _repaired(obj, complaint, on_drop, known)
        except (RecursionError, TypeError, OverflowError, ValueError) as error:
            raise ConversionError(f"{error} @ $") from None


class Complaint(NamedTuple):
    """What msgspec says about a value that does not fit.

    Attributes:
        what: What is wrong, in its words.
        path: Where.
        steps: The same, as keys and indexes.
        lost: The steps to what is lost if the value is removed, which is more if it is required.
        missing: Whether an object lacks a required field.
        naive: Whether a time lacks its zone.
        expected: What would fit.
        never: The types of which no value would fit there.
    """

    what: str
    path: str
    steps: tuple[str | int, ...]
    lost: tuple[str | int, ...]
    missing: bool
    naive: bool
    expected: frozenset[str]
    never: frozenset[type[Any]]

    def __str__(self) -> str:
        return f"{self.what} @ {self.path}"

    def about_list(self, shape: Any) -> Complaint:
        """The same about the outermost list around the value, as something that cannot be mended."""
        place = next((n for n, step in enumerate(self.steps) if isinstance(step, int)), 0)
        if not place:
            return self
        steps = self.steps[:place]
        return Complaint(
            what=self.what,
            path=_path(steps),
            steps=steps,
            lost=lost_with(shape, steps),
            missing=True,
            naive=False,
            expected=frozenset(),
            never=frozenset(),
        )


def understand(refused: msgspec.ValidationError, shape: Any) -> Complaint:
    """What is wrong with a value, and where.

    Args:
        refused: What msgspec raised.
        shape: The class that was to be made.
    """
    message = str(refused)
    # A drift repeats. Longer messages quote what was sent, and are not to be kept.
    if len(message) <= _LONGEST_KEPT:
        return _remembered(message, shape)
    return _parse(message, shape)


def _parse(message: str, shape: Any) -> Complaint:
    match = _ERROR.match(message)
    what = match["what"] if match else message
    path = (match["path"] if match else None) or "$"
    steps: list[str | int] = []
    for key, index in _STEP.findall(path):
        if index == "...":
            break
        steps.append(key or int(index))
    found = _EXPECTED.match(what)
    expected = frozenset(found[1].split(" | ")) if found else frozenset[str]()
    never = _NEVER_READ_AS.items() if expected and _WRONG_TYPE in what else ()
    return Complaint(
        what=what,
        path=path,
        steps=tuple(steps),
        lost=lost_with(shape, tuple(steps)),
        missing=_MISSING in what,
        naive=_NAIVE_TIME in what,
        expected=expected,
        never=frozenset(kind for kind, others in never if expected <= others),
    )


_remembered = functools.lru_cache(maxsize=256)(_parse)

_REMOVE: Final = object()


class Refusal(NamedTuple):
    """A value that was refused for its type, so that any other of that type is refused there, too.

    Attributes:
        complaint: What msgspec said.
        type: That type.
    """

    complaint: Complaint
    type: type[Any]

    def meets(self, obj: Any) -> bool:
        """Whether such a value stands there in an object, too."""
        value = obj
        for step in self.complaint.steps:
            if isinstance(value, dict):
                value = value.get(step, _REMOVE)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return False
        return type(value) is self.type


def _repaired(
    obj: Any,
    complaint: Complaint,
    on_drop: Callable[[str], None] | None,
    known: list[Refusal] | None = None,
) -> Any:
    """A copy of obj without the fault that msgspec found in it, changed along one path only."""
    if not complaint.steps:
        if "object" in complaint.expected and (obj is None or obj == []):
            return {}
        raise ConversionError(str(complaint))
    *way, last = complaint.steps
    whole = here = _copied(obj)
    for step in way:
        inner = _copied(here[step])
        here[step] = inner
        here = inner
    value = here[last]
    if known is not None and type(value) in complaint.never and len(known) < _MOST_KNOWN:
        known.append(Refusal(complaint, type(value)))
    mended = _mend(value, complaint)
    if mended is not _REMOVE:
        here[last] = mended
        return whole
    if on_drop is not None and value not in (None, ""):
        on_drop(complaint.path)
    if complaint.lost != complaint.steps:
        *way, last = complaint.lost
        here = whole
        for step in way:
            here = here[step]
        if on_drop is not None:
            on_drop(_path(complaint.lost))
    del here[last]
    return whole


def _path(steps: Iterable[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value)


def _mend(value: Any, complaint: Complaint) -> Any:
    """The value in the form that was expected, or _REMOVE."""
    expected = complaint.expected
    if complaint.missing:
        return _REMOVE
    if "object" in expected and (value is None or value == []):
        return {}
    if isinstance(value, str):
        if complaint.naive:
            return value.strip() + "Z"
        return _unwrapped(value) if "object" in expected or "array" in expected else _REMOVE
    if "str" in expected and isinstance(value, (int, float)):
        return _as_text(value)
    if "bool" in expected and isinstance(value, (dict, list)):
        return bool(value)
    return _REMOVE


def _unwrapped(text: str) -> Any:
    """The object or array that stands as JSON inside a string."""
    if not text.lstrip(_JSON_SPACES).startswith(("{", "[")):
        return _REMOVE
    try:
        return parse_json(text)
    except ConversionError:
        return _REMOVE


def _as_text(number: float) -> Any:
    try:
        return str(number)
    except ValueError:
        # Python refuses to write out numbers of thousands of digits.
        return _REMOVE
