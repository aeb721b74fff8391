"""How long ``import kick_live`` takes, beside the libraries that it stands on."""

from __future__ import annotations

import re
import subprocess
import sys
from statistics import median

__all__ = ["LIBRARIES", "import_times"]

#: What the package needs at run time, under the names by which they are imported.
LIBRARIES = ("requests", "websocket", "attrs", "pyee", "msgspec")

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| (\s*)(\S+)")


def import_times(repeats: int) -> dict[str, float | list[str]]:
    """Measure with ``-X importtime``, each time in a new process.

    Returns:
        Medians in milliseconds under ``ours_ms`` and ``libraries_ms``, their ``ratio``, and which of
        the libraries ``import kick_live`` leaves for later under ``postponed``.
    """
    ours, libraries = [], []
    for _ in range(repeats):
        ours.append(_milliseconds(("kick_live",)))
        libraries.append(_milliseconds(LIBRARIES))
    return {
        "ours_ms": median(ours),
        "libraries_ms": median(libraries),
        "ratio": median(ours) / median(libraries),
        "postponed": _postponed(),
    }


def _milliseconds(names: tuple[str, ...]) -> float:
    """The cumulative times of some imports, one after the other in one process."""
    code = "; ".join(f"import {name}" for name in names)
    output = _python("-X", "importtime", "-c", code).stderr
    times = {name: int(total) for _, total, indent, name in _LINE.findall(output) if indent == ""}
    return sum(times.get(name, 0) for name in names) / 1000


def _postponed() -> list[str]:
    code = "import sys, kick_live; print(*sys.modules)"
    loaded = _python("-c", code).stdout.split()
    return [name for name in LIBRARIES if name not in loaded]


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
