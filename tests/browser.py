"""A headless Chromium for tests of what people see, by way of its debugging protocol."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

#: Seconds after which something counts as never coming.
PATIENCE = 60.0
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


class Page:
    """One page of a running browser."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(
            address, timeout=PATIENCE, suppress_origin=True, max_size=None
        )
        self._ids = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the debugging protocol; gives its result."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result

    def look(self, script: str) -> Any:
        """What a JavaScript expression, or the promise that it gives, comes to."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, script: str) -> Any:
        """Wait until an expression is true; gives its value."""
        deadline = time.monotonic() + PATIENCE
        while not (found := self.look(script)):
            assert time.monotonic() < deadline, (
                f"never true: {script}; the page reads: {self.look('document.body.innerText')}"
            )
            time.sleep(0.05)
        return found

    def open(
        self, address: str, *, width: int = 1000, height: int = 900, dark: bool = False
    ) -> None:
        """Go to an address, in a window of this size; returns when all of it has come."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url="about:blank")
        self.until("location.href === 'about:blank'")
        self.call("Page.navigate", url=address)
        self.until("location.href !== 'about:blank' && document.readyState === 'complete'")

    def click(self, element: str) -> None:
        """Press and release the mouse in the middle of what an expression gives."""
        middle = f"""(() => {{
            const element = {element};
            element.scrollIntoView({{block: "center"}});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()"""
        x, y = self.look(middle)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path: Path) -> None:
        """Write what is visible to a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self) -> None:
        """Let go of the page."""
        self._socket.close()


@contextlib.contextmanager
def chromium() -> Iterator[Page]:
    """A page of a browser of its own, which ends with the block; skips where there is none."""
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    if browser is None:
        pytest.skip("Chromium is not installed (on Debian: apt install chromium)")
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        options = [
            "--headless=new",
            "--no-sandbox",  # which a container does not allow; it opens our own pages only
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
        ]
        process = subprocess.Popen(
            [browser, *options, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        found = threading.Event()
        words: list[str] = []

        def read(pipe: Any) -> None:
            for line in pipe:
                words.append(line.decode(errors="replace"))
                if b"DevTools listening on" in line:
                    found.set()

        reader = threading.Thread(target=read, args=(process.stderr,))
        reader.start()
        page = None
        try:
            assert found.wait(PATIENCE), "".join(words)
            port = re.search(r"DevTools listening on ws://[^:]+:(\d+)/", "".join(words))
            assert port is not None
            with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/json", timeout=PATIENCE) as r:
                tabs = json.load(r)
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            page = Page(address)
            page.call("Page.enable")
            yield page
            with contextlib.suppress(websocket.WebSocketException, OSError):
                page.call("Browser.close")
        finally:
            if page is not None:
                page.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            reader.join()
            process.stderr.close()
