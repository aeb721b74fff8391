"""Colours of names that can be read on dark and on light terminals."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import Final

__all__ = ["name_color", "readable"]

_HEX: Final = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
#: Within these bounds of relative luminance the contrast is at least 3 to black and to white.
_DARKEST: Final = 0.13
_BRIGHTEST: Final = 0.30
_PALETTE: Final = (
    "#d7503c",
    "#c2620e",
    "#9a7d0a",
    "#4c9a2a",
    "#159a6f",
    "#1691b0",
    "#4a86e0",
    "#8a6fe8",
    "#b85fd0",
    "#d6528f",
)


def _luminance(rgb: tuple[float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@lru_cache(maxsize=1024)
def readable(color: str) -> str | None:
    """The nearest tone that can be read on black and on white.

    Args:
        color: As Kick sends it.

    Returns:
        ``#rrggbb``, or ``None`` for what is no colour.

    Example:
        >>> readable("#ffffff"), readable("#4a86e0"), readable("tomato")
        ('#959595', '#4a86e0', None)
    """
    match = _HEX.fullmatch(color)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / 255 for part in match.groups())
    luminance = _luminance((red, green, blue))
    if _DARKEST <= luminance <= _BRIGHTEST:
        return color.lower()
    # Blend with white or black, as little as is enough; luminance grows along the blend.
    target = 1.0 if luminance < _DARKEST else 0.0
    low, high = 0.0, 1.0
    for _ in range(12):
        share = (low + high) / 2
        red_, green_, blue_ = (c + (target - c) * share for c in (red, green, blue))
        blended = _luminance((red_, green_, blue_))
        enough = blended >= _DARKEST if target else blended <= _BRIGHTEST
        low, high = (low, share) if enough else (share, high)
    parts = (round(255 * (c + (target - c) * high)) for c in (red, green, blue))
    return "#" + "".join(f"{part:02x}" for part in parts)


def name_color(name: str, color: str | None = None) -> str:
    """The colour of a name: its own, or one that always belongs to the same name.

    Args:
        name: The name.
        color: What its owner chose, if known.
    """
    own = readable(color) if color else None
    return own or _PALETTE[zlib.crc32(name.lower().encode("utf-8", "replace")) % len(_PALETTE)]
