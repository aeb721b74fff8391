"""Runs one subject against a fresh load source and reads what both report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

from .kinds import MARKER, MIXTURES

__all__ = [
    "Certificates",
    "Load",
    "Result",
    "SourceProcess",
    "Subject",
    "SubjectFailed",
    "make_certificates",
    "measure",
    "run_subject",
    "source_rate",
]

_ROOT = Path(__file__).parents[2]


class SubjectFailed(RuntimeError):
    """A subject did not count all events; the message has the end of its output."""


class Load(NamedTuple):
    """What is sent, and what is listened for.

    Attributes:
        events: How many.
        rate: How many a second; 0: no pause.
        mixture: One of ``load_source.MIXTURES``; those of ``kinds`` are not paced.
        listen: ``chat`` for messages, ``any`` for whatever a library delivers.
    """

    events: int = 100_000
    rate: float = 0.0
    mixture: str = "plain"
    listen: str = "chat"


class Subject(NamedTuple):
    """A library under measurement.

    Attributes:
        name: As in the tables.
        protocol: ``pusher`` or ``centrifugo``.
        command: The program, without the options that tell it the port and the load.
        delivers: What its listener gets.
    """

    name: str
    protocol: str
    command: Sequence[str]
    delivers: str


class Result(NamedTuple):
    """One run. Seconds, KiB, nanoseconds.

    ``wall`` and ``cpu`` are for the events after the first; ``source`` is what the load source was
    busy sending; ``delivered`` is how many of them reached the listener.
    """

    events: int
    delivered: int
    wall: float
    cpu: float
    peak_kib: int
    source: float
    delays_ns: Sequence[int]
    facts: dict[str, Any]


class SourceProcess:
    """A load source in a process of its own."""

    def __init__(self, protocol: str, load: Load, certificate: Path | None = None) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.load_source", "--protocol", protocol]
        command += ["--events", str(load.events), "--rate", str(load.rate)]
        command += ["--mixture", load.mixture]
        command += ["--certificate", str(certificate)] if certificate else []
        self._process = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port: int = self.read()["port"]

    def read(self) -> dict[str, Any]:
        """The next line it prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SubjectFailed("the load source ended before it had sent everything")
        found: dict[str, Any] = json.loads(line)
        return found

    def __enter__(self) -> SourceProcess:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()


class Certificates(NamedTuple):
    """Of a load source that speaks TLS: its own with its key, and those of who signed it."""

    own: Path
    trusted: Path


def make_certificates(directory: Path) -> Certificates:
    """Write new certificates to a directory; needs trustme, which the tests need as well."""
    import trustme

    authority = trustme.CA()
    found = Certificates(directory / "server.pem", directory / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(found.own))
    authority.cert_pem.write_to_path(str(found.trusted))
    return found


def measure(
    subject: Subject, load: Load, timeout: float = 120.0, tls: Certificates | None = None
) -> Result:
    """Run a subject once; blocks.

    Args:
        subject: What to run.
        load: What to send it.
        timeout: Seconds after which it is given up.
        tls: Speak TLS with these.

    Raises:
        SubjectFailed: It did not report in time.
    """
    with SourceProcess(subject.protocol, load, tls.own if tls else None) as source:
        command = [*subject.command, "--port", str(source.port), "--events", str(load.events)]
        command += ["--timed"] if load.rate else []
        command += ["--listen", load.listen]
        command += ["--marker", MARKER] if load.mixture in MIXTURES else []
        command += ["--ca", str(tls.trusted)] if tls else []
        account = run_subject(command, timeout, tls.trusted if tls else None)
        sent = source.read()
    return Result(
        events=load.events,
        delivered=account.pop("delivered"),
        wall=account.pop("ended") - sent["started"],
        cpu=account.pop("cpu"),
        peak_kib=account.pop("peak_kib"),
        source=sent["finished"] - sent["started"],
        delays_ns=account.pop("delays_ns"),
        facts=account,
    )


def source_rate(sink: Subject, events: int) -> float:
    """How many events a second the load source sends to somebody who throws them away."""
    with SourceProcess(sink.protocol, Load(events)) as source:
        command = [*sink.command, "--port", str(source.port), "--events", str(events)]
        process = subprocess.Popen(command)
        try:
            sent = source.read()
        finally:
            process.kill()
            process.wait()
    return events / float(sent["finished"] - sent["started"])


def run_subject(
    command: Sequence[str], timeout: float, trusted: Path | None = None
) -> dict[str, Any]:
    """Run a program and read the account that it prints.

    Args:
        command: The program with its arguments.
        timeout: Seconds after which it is given up.
        trusted: Certificates that Python's libraries shall trust.
    """
    environment = {**os.environ, "KICK_LIVE_CACHE_DIR": "", "NO_PROXY": "127.0.0.1"}
    if trusted is not None:
        names = ("SSL_CERT_FILE", "WEBSOCKET_CLIENT_CA_BUNDLE")
        environment |= dict.fromkeys(names, str(trusted))
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    alarm = threading.Timer(timeout, process.kill)
    alarm.start()
    try:
        assert process.stdout is not None
        return _account(process.stdout, command)
    finally:
        alarm.cancel()
        process.kill()
        process.communicate()


def _account(output: IO[str], command: Sequence[str]) -> dict[str, Any]:
    tail: list[str] = []
    for line in output:
        if line.startswith('{"ended"'):
            account: dict[str, Any] = json.loads(line)
            return account
        tail = [*tail[-20:], line]
    raise SubjectFailed(f"{' '.join(command)} reported nothing; it said:\n{''.join(tail)}")
