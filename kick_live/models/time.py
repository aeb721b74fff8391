"""Times as Kick writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec

__all__ = ["Time"]

#: A time with its zone. Whatever comes without one is mended to UTC, which Kick means.
Time: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
