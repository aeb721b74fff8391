"""Which libraries are measured, and how those by others are installed, outside the repository.

    python -m tests.benchmarks.catalogue DIRECTORY

installs them below that directory: a virtual environment, two directories of Node packages.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .measure import Subject

__all__ = ["OURS", "PEERS", "SINK", "install", "peers"]

_SUBJECTS = Path(__file__).parent / "subjects"
_CONNECTOR = "https://github.com/lox-x/kick-live-connector"

OURS = tuple(
    Subject(
        f"kick_live, {title}",
        protocol,
        (sys.executable, str(_SUBJECTS / "ours.py"), f"kick_live-{protocol}"),
        "typed, validated events",
    )
    for title, protocol in (("Pusher", "pusher"), ("Centrifugo", "centrifugo"))
)
#: Counts nothing: shows that the load source is faster than any subject.
SINK = Subject("sink", "pusher", (sys.executable, str(_SUBJECTS / "sink.py"), "sink"), "bytes")

#: Name, version, protocol, style, what its listener gets.
PEERS = (
    ("kickforge", "0.3.0", "pusher", "Python, asyncio", "dataclasses for 6 kinds"),
    ("kickzero", "1.3.3", "pusher", "Python, asyncio", "a context object, chat and rewards"),
    ("kick-chat", "1.0.1", "pusher", "Python, blocking", "dictionaries, chat only"),
    (
        "kicksdk-py",
        "0.2.0",
        "centrifugo",
        "Python, asyncio, Rust core",
        "dictionaries, typed kinds",
    ),
    ("pysher", "1.0.8", "pusher", "Python, threads", "the payload's text, undecoded"),
    ("kick-live-connector", "1.0.0", "pusher", "Node, async", "untyped objects"),
    ("kick-js", "0.5.4", "pusher", "Node, async", "untyped objects"),
)
_PYTHON_PACKAGES = (
    "kickforge==0.3.0",
    "kickzero==1.3.3",
    "kick-chat==1.0.1",
    "kicksdk-py[aio]==0.2.0",
    "Pysher==1.0.8",
)


def peers(home: Path) -> Iterator[Subject]:
    """The libraries by others that are installed below a directory."""
    python = home / "peers" / "bin" / "python"
    connector, node = home / "connector", home / "node"
    homes = {"kick-live-connector": connector, "kick-js": node}
    for name, version, protocol, _, delivers in PEERS:
        title = f"{name} {version}"
        if name in homes:
            if (homes[name] / "node_modules").exists():
                script = ("node", str(_SUBJECTS / "peers.mjs"), name, "--home", str(homes[name]))
                yield Subject(title, protocol, script, delivers)
        elif python.exists():
            command = (str(python), str(_SUBJECTS / "peers.py"), name)
            yield Subject(title, protocol, command, delivers)


def install(home: Path) -> None:
    """Install them; what cannot be installed is left out with a word on standard error."""
    home.mkdir(parents=True, exist_ok=True)
    _try(
        (sys.executable, "-m", "venv", str(home / "peers")),
        (str(home / "peers/bin/pip"), "install", "--quiet", *_PYTHON_PACKAGES),
    )
    if shutil.which("npm") is None:
        sys.stderr.write("npm is missing: the libraries for Node are left out\n")
        return
    npm = ("npm", "install", "--silent", "--ignore-scripts", "--prefix")
    (home / "node").mkdir(exist_ok=True)
    _try((*npm, str(home / "node"), "@retconned/kick-js@0.5.4"))
    # This one is built from its repository: version 1.0.0 is not in the registry of packages.
    connector = home / "connector"
    if not connector.exists():
        _try(("git", "clone", "--quiet", "--depth", "1", _CONNECTOR, str(connector)))
    if connector.exists():
        _try(
            (*npm, str(connector)), ("npm", "run", "--silent", "--prefix", str(connector), "build")
        )


def _try(*commands: tuple[str, ...]) -> None:
    for command in commands:
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.stderr.write(f"failed, left out: {' '.join(command)}\n")
            return


if __name__ == "__main__":
    install(Path(sys.argv[1]))
