"""What Ctrl-C, SIGTERM and the end of the terminal do to the command."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["INTERRUPTED", "Signals", "Terminated"]

#: The exit code after Ctrl-C, as shells have it.
INTERRUPTED: Final = 130
#: Seconds after which a signal that was lost comes once more.
_MOMENT: Final = 0.05
#: Back from a screen of its own, with the cursor shown.
_RESTORE: Final = b"\x1b[?1049l\x1b[?25h"


class Terminated(BaseException):
    """Raised in the main thread upon SIGTERM, so that every ``with`` on the way closes cleanly."""


class Signals:
    """Ends the command once and in order; another Ctrl-C ends it at once.

    The first signal raises ``KeyboardInterrupt`` or ``Terminated`` in the main thread. From then on
    none raises any more, for an exception in the middle of closing, or of the interpreter's own
    end, would show a traceback and leave things open.

    Attributes:
        code: The exit code that a signal asks for; ``None`` as long as none has come.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        self._handled: list[int] = []

    def __enter__(self) -> Signals:
        sys.unraisablehook = self._unraisable
        sys.excepthook = _tell
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # ValueError: not the main thread. An ignored signal (nohup) stays ignored.
            with contextlib.suppress(ValueError):
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, self._handle)
                    self._handled.append(number)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The interpreter ends next, which takes a moment, and in which nothing is to be caught.
        for number in self._handled:
            signal.signal(number, signal.SIG_IGN)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.code is None:
            interrupted = number == signal.SIGINT
            self.code = INTERRUPTED if interrupted else 0
            raise KeyboardInterrupt if interrupted else Terminated
        if number == signal.SIGINT:
            _exit_at_once()

    def _unraisable(self, unraisable: UnraisableHookArgs) -> None:
        """Raise once more what was lost, because it came up in a destructor or a callback."""
        lost = unraisable.exc_type
        if issubclass(lost, (KeyboardInterrupt, Terminated)):
            number = signal.SIGTERM if issubclass(lost, Terminated) else signal.SIGINT
            # A moment later: raised before this hook has returned, it would be lost here, as would be
            # that of another signal if the code were taken back at once.
            again = threading.Timer(_MOMENT, self._repeat, (number,))
            again.daemon = True
            again.start()
        else:
            sys.__unraisablehook__(unraisable)

    def _repeat(self, number: signal.Signals) -> None:
        self.code = None
        _thread.interrupt_main(number)


def _tell(
    exc_type: type[BaseException], exc: BaseException, traceback: TracebackType | None
) -> None:
    """Say nothing of a signal that came in the last moment, when nobody could catch it any more."""
    if not issubclass(exc_type, (KeyboardInterrupt, Terminated)):
        sys.__excepthook__(exc_type, exc, traceback)


def _exit_at_once() -> NoReturn:
    """End without closing anything; but a terminal is left as it was."""
    for descriptor in (1, 2):
        with contextlib.suppress(OSError):
            if os.isatty(descriptor):
                os.write(descriptor, _RESTORE)
                break
    os._exit(INTERRUPTED)
