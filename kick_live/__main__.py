"""The command ``kick-live``, also as ``python -m kick_live``."""

from __future__ import annotations

import sys

from kick_live.cli import load
from kick_live.cli.signals import Signals, Terminated
from kick_live.cli.streams import discard_output, fill_missing_streams, settle_errors
from kick_live.errors import MissingExtra

__all__ = ["main"]


def main() -> None:
    """Run the command line with ``sys.argv``; never returns.

    Raises:
        SystemExit: Always; ``kick-live --help`` lists the codes.
    """
    with Signals() as signals:
        code: int | str | None = None
        fill_missing_streams()
        try:
            load()(prog_name="kick-live", obj=signals)
        except MissingExtra as error:
            sys.stderr.write(f"kick-live: {error}\n")
            code = 1
        except OSError as error:
            if error.filename is not None:
                raise
            # Of a --help; whatever the commands themselves write is told by them.
            discard_output()
            sys.stderr.write(f"kick-live: Standard output cannot be written ({error.strerror}).\n")
            code = 1
        except SystemExit as end:
            code = end.code
        except (KeyboardInterrupt, Terminated):
            pass
        settle_errors()
        raise SystemExit(code if signals.code is None else signals.code)


if __name__ == "__main__":
    main()
