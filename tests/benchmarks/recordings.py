"""Measures what people do with a long recording:

    python -m tests.benchmarks.recordings DIRECTORY [--messages N]

Every step runs in a process of its own; its time, and the most memory that it needed beyond what
``import kick_live`` and the libraries need, are printed as a table, then the times of searches. The
recording is made in the directory, and used again if it is there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from .evenings import COMMON, EARLY, RARE, write_evening

__all__ = ["SEARCHES", "STEPS", "main", "step"]

_EXPORTS = ("csv", "jsonl", "txt", "html", "parquet")
#: What is searched for; the user and the time exist in every recording of ``write_evening``.
SEARCHES: dict[str, dict[str, Any]] = {
    "a rare word": {"text": RARE},
    "a word in 30 % of the messages": {"text": COMMON},
    "two words": {"text": f"{COMMON} word1"},
    "three words": {"text": f"{COMMON} word1 word2"},
    "a beginning": {"text": "word300*"},
    "a beginning in almost all": {"text": "w*"},
    "a longer one in almost all": {"text": "word*"},
    "two beginnings": {"text": "w* l*"},
    "signs that nobody wrote": {"text": "?!"},
    "a common word by a user": {"text": COMMON, "user": "Viewer_77"},
    "a user alone": {"user": "Viewer_29999"},
    "a word that was removed": {"text": COMMON, "removed": True},
    "a rare word that was removed": {"text": RARE, "removed": True},
    "removed messages": {"removed": True},
    "a user with 13,000 messages": {"user": "Viewer_3"},
    "a user's removed messages": {"user": "Viewer_20000", "removed": True},
    "a common word that stood": {"text": COMMON, "removed": False},
    "best: a rare word": {"text": RARE, "order": "best"},
    "best: a word in 30 % of the messages": {"text": COMMON, "order": "best"},
    "best: two words": {"text": f"{COMMON} word1", "order": "best"},
    "best: three words": {"text": f"{COMMON} word1 word2", "order": "best"},
    "best: a beginning in almost all": {"text": "w*", "order": "best"},
    "best: two words before a time": {"text": f"{COMMON} word1", "order": "best", "until": EARLY},
    "nothing to be found": {"text": "nowhere"},
}


def _replay(recording: Path, directory: Path) -> int:
    from kick_live.recording import Replay

    return sum(1 for _ in Replay(recording, speed=None))


def _export(name: str) -> Callable[[Path, Path], int]:
    def run(recording: Path, directory: Path) -> int:
        from kick_live.recording import export

        # Fetching pictures is up to the network, and takes as long for a thousand messages.
        path = directory / f"million.{name}"
        return export(recording, path, name, pictures="link")  # type: ignore[arg-type]

    return run


def _frame(library: str) -> Callable[[Path, Path], int]:
    def run(recording: Path, directory: Path) -> int:
        from kick_live.recording import to_dataframe

        return len(to_dataframe(recording, library))  # type: ignore[arg-type]

    return run


def _store(recording: Path, directory: Path) -> int:
    from kick_live.recording import ChatStore

    for old in directory.glob("million.db*"):
        old.unlink()
    with ChatStore(directory / "million.db") as store:
        return store.add_recording(recording)


STEPS: dict[str, Callable[[Path, Path], int]] = {
    "replay": _replay,
    **{f"export to {name}": _export(name) for name in _EXPORTS},
    "to_dataframe, pandas": _frame("pandas"),
    "to_dataframe, polars": _frame("polars"),
    "into a ChatStore": _store,
}


def step(name: str, recording: Path, directory: Path) -> dict[str, float]:
    """Take one step in this process: seconds, events, and MiB beyond those of the imports."""
    import kick_live.recording

    for library in ("pandas", "polars", "pyarrow.parquet"):
        if library.split(".")[0] in name or ("parquet" in name and "parquet" in library):
            with contextlib.suppress(ImportError):
                __import__(library)
    assert kick_live.recording
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    count = STEPS[name](recording, directory)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "events": count, "mib": (peak - before) / 1024}


def searches(database: Path, repeats: int = 5) -> dict[str, tuple[float, float | None, int]]:
    """For each search the median time in milliseconds, that without anything in memory, and the hits.

    Where the system cannot be told to forget a file, the second is ``None``. Opening the database
    belongs to it.
    """
    from kick_live.recording import ChatStore

    found = {}
    for name, options in SEARCHES.items():
        cold = []
        while len(cold) < repeats and _forget(database):
            begun = time.perf_counter()
            with ChatStore(database) as store:
                store.search(**options)
            cold.append((time.perf_counter() - begun) * 1e3)
        times, count = [], 0
        with ChatStore(database) as store:
            for _ in range(repeats):
                begun = time.perf_counter()
                count = len(store.search(**options))
                times.append((time.perf_counter() - begun) * 1e3)
        found[name] = (median(times), median(cold) if cold else None, count)
    return found


def _forget(path: Path) -> bool:
    """Have the system forget what it holds of a file in memory."""
    if not hasattr(os, "posix_fadvise"):
        return False
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--only", action="append", help="only steps with this in their names")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    recording = options.directory / f"evening-{options.messages}.jsonl"
    if options.step:
        sys.stdout.write(json.dumps(step(options.step, recording, options.directory)))
        return 0
    options.directory.mkdir(parents=True, exist_ok=True)
    if not recording.exists():
        write_evening(recording, options.messages)
    size = recording.stat().st_size / 2**20
    sys.stdout.write(f"{options.messages:,} messages, {size:,.0f} MiB\n\n")
    sys.stdout.write("| Step | Seconds | Events | MiB |\n|---|--:|--:|--:|\n")
    chosen = [n for n in STEPS if not options.only or any(part in n for part in options.only)]
    for name in chosen:
        command = [sys.executable, "-m", "tests.benchmarks.recordings", str(options.directory)]
        command += ["--messages", str(options.messages), "--step", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stdout.write(f"| {name} | {done.stderr.strip().splitlines()[-1]} | | |\n")
            continue
        told = json.loads(done.stdout)
        figures = f"{told['seconds']:.1f} | {told['events']:,} | {told['mib']:,.0f}"
        sys.stdout.write(f"| {name} | {figures} |\n")
        sys.stdout.flush()
    sys.stdout.write("\n| Search | ms | ms from the disk | Found |\n|---|--:|--:|--:|\n")
    for name, (middle, cold, count) in searches(options.directory / "million.db").items():
        from_disk = "" if cold is None else f"{cold:.1f}"
        sys.stdout.write(f"| {name} | {middle:.1f} | {from_disk} | {count} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
