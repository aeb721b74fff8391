"""From single runs to medians, and from medians to tables."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from .measure import Result

__all__ = ["latency", "machine", "markdown", "percentile", "throughput"]


def throughput(runs: Sequence[Result]) -> dict[str, Any]:
    """Medians of runs without pause; the spread is (most - least) / median of the CPU time."""
    cpu = [run.cpu / run.events * 1e6 for run in runs]
    return {
        "runs": len(runs),
        "events_per_s": median(run.events / run.wall for run in runs),
        "cpu_us": median(cpu),
        "cpu_spread": (max(cpu) - min(cpu)) / median(cpu),
        "peak_mib": median(run.peak_kib for run in runs) / 1024,
        "source_events_per_s": median(run.events / run.source for run in runs),
        **_facts(runs),
    }


def latency(runs: Sequence[Result]) -> dict[str, Any]:
    """Medians of the runs' percentiles, in microseconds."""
    found: dict[str, Any] = {"runs": len(runs), "samples": sum(len(run.delays_ns) for run in runs)}
    for share in (50, 99, 99.9):
        found[f"p{share:g}_us"] = median(percentile(run.delays_ns, share) / 1e3 for run in runs)
    found["cpu_us"] = median(run.cpu / run.events * 1e6 for run in runs)
    return found


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that is not below ``share`` percent of all."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def _facts(runs: Sequence[Result]) -> dict[str, float]:
    return {name: median(run.facts[name] for run in runs) for name in runs[0].facts}


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    names = ("kick-live", "msgspec", "attrs", "pyee", "websocket-client", "requests")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "node": _output("node", "--version"),
        "packages": {name: importlib.metadata.version(name) for name in names},
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as facts:
            return next(line.split(":")[1].strip() for line in facts if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def _output(program: str, argument: str) -> str | None:
    if shutil.which(program) is None:
        return None
    return subprocess.run([program, argument], capture_output=True, text=True).stdout.strip()


def markdown(results: dict[str, Any]) -> str:
    """The tables of one run of the benchmarks, each below a line that names it."""
    columns = (
        "library",
        "listener gets",
        "events/s",
        "CPU us/event",
        "ratio",
        "spread",
        "peak MiB",
    )
    parts = ["Without pause, chat messages:\n", _table(columns, _rows(results["throughput"]))]
    if results["mixed"]:
        parts += ["Without pause, every kind:\n", _table(columns, _rows(results["mixed"]))]
    if results["latency"]:
        parts += ["At a steady rate, from the send to the listener:\n", _delays(results["latency"])]
    parts += ["Start:\n", _table(("what", "ms"), _starts(results))]
    return "\n".join(parts)


def _delays(results: dict[str, Any]) -> str:
    keys = ("p50_us", "p99_us", "p99.9_us", "cpu_us")
    rows = [(name, *(f"{row[key]:,.0f}" for key in keys)) for name, row in results.items()]
    return _table(("library", "p50 us", "p99 us", "p99.9 us", "CPU us/event"), rows)


def _starts(results: dict[str, Any]) -> Iterable[Sequence[str]]:
    imports = results["imports"]
    yield "import kick_live", f"{imports['ours_ms']:.0f}"
    yield "the five libraries it stands on", f"{imports['libraries_ms']:.0f}"
    yield "ratio of these two", f"{imports['ratio']:.2f}"
    yield "left for later by import kick_live", ", ".join(imports["postponed"]) or "none"
    for name, row in results["throughput"].items():
        if "connect_s" in row:
            yield f"{name}: KickClient(...) to connect() returning", f"{row['connect_s'] * 1e3:.0f}"


def _rows(results: dict[str, Any]) -> Iterable[Sequence[str]]:
    first = next(iter(results.values()))
    for name, row in results.items():
        yield (
            name,
            row["delivers"],
            f"{row['events_per_s']:,.0f}",
            f"{row['cpu_us']:.1f}",
            f"{row['cpu_us'] / first['cpu_us']:.2f}",
            f"{row['cpu_spread']:.0%}",
            f"{row['peak_mib']:.0f}",
        )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
