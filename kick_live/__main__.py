"""The command ``kick-live``, also as ``python -m kick_live``."""

from __future__ import annotations

import sys

from kick_live.cli import load
from kick_live.errors import MissingExtra

__all__ = ["main"]


def main() -> None:
    """Run the command line with ``sys.argv``; never returns.

    Raises:
        SystemExit: Always; ``kick-live --help`` lists the codes.
    """
    try:
        load()(prog_name="kick-live")
    except MissingExtra as error:
        sys.stderr.write(f"kick-live: {error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
