"""The real command as a process, whose lines can be waited for."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

DEADLINE = 20.0


def environment(**extra):
    """The environment for a command: nothing that colours, nothing remembered."""
    kept = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "LANG")
    env = {
        key: value for key, value in os.environ.items() if key in kept or key.startswith("COVERAGE")
    }
    return {**env, "KICK_LIVE_CACHE_DIR": "", "PYTHONIOENCODING": "utf-8", **extra}


class Command:
    """``python -m kick_live ...`` as a process, whose lines can be waited for."""

    def __init__(self, *args, **env):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kick_live", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(**env),
        )
        self._lines = {"out": [], "err": []}
        self._news = threading.Condition()
        self._threads = [
            threading.Thread(target=self._read, args=(pipe, name), daemon=True)
            for pipe, name in ((self.process.stdout, "out"), (self.process.stderr, "err"))
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, pipe, name):
        for line in pipe:
            with self._news:
                self._lines[name].append(line.decode().rstrip("\r\n"))
                self._news.notify_all()

    @property
    def out(self):
        """The lines of standard output so far."""
        with self._news:
            return list(self._lines["out"])

    @property
    def err(self):
        """Standard error so far."""
        with self._news:
            return "\n".join(self._lines["err"])

    def wait_for(self, text):
        """Wait for a line of output that contains a text, and return it."""
        deadline = time.monotonic() + DEADLINE
        with self._news:
            while True:
                for line in self._lines["out"]:
                    if text in line:
                        return line
                left = deadline - time.monotonic()
                assert left > 0, f"no {text!r} in {self._lines}"
                self._news.wait(left)

    def end(self, signal=None):
        """Wait for the end, after a signal if one is given, and return the exit code."""
        if signal is not None:
            self.process.send_signal(signal)
        code = self.process.wait(DEADLINE)
        for thread in self._threads:
            thread.join(DEADLINE)
        return code

    def stop(self):
        """Make sure that nothing is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        self.process.stdout.close()
        self.process.stderr.close()


def wait_until(condition):
    """Wait for a condition."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
