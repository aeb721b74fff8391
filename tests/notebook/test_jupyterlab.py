"""The live view in JupyterLab, as a person sees and uses it: a real server, kernel and browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import PATIENCE, Page, chromium
from kernel_process import need

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(os.name != "posix", reason="needs a Chromium that is found by its name"),
]

SETUP = """
import threading
from kick_live import ChatMessage, KickAPI, KickClient
from kick_live.testing import KickSimulator, run_demo

simulator = KickSimulator()
simulator.start()
channel = simulator.add_channel("amber-quokka", live=True)
api = KickAPI(simulator.endpoints, min_interval=0)
end = threading.Event()
people = threading.Thread(target=run_demo, args=(channel,), kwargs={"rate": 20.0, "stop": end})
people.start()
"""
VIEW = """
client = KickClient("amber-quokka", api=api, remember_ids=False)
client.live_view(minutes=5)
"""
THREADS = """
names = [thread.name for thread in threading.enumerate()]
print("left:", [name for name in names if name.startswith("kick-live-connection")], client.closed)
"""
END = """
end.set()
people.join()
client.close()
simulator.stop()
api.close()
print("ended")
"""
CELLS = (SETUP, VIEW, THREADS, END)

NOTEBOOK = "[...window.jupyterapp.shell.widgets('main')][0]"
COUNT = NOTEBOOK + ".content.widgets[{}].model.executionCount"
#: What is under one of the cells above, and the parts of the view there.
OUTPUT = "document.querySelectorAll('.jp-Notebook-cell')[{}].querySelector('.jp-Cell-outputArea')"
CHAT = f"{OUTPUT.format(1)}?.querySelectorAll('.widget-html-content')[0]"
CHART = f"{OUTPUT.format(1)}?.querySelectorAll('.widget-html-content')[1]"
STATE = f"{OUTPUT.format(1)}?.querySelectorAll('.widget-html-content')[2]"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab with a notebook of the cells above."""
    need("jupyterlab", "ipykernel", "ipywidgets")
    home = tmp_path_factory.mktemp("lab")
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": code.strip(),
        }
        for number, code in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (home / "live.ipynb").write_text(json.dumps(notebook), "utf-8")
    news = home / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    silent = {"fetchNews": "false", "checkForUpdates": False}
    (news / "notification.jupyterlab-settings").write_text(json.dumps(silent), "utf-8")
    places = ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    folders = {place: str(home / place.lower()) for place in places}
    environment = {
        **os.environ,
        **folders,
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "KICK_LIVE_CACHE_DIR": "",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    environment.pop("PYTHONDEVMODE", None)  # JupyterLab's own warnings are not ours to mend
    options = {
        "ServerApp.port": "0",
        "ServerApp.root_dir": str(home),
        "IdentityProvider.token": "",
        "ServerApp.allow_root": "True",
        "LabApp.expose_app_in_browser": "True",
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, *(f"--{name}={value}" for name, value in options.items())],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield _address(process, home)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], home: Path) -> str:
    """Where the server listens, which it writes to a file."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for file in home.glob("jupyter_runtime_dir/jpserver-*.json"):
            text = file.read_text("utf-8")
            if text.endswith("}"):  # else it is still being written
                return str(json.loads(text)["url"])
        time.sleep(0.05)
    pytest.fail(f"JupyterLab did not start:\n{(home / 'log').read_text()[-3000:]}")


@pytest.fixture
def page(lab: str) -> Iterator[Page]:
    """The notebook in a browser, with its kernel ready and its first cell run."""
    with chromium() as page:
        page.open(f"{lab}lab/tree/live.ipynb?reset", height=1400)
        page.until(f"window.jupyterapp && {NOTEBOOK}?.sessionContext?.isReady")
        page.until(f"document.querySelectorAll('.jp-Notebook-cell').length === {len(CELLS)}")
        run(page, 0)
        try:
            yield page
        finally:
            run(page, 3)
            page.until(f"{OUTPUT.format(3)}?.innerText.includes('ended')")
            page.look(f"{NOTEBOOK}.sessionContext.shutdown()")


def run(page: Page, cell: int) -> None:
    """Run a cell as its button does, and wait for its end."""
    before = page.look(COUNT.format(cell))
    page.look(
        f"window.jupyterapp.shell.activateById({NOTEBOOK}.id), "
        f"{NOTEBOOK}.content.activeCellIndex = {cell}, "
        "window.jupyterapp.commands.execute('notebook:run-cell').then(() => 0)"
    )
    page.until(f"{COUNT.format(cell)} !== {json.dumps(before)}")


def button(words: str) -> str:
    """An expression for a button of the view."""
    return (
        f"[...{OUTPUT.format(1)}.querySelectorAll('button')]"
        f".find(button => button.innerText.trim() === {json.dumps(words)})"
    )


def test_the_view_follows_and_stops(page: Page) -> None:
    """Chat and chart move between cells; a click on Stop ends the client and all its threads."""
    run(page, 1)
    first = page.until(f"{CHAT}?.innerText")
    page.until(f"{CHAT}.innerText !== {json.dumps(first)}")
    counted = page.until(f"{CHART}?.querySelector('rect title')?.textContent")
    page.until(
        f"{CHART}.querySelector('rect:last-of-type title').textContent !== {json.dumps(counted)}"
    )
    page.click(button("Stop"))
    page.until(f"{STATE}.innerText.startsWith('closed')")
    page.until(f"{button('Stop')}.disabled && {button('Pause')}.disabled")
    run(page, 2)
    assert page.until(f"{OUTPUT.format(2)}?.innerText").strip() == "left: [] True"


def test_the_view_pauses(page: Page) -> None:
    """A click on Pause holds the picture, and a second one shows what came meanwhile."""
    run(page, 1)
    page.until(f"{CHAT}?.innerText")
    page.click(button("Pause"))
    page.until(f"{button('Pause')}.classList.contains('mod-active')")
    numbers = page.until(f"{STATE}.innerText")
    held = page.look(f"{CHAT}.innerText")
    page.until(f"{STATE}.innerText !== {json.dumps(numbers)}")
    assert page.look(f"{CHAT}.innerText") == held
    page.click(button("Pause"))
    page.until(f"{CHAT}.innerText !== {json.dumps(held)}")


def test_running_the_cell_again_replaces_the_client(page: Page) -> None:
    """A note says that the former client was closed, and one connection is left."""
    run(page, 1)
    page.until(f"{CHAT}?.innerText")
    run(page, 1)
    shown = page.until(f"{OUTPUT.format(1)}?.innerText")
    assert "The former client of amber-quokka was closed; this one takes its place." in shown
    page.until(f"{CHAT}?.innerText")
    run(page, 2)
    left = page.until(f"{OUTPUT.format(2)}?.innerText").strip()
    assert re.fullmatch(r"left: \['kick-live-connection[^',]*'\] False", left)


def test_closing_leaves_no_thread(page: Page) -> None:
    """A client that a cell closes takes the view's threads with it; the view says that it ended."""
    run(page, 1)
    page.until(f"{CHAT}?.innerText")
    run(page, 3)
    page.until(f"{STATE}.innerText.startsWith('closed')")
    run(page, 2)
    assert page.until(f"{OUTPUT.format(2)}?.innerText").strip() == "left: [] True"
