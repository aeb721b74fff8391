"""Outside a kernel: plain scripts are left alone, and errors say what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kick_live import KickClient, KickLiveError, MissingExtra
from kick_live.notebook import LiveView, Pump, pump


def test_a_script_keeps_its_clients() -> None:
    """Two clients of one channel stand side by side in a script, and nothing is printed."""
    code = (
        "import sys; from kick_live import KickClient; "
        "one, two = KickClient('amber-quokka'), KickClient('amber-quokka'); "
        "print(one.closed, two.closed, 'kick_live.notebook' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("False False False\n", "")


def test_ipython_alone_changes_nothing() -> None:
    """A program that merely imports IPython, or runs in its terminal, is no notebook."""
    pytest.importorskip("IPython", reason="IPython is not installed")
    code = (
        "import IPython; from kick_live import KickClient; "
        "one, two = KickClient('amber-quokka'), KickClient('amber-quokka'); "
        "print(one.closed, two.closed)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "False False\n"


def test_importing_the_room_imports_no_optional_library() -> None:
    """The names of kick_live.notebook are there without IPython, ipywidgets or asyncio."""
    code = (
        "import sys; from kick_live.notebook import LiveView, chat, pump; "
        "print([m for m in ('IPython', 'ipywidgets', 'asyncio', 'tornado') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_a_pump_needs_a_kernel() -> None:
    """The error says what to do instead, before anything is connected."""
    client = KickClient("amber-quokka")
    with pytest.raises(KickLiveError, match=r"client\.poll\(\)"):
        pump(client)
    with pytest.raises(KickLiveError, match="no Jupyter kernel"):
        Pump(client)
    assert not client.closed


def test_a_pump_needs_an_interval() -> None:
    """An interval of nothing would leave no time for cells."""
    with pytest.raises(ValueError, match="above 0"):
        Pump(KickClient("amber-quokka"), interval=0)


def test_a_view_needs_ipywidgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, the error names the extra to install."""
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(MissingExtra, match=r"kick-live\[notebook\]") as caught:
        KickClient("amber-quokka").live_view()
    assert caught.value.extra == "notebook"


def test_a_view_needs_a_sensible_number() -> None:
    """A view of no message is a mistake."""
    with pytest.raises(ValueError, match="at least 1"):
        LiveView(KickClient("amber-quokka"), last=0)
