"""Take the pictures of the program at work: ``python docs/diagrams/screens.py``.

They show the invented evening in ``docs/examples``: what the terminal shows as an SVG, and the page
that ``kick-live export`` writes as a PNG, which needs Chromium. It runs where there are
pseudo-terminals, so not on Windows.
"""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from rich.console import Console
from rich.text import Text

from kick_live.testing import KickSimulator

HERE = Path(__file__).resolve().parent
EVENING = HERE.parent / "examples" / "evening.jsonl.gz"
WIDTH = 92


def terminal(*words: str) -> str:
    """What a command of ``kick-live`` writes to a terminal, escapes included."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 40, WIDTH, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "kick_live", *words]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    output = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux tells that the other side was closed
            break
        if not piece:
            break
        output += piece
    os.close(ours)
    if process.wait(timeout=60):
        raise SystemExit(f"kick-live {' '.join(words)} failed:\n{output.decode()}")
    return output.decode().replace("\r\n", "\n")


def as_svg(title: str, text: str) -> str:
    """A picture of a terminal window; fonts come from the reader's machine, not from the net."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(text))
    svg = console.export_svg(title=title, unique_id="kick-live")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "'DejaVu Sans Mono', Menlo, Consolas, monospace")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def transcript(out: Path) -> None:
    """The beginning of the exported page as a browser shows it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        raise SystemExit("There is no Chromium; the picture of the page stays as it is.")
    # The emotes of the evening are invented: it is the simulator that has pictures for them.
    with tempfile.TemporaryDirectory() as directory, KickSimulator() as simulator:
        page = Path(directory, "evening.html")
        words = ["export", str(EVENING), "-o", str(page), "--since", "2026-10-05T18:45:42"]
        words += ["--endpoints", simulator.url]
        subprocess.run([sys.executable, "-m", "kick_live", *words], check=True)
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=900,760"]
        command = [browser, *options, f"--screenshot={out}", page.as_uri()]
        # It writes much that does not matter.
        subprocess.run(command, check=True, timeout=60, capture_output=True)


def main() -> None:
    """Take all of them."""
    shown = terminal(
        "replay", str(EVENING), "--speed", "max", "--start", "40m", "--max-messages", "22", "-q"
    )
    (HERE / "terminal.svg").write_text(
        as_svg("kick-live replay evening.jsonl.gz", shown), encoding="utf-8"
    )
    transcript(HERE / "transcript.png")


if __name__ == "__main__":
    main()
