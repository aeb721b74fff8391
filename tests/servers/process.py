"""A server in a process of its own: started, watched, stopped and started again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from .ports import PortReservation

__all__ = ["ServerFailed", "ServerProcess", "wait_until"]

Self = TypeVar("Self", bound="ServerProcess")


class ServerFailed(RuntimeError):
    """A server did not start, or does not answer as it should; the message has its output."""


def wait_until(condition: Callable[[], Any], timeout: float, what: str) -> Any:
    """Give the first true value of ``condition``.

    Args:
        condition: Called about every 20 ms.
        timeout: Seconds to try for.
        what: What is waited for, for the message.

    Raises:
        TimeoutError: It stayed false.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"waited {timeout:g} s in vain for {what}")
        time.sleep(0.02)


class ServerProcess:
    """What the servers have in common: a process, a port, a directory and a log.

    A subclass says how it is started (``command``) and when it answers (``is_ready``). The port
    is chosen once and stays the same over every stop and start until ``close()``.
    """

    name = "server"

    def __init__(self) -> None:
        self._reservations: list[PortReservation] = []
        self._process: subprocess.Popen[bytes] | None = None
        self.directory = Path(tempfile.mkdtemp(prefix=f"kick-live-{self.name}-"))
        self.port = self.reserve_port()

    def reserve_port(self) -> int:
        """Choose a free port that stays ours until ``close()``."""
        reservation = PortReservation()
        self._reservations.append(reservation)
        return reservation.port

    def command(self) -> list[str]:
        """The program and its arguments."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether it answers; an OSError counts as no."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the server has written so far, over all its starts."""
        path = self.directory / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self, timeout: float = 15.0) -> None:
        """Start it and return once it answers; nothing happens if it runs already.

        Args:
            timeout: Seconds until it must answer.

        Raises:
            ServerFailed: It ended by itself, or did not answer in time.
        """
        if self.running:
            return
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(self._ready_or_dead, timeout, f"{self.name} to answer on port {self.port}")
        except TimeoutError as error:
            self.kill()
            raise ServerFailed(f"{error}; it wrote:\n{self.log[-2000:]}") from None
        if not self.running:
            self.kill()
            raise ServerFailed(f"{self.name} ended by itself; it wrote:\n{self.log[-2000:]}")

    def _ready_or_dead(self) -> bool:
        # The process is looked at as well as the port: a dying predecessor may answer for us.
        if not self.running:
            return True
        try:
            return self.is_ready()
        except OSError:
            return False

    def stop(self, timeout: float = 8.0) -> None:
        """Ask it to end (SIGTERM), as on a planned restart, and kill it when that takes too long.

        Args:
            timeout: Seconds until it is killed.
        """
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it at once, as in a crash: connections break without a close frame."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def restart(self, timeout: float = 15.0) -> None:
        """Stop it and start it again on the same port.

        Args:
            timeout: Seconds until the new one must answer.
        """
        self.stop()
        self.start(timeout)

    def close(self) -> None:
        """Stop it for good: give its ports back and remove its files; may be called again."""
        self.stop()
        for reservation in self._reservations:
            reservation.release()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self: Self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
