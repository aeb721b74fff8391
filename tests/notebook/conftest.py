"""A fixture that starts a real Jupyter kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kernel_process import PATIENCE, SETUP, Kernel, need


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel in which a simulator plays Kick."""
    need("ipykernel", "jupyter_client", "ipywidgets")
    from jupyter_client.manager import KernelManager

    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    manager = KernelManager(kernel_name="python3")
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
