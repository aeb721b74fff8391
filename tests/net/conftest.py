"""Peers on loopback for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from drip import Dripper


@pytest.fixture
def dripper() -> Iterator[Callable[..., Dripper]]:
    """Makes drippers that are stopped at the end."""
    made: list[Dripper] = []

    def make(*args: Any, **options: Any) -> Dripper:
        made.append(Dripper(*args, **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()
