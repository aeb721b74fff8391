"""Run one of the client scripts beside this file and read what it reports."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from .. import install
from ..process import wait_until

__all__ = ["SCRIPTS", "ForeignClient"]

_HERE = Path(__file__).resolve().parent
_MODULES = {"pysher_client.py": "pysher", "centrifuge_python_client.py": "centrifuge"}

#: The scripts that can be run.
SCRIPTS = ("pusher_js.mjs", "centrifuge_js.mjs", *_MODULES)


class ForeignClient:
    """A client by others in a process of its own; ``with ForeignClient("pusher_js.mjs", ...)``.

    Args:
        script: One of ``SCRIPTS``.
        ca_file: The authority it trusts, for TLS; the JavaScript ones only.
        **options: The script's options: ``topics=["a", "b"]`` becomes ``--topics a,b``, and
            ``token_url=...`` becomes ``--token-url``.

    Raises:
        NotInstalled: What the script needs is not installed.
    """

    def __init__(self, script: str, *, ca_file: Path | None = None, **options: Any) -> None:
        self._command = [*_interpreter(script), str(_HERE / script)]
        for name, value in options.items():
            text = ",".join(value) if isinstance(value, (list, tuple)) else str(value)
            self._command += [f"--{name.replace('_', '-')}", text]
        self._environment = dict(os.environ)
        if ca_file is not None:
            self._environment["NODE_EXTRA_CA_CERTS"] = str(ca_file)
        self._process: subprocess.Popen[str] | None = None
        self._readers: list[threading.Thread] = []
        self._errors: list[str] = []
        #: What it has reported so far, oldest first; each has a ``kind``.
        self.happenings: list[dict[str, Any]] = []

    def kinds(self) -> list[str]:
        """The kinds of what it has reported, oldest first."""
        return [happening["kind"] for happening in self.happenings]

    def wait_for(self, kind: str, timeout: float = 10.0, **details: Any) -> dict[str, Any]:
        """Give the first happening of a kind that has these details, waiting for it.

        Args:
            kind: Such as ``connected``, ``subscribed``, ``event``, ``refused``, ``error``, ``end``.
            timeout: Seconds to wait.
            **details: Members that it must have.

        Raises:
            TimeoutError: It did not come; the message has what came instead.
        """
        wanted = {"kind": kind, **details}

        def find() -> dict[str, Any] | None:
            for happening in list(self.happenings):
                if wanted.items() <= happening.items():
                    return happening
            return None

        try:
            found: dict[str, Any] = wait_until(find, timeout, f"{wanted}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it said {self.happenings} {self._errors}") from None
        return found

    def finish(self, timeout: float = 15.0) -> int:
        """Wait until it ends by itself and give its exit status: 0 if it got what it asked for.

        Args:
            timeout: Seconds to wait.

        Raises:
            subprocess.TimeoutExpired: It goes on.
        """
        assert self._process is not None
        status = self._process.wait(timeout)
        for reader in self._readers:
            reader.join(5)
        return status

    def start(self) -> None:
        """Start it; its reports are gathered in the background."""
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for target in (self._read_reports, self._read_errors):
            reader = threading.Thread(target=target, name="foreign-client-reader", daemon=True)
            reader.start()
            self._readers.append(reader)

    def stop(self) -> None:
        """End it if it still runs; may be called again."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.kill()
        self.finish()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()
        self._process = None

    def _read_reports(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.happenings.append(json.loads(line))

    def _read_errors(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors.append(line.rstrip())

    def __enter__(self) -> ForeignClient:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _interpreter(script: str) -> list[str]:
    if script not in SCRIPTS:
        raise ValueError(f"no client script is called {script!r}; there are {', '.join(SCRIPTS)}")
    if script.endswith(".mjs"):
        install.require(install.NODE)
        node = shutil.which("node")
        if node is None:
            raise install.NotInstalled(f"node is not on PATH; {script} needs it")
        return [node]
    module = _MODULES[script]
    if importlib.util.find_spec(module) is None:
        raise install.NotInstalled(
            f"{script} needs {module}; run: pip install -r tests/servers/requirements.txt"
        )
    return [sys.executable]
