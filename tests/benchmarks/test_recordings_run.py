"""The measurements of long recordings still run; how fast is no matter of a test."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("resource") is None, reason="the meter needs Unix"
)

from benchmarks import recordings  # noqa: E402
from benchmarks.evenings import write_evening  # noqa: E402

MESSAGES = 400


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short recording of the same make."""
    path = tmp_path_factory.mktemp("evening") / "evening.jsonl.gz"
    return write_evening(path, MESSAGES)


@pytest.mark.parametrize("name", recordings.STEPS)
def test_every_step_takes_all_messages(name: str, evening: Path) -> None:
    """Each step works on every message; the same seed makes the same recording."""
    told = recordings.step(name, evening, evening.parent)
    assert told["events"] >= MESSAGES
    assert told["seconds"] > 0


def test_every_search_is_measured(evening: Path) -> None:
    """Each search is one that the store takes, and common words are found."""
    recordings.step("into a ChatStore", evening, evening.parent)
    found = recordings.searches(evening.parent / "million.db", repeats=1)
    assert set(found) == set(recordings.SEARCHES)
    assert found["a word in 30 % of the messages"][2] == 100
