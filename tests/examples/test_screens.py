"""The examples with a window show the chat, and end when they are told to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "docs" / "examples"


@pytest.fixture
def display(monkeypatch):
    """A screen for Tk: a virtual one on Linux, the real one elsewhere."""
    pytest.importorskip("tkinter", reason="this Python was built without Tk")
    if not sys.platform.startswith("linux"):
        yield
        return
    server = shutil.which("Xvfb")
    if server is None:
        if not os.environ.get("DISPLAY"):
            pytest.skip("there is neither a display nor Xvfb to make one")
        yield
        return
    read, write = os.pipe()
    process = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as number:
            monkeypatch.setenv("DISPLAY", f":{number.readline().strip()}")
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def pygame(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    return pytest.importorskip("pygame", reason="pygame-ce is not installed")


def show_in_tk(simulator, channel, keep: int, number: int) -> dict[str, Any]:
    """What the window showed after so many messages and a last one."""
    program = subprocess.Popen(
        [sys.executable, str(HERE / "tk_process.py"), simulator.url, str(keep), "that is all"],
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        simulator.wait_for_subscribers(channel, timeout=40)
        for each in range(number):
            channel.chat(f"line {each} [emote:39001:WaveHi]", username="larkspur")
        channel.chat("that is all", username="pebble")
        out, errors = program.communicate(timeout=40)
    finally:
        program.kill()
        program.communicate()
    assert (program.returncode, errors) == (0, "")
    return json.loads(out)


def test_tk_shows_messages(display, simulator, channel) -> None:
    """Each message is there once, the last is in view; the window goes when the client is closed."""
    assert show_in_tk(simulator, channel, keep=500, number=40) == {
        "lines": [
            *[f"larkspur: line {number} :WaveHi:" for number in range(40)],
            "pebble: that is all",
        ],
        "in_view": True,
    }


def test_tk_forgets_the_oldest(display, simulator, channel) -> None:
    """The text does not grow for ever."""
    assert show_in_tk(simulator, channel, keep=3, number=9) == {
        "lines": [
            "larkspur: line 7 :WaveHi:",
            "larkspur: line 8 :WaveHi:",
            "pebble: that is all",
        ],
        "in_view": True,
    }


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a screen")
@pytest.mark.parametrize("name", ["tkinter", "pygame"])
def test_without_a_screen_a_sentence(tmp_path, name) -> None:
    """The programs with a window say in one sentence that there is no screen, and what to do."""
    pytest.importorskip(name, reason=f"{name} is not installed")
    path = EXAMPLES / ("tk_chat.py" if name == "tkinter" else "pygame_chat.py")
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.update(SDL_VIDEODRIVER="x11", PYGAME_HIDE_SUPPORT_PROMPT="1")
    program = subprocess.run(
        [sys.executable, path, "--demo", "--seconds", "9"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (program.returncode, program.stdout) == (1, "")
    assert "cannot open a window" in program.stderr
    assert "Run it on a desktop" in program.stderr
    assert len(program.stderr.splitlines()) == 1


def test_pygame_shows_messages(pygame, client, channel, monkeypatch) -> None:
    """The frame after a message looks other than the one before; closing the window ends it."""
    import pygame_chat

    frames = []
    flip = pygame.display.flip

    def look() -> None:
        flip()
        picture = pygame.image.tobytes(pygame.display.get_surface(), "RGB")
        if picture not in frames:
            frames.append(picture)
        if len(frames) == 1:
            channel.chat("left at the lantern", username="larkspur")
        elif len(frames) == 2:
            pygame.event.post(pygame.event.Event(pygame.QUIT))

    monkeypatch.setattr(pygame.display, "flip", look)
    pygame_chat.main(client)
    empty, full = frames
    assert empty == bytes(pygame_chat.BACKGROUND) * 640 * 360
    assert len(full) == len(empty)
    assert not client.closed


def test_pygame_draws_the_newest_lowest(pygame) -> None:
    """More lines than there is room for leave the newest in view."""
    import pygame_chat

    pygame.font.init()
    screen, font = pygame.Surface((200, 40)), pygame.font.Font(None, 28)
    pygame_chat.draw(screen, font, deque(["old"] * 9 + ["new"]))
    many = pygame.image.tobytes(screen, "RGB")
    pygame_chat.draw(screen, font, deque(["old", "old", "new"]))
    assert pygame.image.tobytes(screen, "RGB") == many
    pygame_chat.draw(screen, font, deque(["new", "old", "old"]))
    assert pygame.image.tobytes(screen, "RGB") != many
    pygame.font.quit()
