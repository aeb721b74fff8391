"""Replays inputs that once failed, or might have; each is named after its target."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from fuzz.fuzz_protocols import TARGETS

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


def test_every_target_has_inputs() -> None:
    """No target goes without a corpus."""
    assert {path.name.partition("-")[0] for path in CORPUS} == set(TARGETS)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_an_input_neither_raises_nor_takes_long(path: Path) -> None:
    """Whatever the bytes are, the target takes them in within a second."""
    target = TARGETS[path.name.partition("-")[0]]
    start = time.process_time()
    target(path.read_bytes())
    assert time.process_time() - start < 1.0
