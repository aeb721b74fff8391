"""A fixture that starts a real Jupyter kernel."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest
from kernel_process import PATIENCE, SETUP, Kernel, need


@pytest.fixture
def ipc_address() -> Iterator[str]:
    """Where a kernel's sockets go in the file system; empty where it must be TCP.

    Jupyter chooses free TCP ports before the kernel binds them: another program can be faster.
    """
    if os.name != "posix":
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="kernel-") as folder:  # short: a socket's path is
        yield os.path.join(folder, "ipc")


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch, ipc_address: str) -> Iterator[Kernel]:
    """A kernel in which a simulator plays Kick."""
    need("ipykernel", "jupyter_client", "ipywidgets")
    from jupyter_client.manager import KernelManager

    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    place = {"transport": "ipc", "ip": ipc_address} if ipc_address else {}
    manager = KernelManager(kernel_name="python3", **place)
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        kernel = Kernel(manager, client)
        assert kernel.cell(SETUP) == ""
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)
