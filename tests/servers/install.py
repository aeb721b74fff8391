"""Install the servers and clients by others into ``tests/servers/.cache``.

Run ``python tests/servers/install.py``; it needs node with npm, Go, and their registries. What is
already there and up to date is left alone, so that it may be run before every test run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["CENTRIFUGO", "NODE", "NotInstalled", "build_centrifugo", "install_node", "require"]

HERE = Path(__file__).resolve().parent
CACHE = HERE / ".cache"

#: The directory that holds ``node_modules``.
NODE = CACHE / "node"
#: The Centrifugo protocol server, built from ``centrifugo/``.
CENTRIFUGO = CACHE / ("centrifugo.exe" if os.name == "nt" else "centrifugo")


class NotInstalled(RuntimeError):
    """A server cannot run here; the message says what to do."""


def _tool(name: str, what_for: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise NotInstalled(f"{name} is not on PATH; {what_for} needs it")
    return path


def _run(command: list[str], directory: Path) -> None:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise NotInstalled(
            f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}"
        )


def _digest(sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _node_sources() -> list[Path]:
    return [HERE / "soketi" / "package.json"]


def _go_sources() -> list[Path]:
    source = HERE / "centrifugo"
    return [*sorted(source.glob("*.go")), source / "go.mod", source / "go.sum"]


def _stamp(target: Path) -> Path:
    return target.parent / f"{target.name}.stamp"


def _is_current(target: Path, digest: str) -> bool:
    stamp = _stamp(target)
    return target.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest


def install_node() -> bool:
    """Install the npm packages and say whether anything had to be done."""
    npm = _tool("npm", "installing the Pusher server")
    _tool("node", "the Pusher server")
    digest = _digest(_node_sources())
    if _is_current(NODE, digest):
        return False
    CACHE.mkdir(exist_ok=True)
    # Installed beside its place and then moved there: a run that is interrupted leaves nothing
    # that looks complete.
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="node-") as scratch:
        fresh = Path(scratch) / "node"
        fresh.mkdir()
        for path in _node_sources():
            shutil.copy(path, fresh)
        _run([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], fresh)
        if NODE.exists():
            NODE.rename(Path(scratch) / "old")
        fresh.rename(NODE)
    _stamp(NODE).write_text(digest, encoding="utf-8")
    return True


def build_centrifugo() -> bool:
    """Build the Centrifugo protocol server and say whether anything had to be done."""
    go = _tool("go", "building the Centrifugo protocol server")
    digest = _digest(_go_sources())
    if _is_current(CENTRIFUGO, digest):
        return False
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="go-") as scratch:
        fresh = Path(scratch) / CENTRIFUGO.name
        _run([go, "build", "-trimpath", "-o", str(fresh), "."], HERE / "centrifugo")
        fresh.replace(CENTRIFUGO)
    _stamp(CENTRIFUGO).write_text(digest, encoding="utf-8")
    return True


def require(target: Path) -> None:
    """Raise NotInstalled unless ``NODE`` or ``CENTRIFUGO`` is there and up to date.

    Never installs anything itself: a test run must not reach for a registry unasked.
    """
    if target == NODE:
        _tool("node", "the Pusher server")
    if not _is_current(target, _digest(_node_sources() if target == NODE else _go_sources())):
        if target == CENTRIFUGO:
            _tool("go", "building the Centrifugo protocol server")
        state = "out of date" if target.exists() else "not installed"
        raise NotInstalled(f"{target.stem} is {state}; run: python tests/servers/install.py")


def main() -> int:
    """Install both and report on standard output."""
    failed = False
    for name, work in (("npm packages", install_node), ("centrifugo", build_centrifugo)):
        try:
            print(f"{name}: {'installed' if work() else 'up to date'}", flush=True)  # noqa: T201
        except NotInstalled as reason:
            failed = True
            print(f"{name}: {reason}", file=sys.stderr, flush=True)  # noqa: T201
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
