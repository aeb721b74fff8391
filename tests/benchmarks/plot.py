"""Draws the costs as bars; needs matplotlib, which nothing else here does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["draw"]


def draw(results: dict[str, Any], path: Path) -> None:
    """Write one picture: CPU time an event, and the delay at a steady rate.

    Args:
        results: What ``run`` measured.
        path: The file; its ending decides on the format.
    """
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "kick_live"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(11, 3.8), sharey=True)
    _bars(axes[0], results["throughput"], "cpu_us", "CPU time per event, us (less is better)")
    _bars(axes[1], results["latency"], "p99_us", "p99 delay at a steady rate, us (less is better)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _bars(axis: Any, rows: dict[str, Any], key: str, title: str) -> None:
    names = list(rows)[::-1]
    colours = ["#31a354" if name.startswith("kick_live") else "#9e9e9e" for name in names]
    bars = axis.barh(names, [rows[name][key] for name in names], color=colours)
    axis.bar_label(bars, fmt="{:,.0f}", padding=3)
    axis.margins(x=0.15)
    axis.set_title(title, fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)
