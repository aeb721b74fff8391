"""The door to IPython, which is never imported: where code runs in a kernel, it is there already."""

from __future__ import annotations

import sys
from typing import Any

from kick_live.errors import KickLiveError

__all__ = ["loop", "note", "shell", "show_error"]


def shell() -> Any | None:
    """The shell of the Jupyter kernel that runs this code; ``None`` in scripts and terminals."""
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    found = get() if get is not None else None
    return found if getattr(found, "kernel", None) is not None else None


def loop() -> Any:
    """The loop that the kernel's main thread turns between cells.

    Raises:
        KickLiveError: This is no Jupyter kernel.
    """
    running = shell()
    found = getattr(running.kernel, "io_loop", None) if running is not None else None
    if found is None:
        raise KickLiveError(
            "There is no Jupyter kernel whose main thread is free between cells, because this code "
            "runs as a script or in a terminal, or in another kind of kernel. Call client.run(), "
            "or client.poll() from a loop of your own."
        )
    return found


def note(text: str) -> None:
    """Show a line of text in the running cell; does nothing outside a kernel."""
    running = shell()
    if running is not None:
        running.display_pub.publish({"text/plain": text})


def show_error() -> None:
    """Show the error that is being handled as a cell would; does nothing outside a kernel."""
    running = shell()
    if running is not None:
        running.showtraceback()
