"""The example notebooks run, twice in a row in one kernel, and leave nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_process import need

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))

#: Run in a process of its own, so that Jupyter's threads and sockets stay outside the tests.
RUNNER = """
import re, sys, nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

LEFT = (
    "import threading; "
    "print([t.name for t in threading.enumerate() if t.name.startswith('kick-live')])"
)
# In development mode asyncio writes this where the machine is slow; it is about no notebook.
SLOW = re.compile(r"^Executing <.*> took [0-9.]+ seconds$\\s*", re.MULTILINE)
path, folder, address = sys.argv[1:]
notebook = nbformat.read(path, 4)
once = notebook.cells
last = nbformat.v4.new_code_cell(LEFT)
notebook.cells = [*once, *[nbformat.from_dict(cell) for cell in once], last]
# Not TCP: another program can take a free port between its choice and its use.
kernel = AsyncKernelManager(
    kernel_name="python3", **({"transport": "ipc", "ip": address} if address else {})
)
client = NotebookClient(
    notebook, km=kernel, timeout=40, resources={"metadata": {"path": folder}}
)
client.execute()
errors = [
    output.get("text", output.output_type)
    for cell in notebook.cells
    if cell.cell_type == "code"
    for output in cell.outputs
    if output.output_type == "error"
    or (output.get("name") == "stderr" and SLOW.sub("", output.text))
]
print(errors, last.outputs[0].text.strip())
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.timeout(150)
def test_a_notebook_runs_twice(path: Path, ipc_address: str) -> None:
    """Every cell runs, and runs again; no error, no word on stderr, no thread of ours is left."""
    need("nbclient", "ipykernel", "ipywidgets", "pandas", "matplotlib")
    if "wordcloud" in path.read_text("utf-8"):
        need("wordcloud")
    environment = {
        **os.environ,
        "KICK_LIVE_CACHE_DIR": "",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUNNER, str(path), str(EXAMPLES), ipc_address],
        capture_output=True,
        text=True,
        timeout=140,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.strip().splitlines()[-1] == "[] []"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_clean(path: Path) -> None:
    """No outputs and no counters, so that differences show what was written by hand."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert path.stat().st_size < 30_000


def test_notebooks_are_found() -> None:
    """All five are there."""
    assert len(NOTEBOOKS) >= 5


def test_the_recording_can_be_made_again(tmp_path: Path) -> None:
    """The recording beside the notebooks is what its script writes."""
    import gzip
    import importlib.util

    spec = importlib.util.spec_from_file_location("make_evening", EXAMPLES / "make_evening.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lines = [json.dumps(line, separators=(",", ":")) for line in module.Evening(seed=5).lines()]
    written = gzip.decompress((EXAMPLES / "evening.jsonl.gz").read_bytes()).decode()
    assert written.splitlines() == lines
