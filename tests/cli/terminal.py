"""The real command on a pseudo-terminal."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from fcntl import ioctl

from command_process import DEADLINE, environment


class Terminal:
    """``python -m kick_live ...`` on a terminal of a size, with what it wrote so far."""

    def __init__(self, *args, columns=80, lines=24, **env):
        self._ours, theirs = pty.openpty()
        self._size(theirs, columns, lines)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kick_live", *args],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(TERM="xterm-256color", **env),
            start_new_session=True,
        )
        os.close(theirs)
        self._written = b""
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @staticmethod
    def _size(descriptor, columns, lines):
        ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _read(self):
        while True:
            try:
                piece = os.read(self._ours, 65536)
            except OSError:  # how Linux tells that the other side was closed
                return
            if not piece:
                return
            with self._news:
                self._written += piece
                self._news.notify_all()

    @property
    def text(self):
        """All that was written, escape sequences included."""
        with self._news:
            return self._written.decode(errors="replace")

    def wait_for(self, text):
        """Wait until it was written."""
        deadline = time.monotonic() + DEADLINE
        with self._news:
            while text not in self._written.decode(errors="replace"):
                left = deadline - time.monotonic()
                assert left > 0, f"no {text!r} in {self._written!r}"
                self._news.wait(left)

    def end(self, *signals):
        """Send signals, wait for the end, and return the exit code."""
        for number in signals:
            self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        self._thread.join(DEADLINE)
        return code

    def close(self):
        """Make sure that nothing is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        os.close(self._ours)
