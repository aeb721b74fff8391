"""The commands of the documentation run, and print what its pages say.

Each line that begins with ``$`` in a ``console`` block goes to bash, page by page, in a copy
of ``docs/examples``. A simulator plays Kick by way of ``KICK_LIVE_ENDPOINTS``. What would
last for ever is ended by Ctrl-C once it has shown something. Lines between two commands are what
the first one prints; ``...`` stands for anything.

A line runs unless ``NOT_RUN`` names the reason. A comment before a block tells what else to mind::

    <!-- output depends on the network -->
"""

from __future__ import annotations

import contextlib
import doctest
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kick_live.testing import KickSimulator, run_demo

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="the commands are written for a POSIX shell"),
    pytest.mark.timeout(180),
]

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
PAGES = sorted(
    path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"))
    if "_build" not in path.parts and "```console" in path.read_text(encoding="utf-8")
)

#: How lines begin that are not run here, and why.
NOT_RUN = {
    r"(python -m )?pip install": "installs packages; `tox -e requirements` resolves them",
    r"python -m venv|\. \.venv": "makes the environment in which this runs",
    r"tox|python -m pytest": "runs all tests, this one among them",
    r"python tests/servers/install.py": "downloads servers by others",
    r"python -m tests.(benchmarks|faults)": "measures for minutes; has tests of its own",
    r"sudo ": "changes the machine; the unit and what it runs are tested in test_docs_deployment.py",
    r"python chat_logger.py NAME": "NAME is the reader's to fill in",
    r'eval "\$\(_KICK_LIVE_COMPLETE=zsh|_KICK_LIVE_COMPLETE=fish': "is for another shell",
}
#: Commands without an end of their own, unless one of these options gives it.
ENDLESS = re.compile(r"kick-live (watch|record|stats|demo|replay)\b")
ENDING = re.compile(r"--(seconds|max-messages|help)\b|--speed max")
#: The video that pages speak of; the simulator's, which has a random name, plays its part.
VIDEO = "1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34"
DIFFERS = "<!-- output depends on the network -->"
#: Seconds after which a command counts as stuck.
PATIENCE = 40.0


@pytest.fixture(scope="module")
def kick() -> Iterator[tuple[KickSimulator, str]]:
    """A simulator on which people chat all the time, and the name of its video."""
    stop = threading.Event()
    with KickSimulator() as simulator, contextlib.ExitStack() as stack:
        stack.callback(stop.set)
        channels = [
            simulator.add_channel("amber-quokka", 7733190, 7712045, 41190279, live=True),
            simulator.add_channel("copper-heron", live=True),
        ]
        for channel in channels:
            thread = threading.Thread(
                target=run_demo, args=(channel,), kwargs={"rate": 30.0, "stop": stop}
            )
            thread.start()
            stack.callback(thread.join)
            stack.callback(stop.set)
        said = [(65, "Maple", "left or right?"), (68.5, "Fern", "left!"), (7100, "Maple", "bye")]
        video = channels[0].add_video("evening walk", duration=7200, messages=said)
        yield simulator, video["uuid"]


class _Terminal:
    """Runs the lines of one page, in order, as its reader would."""

    def __init__(self, folder: Path, simulator: KickSimulator, video: str) -> None:
        self._folder = folder
        self._video = video
        self._stand_ins = {
            VIDEO: video,
            "http://127.0.0.1:8080": simulator.url,
            "--port 8080": "--port 0",  # which may be taken
            "docs/examples/": "",  # where it runs
            "--interval 60": "--interval 1",
            "--seconds 10": "--seconds 2",
        }
        self.ran: list[str] = []
        self._environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "KICK_LIVE_ENDPOINTS": simulator.url,
            "KICK_LIVE_CACHE_DIR": str(folder / "cache"),
            "TZ": "UTC",
            "COLUMNS": "120",
        }

    def block(self, example: Any) -> str | None:
        """What is wrong with a block, if anything is."""
        compare = not example.document.text[: example.region.start].rstrip().endswith(DIFFERS)
        shutil.copytree(EXAMPLES, self._folder, dirs_exist_ok=True)  # as it was, for each block
        for line, printed in _lines(str(example.parsed)):
            for part in line.split(" && "):
                if any(re.match(begin, part) for begin in NOT_RUN):
                    continue
                wrong = self._run(part, printed if compare else "")
                if wrong:
                    return f"$ {part}\n{wrong}"
        return None

    def _run(self, line: str, printed: str) -> str | None:
        self.ran.append(line)
        here = line
        for words, instead in self._stand_ins.items():
            here = here.replace(words, instead)
        if here.startswith("export "):
            name, _, value = here.removeprefix("export ").partition("=")
            self._environment[name] = value
            return None
        endless = ENDLESS.match(here) is not None and ENDING.search(here) is None
        code, out, err = self._bash(f"exec {here}" if endless else here, endless)
        if code != (130 if endless else 0) or "Traceback" in err:
            return f"ended with {code}:\n{out}{err}"
        return _difference(printed.replace(VIDEO, self._video), out + err) if printed else None

    def _bash(self, line: str, endless: bool) -> tuple[int, str, str]:
        """Run a line, with a Ctrl-C as soon as it has shown something, if it has no end."""
        process = subprocess.Popen(
            ["bash", "-c", f"set -o pipefail; {line}"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines: dict[str, list[str]] = {"out": [], "err": []}
        shown = threading.Event()

        def read(pipe: Any, name: str) -> None:
            for text in pipe:
                lines[name].append(text)
                shown.set()

        readers = [
            threading.Thread(target=read, args=(process.stdout, "out")),
            threading.Thread(target=read, args=(process.stderr, "err")),
        ]
        try:
            for reader in readers:
                reader.start()
            if endless:
                into = re.search(r">>? ?(\S+)$", line)
                file = self._folder / into[1] if into else None
                deadline = time.monotonic() + PATIENCE
                while not shown.wait(0.05) and not (file and file.exists() and file.stat().st_size):
                    assert time.monotonic() < deadline, f"{line} shows nothing"
                process.send_signal(signal.SIGINT)
            code = process.wait(PATIENCE)
        finally:
            process.kill()
            process.wait()
            for reader in readers:
                reader.join()
            for pipe in (process.stdout, process.stderr):
                assert pipe is not None
                pipe.close()
        return code, "".join(lines["out"]), "".join(lines["err"])


def _lines(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what it prints according to the page."""
    text = block.replace("\\\n", " ")
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, printed = part.partition("\n")
        yield line.split("  #")[0].rstrip(), printed


def _difference(expected: str, printed: str) -> str | None:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    # They come and go while people chat.
    expected, printed = (re.sub(r"[\d,]+ viewers", "N viewers", t) for t in (expected, printed))
    checker = doctest.OutputChecker()
    if checker.check_output(expected, printed, flags):
        return None
    return checker.output_difference(doctest.Example("", expected), printed, flags)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_run(path: Path, kick: tuple[KickSimulator, str], tmp_path: Path) -> None:
    """Each command of this page ends well, and prints what the page says."""
    from sybil import Sybil
    from sybil.parsers.markdown import CodeBlockParser

    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    terminal = _Terminal(tmp_path, *kick)
    document = Sybil([CodeBlockParser("console", terminal.block)]).parse(path)
    for example in document.examples():
        example.evaluate()
    assert terminal.ran or not re.search(r"^\$ .*kick-live [a-z]", path.read_text("utf-8"), re.M)


def test_pages_are_found() -> None:
    """The README and the page of the command line are among the tested ones."""
    assert ROOT / "README.md" in PAGES
    assert ROOT / "docs" / "reference" / "command-line.md" in PAGES


def test_every_reason_is_needed() -> None:
    """No rule about what is not run outlives the lines that it was made for."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    parts = [part for line in re.findall(r"^\$ (.+)$", text, re.M) for part in line.split(" && ")]
    for begin in NOT_RUN:
        assert any(re.match(begin, part) for part in parts), begin
