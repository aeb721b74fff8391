"""A real Jupyter kernel, and a way to run cells in it."""

from __future__ import annotations

import importlib.util
import os
import queue
import time
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

#: Seconds after which a cell counts as stuck.
PATIENCE = 40.0


def need(*modules: str) -> None:
    """Skip without these modules, or fail where everything must be tested."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if not missing:
        return
    reason = f"{', '.join(missing)} is not installed (see docs/examples/requirements.txt)"
    if os.environ.get("KICK_LIVE_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@define
class Output:
    """What a frontend received.

    Attributes:
        cell: The cell under which it appears.
        kind: The type of the message.
        content: The rest of the message.
    """

    cell: str
    kind: str
    content: dict[str, Any]

    @property
    def text(self) -> str:
        """What was printed, or the plain form of what was shown, or the error's name."""
        data = self.content.get("data", {})
        shown = data.get("text/plain", "") if isinstance(data, dict) else ""
        return self.content.get("text") or self.content.get("ename") or shown


@define
class Kernel:
    """A running kernel as its frontend sees it."""

    manager: Any
    client: Any
    outputs: list[Output] = field(factory=list)

    def start(self, code: str) -> str:
        """Begin a cell; gives its id."""
        return self.client.execute(code)

    def cell(self, code: str) -> str:
        """Run a cell to its end; gives what appeared under it, as text."""
        cell = self.start(code)
        self.finish(cell)
        return self.under(cell)

    def finish(self, cell: str) -> None:
        """Wait until a cell has ended."""
        self.until(lambda: any(o.cell == cell and o.kind == "idle" for o in self.outputs))

    def under(self, cell: str) -> str:
        """What has appeared under a cell so far."""
        return "".join(output.text for output in self.outputs if output.cell == cell)

    def until(self, condition: Callable[[], object]) -> None:
        """Read messages until something is true."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"never came; so far: {self.outputs[-20:]}"
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                continue
            content = message["content"]
            kind = content.get("execution_state") or message["msg_type"]
            cell = message["parent_header"].get("msg_id", "")
            self.outputs.append(Output(cell, kind, content))

    def press(self, widget: str) -> None:
        """Click a button, given an expression for it, as the frontend does."""
        model = self.cell(f"print({widget}.model_id)").strip()
        data = {"method": "custom", "content": {"event": "click"}}
        content = {"comm_id": model, "data": data}
        message = self.client.session.msg("comm_msg", content)
        self.client.shell_channel.send(message)

    def interrupt(self) -> None:
        """Press the notebook's stop button."""
        self.manager.interrupt_kernel()


SETUP = """
import threading
from kick_live import ChatMessage, KickAPI, KickClient
from kick_live.testing import KickSimulator

simulator = KickSimulator()
simulator.start()
channel = simulator.add_channel("amber-quokka", live=True)
api = KickAPI(simulator.endpoints, min_interval=0)

def make(*names):
    return KickClient(*(names or ["amber-quokka"]), api=api, remember_ids=False)

def say(text):
    simulator.wait_for_subscribers("amber-quokka", timeout=20)
    channel.chat(text)

def later(text, seconds=0.2):
    threading.Timer(seconds, say, [text]).start()

def threads():
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("kick-live-connection")]
"""
