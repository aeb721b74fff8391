"""The examples in docstrings run; ``simulator`` in them is a simulator with ``amber-quokka``."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import kick_live
from kick_live import ChatMessage, KickAPI, KickClient
from kick_live.recording import Recorder, Replay
from kick_live.testing import KickSimulator

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _examples() -> Iterator[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    for module in pkgutil.walk_packages(kick_live.__path__, "kick_live."):
        if not module.name.endswith("__main__"):
            yield from finder.find(importlib.import_module(module.name), module.name)
    yield from finder.find(kick_live, "kick_live")


EXAMPLES = sorted((test for test in _examples() if test.examples), key=lambda test: test.name)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_docstring(example: doctest.DocTest) -> None:
    """The example in this docstring does what it says."""
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=_FLAGS, verbose=False)
    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        example.globs.update(simulator=simulator, KickClient=KickClient, ChatMessage=ChatMessage)
        runner.run(example, out=report.append)
    assert not report, "".join(report)


def test_docstrings_are_found() -> None:
    """The central classes have examples."""
    names = {example.name for example in EXAMPLES}
    assert "kick_live.client.KickClient" in names
    assert "kick_live.events.decoder.decode" in names


@pytest.mark.parametrize("owner", [KickClient, KickAPI, Recorder, Replay])
def test_every_argument_is_described(owner: type[Any]) -> None:
    """Each public method of what programs call says what its arguments are."""
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_"):
            text = inspect.getdoc(method) or ""
            for argument in list(inspect.signature(method).parameters)[1:]:
                assert re.search(rf"^ +\**{argument}: ", text, re.MULTILINE), f"{name}({argument})"
