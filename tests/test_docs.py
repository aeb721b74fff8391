"""Every Python block of the documentation runs, as its reader would run it, on a simulator.

Addresses that an example does not give lead to the simulator instead of Kick, and calls that would
last for ever end after a moment. A ``text`` block after a paragraph that ends in "prints:" must be
what the block before it printed. Functions named ``test_...`` are called as pytest would.
"""

from __future__ import annotations

import contextlib
import doctest
import functools
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kick_live import ChatMessage, KickAPI, KickClient
from kick_live.recording import Pictures
from kick_live.testing import KickSimulator, run_demo

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"))
    if "_build" not in path.parts and "```python" in path.read_text(encoding="utf-8")
)
CHANNELS = ("amber-quokka", "copper-heron", "lilac-otter")
#: How long a call without an end lasts here, in seconds.
MOMENT = 0.5


@pytest.fixture
def simulator() -> Iterator[KickSimulator]:
    """A simulator on which people chat all the time."""
    stop = threading.Event()
    with KickSimulator() as simulator:
        threads = [
            threading.Thread(
                target=run_demo,
                args=(simulator.add_channel(slug, live=True),),
                kwargs={"rate": 30.0, "stop": stop},
            )
            for slug in CHANNELS
        ]
        for thread in threads:
            thread.start()
        yield simulator
        stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def made(simulator: KickSimulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Point clients at the simulator by default, and close what an example leaves open."""
    made: list[Any] = []

    def lead_to_simulator(cls: type[Any], *, at: int | None = None, **defaults: Any) -> None:
        original = cls.__init__

        @functools.wraps(original)
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            if at is None or len(args) <= at:
                kwargs.setdefault("endpoints", simulator.endpoints)
            original(self, *args, **{**defaults, **kwargs})
            if hasattr(self, "close"):
                made.append(self)

        monkeypatch.setattr(cls, "__init__", init)

    lead_to_simulator(KickClient)
    lead_to_simulator(KickAPI, at=0, min_interval=0.0)
    lead_to_simulator(Pictures)
    monkeypatch.setattr(KickClient.run, "__defaults__", (MOMENT,))
    monkeypatch.setattr(KickClient.events, "__defaults__", (MOMENT,))
    yield made
    for each in made:
        each.close()


class _Reader:
    """Runs the blocks of one document in order, in one namespace."""

    def __init__(self) -> None:
        self.printed = ""

    def run(self, example: Any) -> None:
        """Run a block, keeping what it prints; sybil's own evaluator runs doctests."""
        from sybil.evaluators.python import PythonEvaluator
        from sybil.example import NotEvaluated

        if isinstance(example.parsed, doctest.Example) or example.region.evaluator == self.compare:
            raise NotEvaluated
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            PythonEvaluator()(example)
            for name in [name for name in example.namespace if name.startswith("test_")]:
                with KickSimulator() as kick_simulator:
                    kick_simulator.add_channel("amber-quokka")
                    example.namespace.pop(name)(kick_simulator)
        self.printed = output.getvalue()

    def compare(self, example: Any) -> str | None:
        """What is wrong with a block of output, if it is one."""
        before = example.document.text[: example.region.start].rstrip()
        if not before.endswith("prints:"):
            return None
        checker = doctest.OutputChecker()
        expected = doctest.Example("", str(example.parsed))
        if checker.check_output(expected.want, self.printed, doctest.ELLIPSIS):
            return None
        return checker.output_difference(expected, self.printed, doctest.ELLIPSIS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_run(
    path: Path,
    simulator: KickSimulator,
    made: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The examples of this page run, and print what the page says."""
    from sybil import Sybil
    from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

    monkeypatch.chdir(tmp_path)
    reader = _Reader()
    document = Sybil(
        [
            PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
            CodeBlockParser("text", reader.compare),
        ]
    ).parse(path)
    document.push_evaluator(reader.run)
    document.namespace.update(
        simulator=simulator, KickClient=KickClient, ChatMessage=ChatMessage, __name__="example"
    )
    examples = list(document.examples())
    assert examples
    for example in examples:
        example.evaluate()


def test_documents_are_found() -> None:
    """The README and the pages of the documentation are among the tested ones."""
    assert ROOT / "README.md" in DOCUMENTS
    assert len(DOCUMENTS) > 10
