"""Sphinx directives that describe events and the values inside them, from the classes themselves.

::

    .. records:: kick_live.events.chat
        :only: ChatMessage Reply

    .. event-names::

    .. error-reference::

``records`` describes the public attrs classes and msgspec structs of a module, or some of them: the
docstring, Kick's names for an event, and a table of the fields with their types. ``event-names``
lists every event, ``error-reference`` describes every error.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import typing
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import attrs
import msgspec
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import restify

import kick_live
from kick_live import Event, errors

_SECTION = re.compile(r"^(Attributes|Args|Example|Raises):$", re.MULTILINE)
_SENT_AS = re.compile(r" Sent as \w+( \([^)]*\))?\.")
_ENTRY = re.compile(r"^(\w+): (.*)$")


def sections(doc: str) -> dict[str, str]:
    """A docstring's prose (under ``""``) and its sections by title."""
    parts = _SECTION.split(inspect.cleandoc(doc))
    return {"": parts[0].strip(), **dict(zip(parts[1::2], parts[2::2], strict=True))}


def entries(section: str) -> dict[str, str]:
    """The entries of an Attributes or Args section."""
    found: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc("\n" + section).splitlines():
        match = _ENTRY.match(line)
        if match:
            name, found[match[1]] = match[1], match[2]
        elif name and line.strip():
            found[name] += " " + line.strip()
    return found


def public_name(cls: type[Any]) -> str:
    """Where users import a class from."""
    if getattr(kick_live, cls.__name__, None) is cls:
        return f"kick_live.{cls.__name__}"
    package = cls.__module__.rpartition(".")[0]
    if cls.__name__ in getattr(sys.modules[package], "__all__", ()):
        return f"{package}.{cls.__name__}"
    return f"{cls.__module__}.{cls.__name__}"


class Field(NamedTuple):
    """A field of an attrs class or msgspec struct, its default in words."""

    name: str
    default: str


def is_record(value: Any) -> bool:
    """Whether something is a class with fields."""
    return isinstance(value, type) and (attrs.has(value) or issubclass(value, msgspec.Struct))


def fields_of(cls: type[Any]) -> Iterator[Field]:
    """The fields that a class adds to its bases; those of an event's base are listed once only."""
    if issubclass(cls, msgspec.Struct):
        for item in msgspec.structs.fields(cls):
            made = item.default_factory is not msgspec.NODEFAULT
            missing = item.default is msgspec.NODEFAULT
            yield Field(item.name, "empty" if made else _default(item.default, missing))
        return
    for attribute in attrs.fields(cls):
        if attribute.inherited and cls is not Event:
            continue
        default = attribute.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            empty = default.factory in (dict, list, tuple)
            yield Field(attribute.name, "empty" if empty else "computed")
        elif default is None and attribute.converter is not None:
            yield Field(attribute.name, "computed")
        else:
            yield Field(attribute.name, _default(default, default is attrs.NOTHING))


def _default(value: Any, missing: bool) -> str:
    if missing:
        return "required"
    if is_record(type(value)) and value == type(value)():
        return f"``{type(value).__name__}()``"  # its fields have a table of their own
    return f"``{value!r}``"


def _properties(cls: type[Any]) -> Iterator[tuple[str, property]]:
    for name, value in vars(cls).items():
        if isinstance(value, property) and not name.startswith("_"):
            yield name, value


def _table(head: list[str], rows: list[list[str]], widths: str) -> Iterator[str]:
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield f"   :widths: {widths}"
    yield "   :width: 100%"
    yield ""
    for row in [head, *rows]:
        for index, cell in enumerate(row):
            yield f"   {'* -' if index == 0 else '  -'} {cell}"
    yield ""


def describe(cls: type[Any]) -> Iterator[str]:
    """A class as reStructuredText."""
    parts = sections(cls.__doc__ or "")
    docs = entries(parts.get("Attributes", parts.get("Args", "")))
    hints = typing.get_type_hints(cls)
    name = public_name(cls)
    canonical = f"{cls.__module__}.{cls.__name__}"
    # The module is named apart: a page's own ``currentmodule`` would come before it otherwise.
    home, _, short = name.rpartition(".")
    yield f".. py:class:: {short}"
    yield f"   :module: {home}"
    if canonical != name:
        yield f"   :canonical: {canonical}"
    yield ""
    body = [*parts[""].splitlines(), ""]
    base = cls.__mro__[1]
    if issubclass(cls, Event):
        body += _event_facts(cls, base)
    rows = [
        [
            f"``{item.name}``",
            restify(hints[item.name], "smart"),
            item.default,
            docs.get(item.name, ""),
        ]
        for item in fields_of(cls)
    ]
    if rows:
        body += _table(["Field", "Type", "Default", "Meaning"], rows, "20 22 12 46")
    computed = [
        [
            f"``{name}``",
            restify(typing.get_type_hints(value.fget)["return"], "smart"),
            inspect.cleandoc(value.__doc__ or "").replace("\n\n", " ").replace("\n", " "),
        ]
        for name, value in _properties(cls)
    ]
    if computed:
        body += _table(["Property", "Type", "Meaning"], computed, "20 26 54")
    if "Example" in parts:
        example = inspect.cleandoc("\n" + parts["Example"])
        body += [".. code-block:: pycon", ""] + ["   " + line for line in example.splitlines()]
    yield from ("   " + line if line else "" for line in body)
    yield ""


def _event_facts(cls: type[Event], base: type[Any]) -> Iterator[str]:
    names = ", ".join(f"``{name}``" for name in cls.wire_names) or "none, it comes from the library"
    if any(issubclass(other, cls) and other is not cls for other in kick_live.EVENT_CLASSES):
        names = "those of its subclasses"
    yield f":Listen: ``on({cls.__name__})`` or ``on({cls.kind!r})``"
    yield f":Kick's name: {names}"
    if base not in (Event, object):
        yield f":Fields besides: those of :py:class:`~{public_name(base)}`"
    yield ""


class Records(SphinxDirective):
    """Describes the attrs classes and msgspec structs of a module."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"only": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Make the nodes."""
        module = importlib.import_module(self.arguments[0])
        self.env.note_dependency(str(module.__file__))
        names = self.options.get("only", "").split() or [
            name
            for name, value in vars(module).items()
            if is_record(value) and value.__module__ == module.__name__ and not name.startswith("_")
        ]
        classes = [getattr(module, name) for name in names]
        # Events first; what they are made of after them.
        classes.sort(key=lambda cls: not issubclass(cls, Event))
        return self._parse(line for cls in classes for line in describe(cls))

    def _parse(self, lines: Iterator[str]) -> list[nodes.Node]:
        node = nodes.container()
        self.state.nested_parse(StringList(list(lines), self.get_source_info()[0]), 0, node)
        return node.children


def _summary(cls: type[Event]) -> Iterator[str]:
    yield _SENT_AS.sub("", inspect.cleandoc(cls.__doc__ or "").partition("\n")[0])
    if cls.wire_names:
        yield "Kick's name: " + ", ".join(f"``{name}``" for name in cls.wire_names) + "."


class EventNames(SphinxDirective):
    """Lists every event with Kick's names for it and the first sentence about it."""

    def run(self) -> list[nodes.Node]:
        """Make the nodes."""
        rows = [
            [f":py:class:`~{public_name(cls)}`", " ".join(_summary(cls))]
            for cls in kick_live.EVENT_CLASSES
        ]
        lines = _table(["Event", "Meaning"], rows, "40 60")
        node = nodes.container()
        self.state.nested_parse(StringList(list(lines), self.get_source_info()[0]), 0, node)
        return node.children


class ErrorReference(SphinxDirective):
    """Describes every error, in the order of the tree."""

    def run(self) -> list[nodes.Node]:
        """Make the nodes."""
        lines: list[str] = []
        for name in vars(errors):
            if name in errors.__all__:
                # Programs catch errors, they do not make them: the signature is left out.
                lines += [f".. autoexception:: kick_live.{name}()", "   :show-inheritance:", ""]
        node = nodes.container()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, node)
        return node.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("records", Records)
    app.add_directive("event-names", EventNames)
    app.add_directive("error-reference", ErrorReference)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
