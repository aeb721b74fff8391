"""Which parts an object cannot do without, by the classes that are made of it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Final

from msgspec import inspect

__all__ = ["lost_with"]

_OBJECTS: Final = (inspect.StructType, inspect.DataclassType)
_LISTS: Final = (inspect.ListType, inspect.VarTupleType)


def lost_with(cls: Any, steps: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The path to what is lost if a value is removed: its object too, if that requires it.

    Args:
        cls: The class that is made of the whole.
        steps: The path to the value: names of fields and places in lists.

    Returns:
        That path, or the beginning of it that ends at the outermost object that is lost. What the
        whole itself requires is not lost with anything.

    Example:
        >>> from kick_live import ChatMessage
        >>> lost_with(ChatMessage, ("sender", "identity", "badges", 2, "type"))
        ('sender', 'identity', 'badges', 2)
        >>> lost_with(ChatMessage, ("sender", "identity", "color"))
        ('sender', 'identity', 'color')
    """
    required = _required(_info(cls), steps)
    while len(steps) > 1 and required[len(steps) - 1]:
        steps = steps[:-1]
    return steps


@functools.cache
def _info(cls: Any) -> inspect.Type:
    return inspect.type_info(cls)


def _required(info: inspect.Type, steps: Sequence[str | int]) -> list[bool]:
    """For each step, whether the object around it requires it; none is beyond what is known."""
    found = [False] * len(steps)
    for place, step in enumerate(steps):
        inner = _object_or_list(info)
        if isinstance(step, int):
            if not isinstance(inner, _LISTS):
                break
            info = inner.item_type
        else:
            if not isinstance(inner, _OBJECTS):
                break
            field = next((field for field in inner.fields if field.encode_name == step), None)
            if field is None:
                break
            found[place] = field.required
            info = field.type
    return found


def _object_or_list(info: inspect.Type) -> inspect.Type:
    """The one that has parts, of the types that a value may have."""
    if isinstance(info, inspect.Metadata):
        return _object_or_list(info.type)
    if isinstance(info, inspect.UnionType):
        parted = [member for member in map(_object_or_list, info.types) if _has_parts(member)]
        return parted[0] if len(parted) == 1 else info
    return info


def _has_parts(info: inspect.Type) -> bool:
    return isinstance(info, (*_OBJECTS, *_LISTS))
