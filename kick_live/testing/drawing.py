"""Draws small invented pictures, as PNG, without any library of pictures."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

__all__ = ["badge_png", "emote_png"]

_Colour: TypeAlias = tuple[int, int, int, int]
#: The colour at a point of a square from -1 to 1, or ``None`` where it is transparent.
_Paint: TypeAlias = Callable[[float, float], "_Colour | None"]

_SIZE: Final = 56
#: Points that are looked at for each pixel, across and down, so that edges are smooth.
_FINE: Final = 3
_DARK: Final = (38, 28, 24, 255)
_WHITE: Final = (255, 255, 255, 255)
_FACES: Final = (
    (246, 196, 83, 255),
    (236, 138, 92, 255),
    (143, 199, 122, 255),
    (120, 178, 226, 255),
    (196, 152, 224, 255),
    (240, 158, 178, 255),
)
_SHIELDS: Final = (
    (139, 148, 158, 255),
    (87, 171, 90, 255),
    (65, 132, 228, 255),
    (150, 106, 230, 255),
    (219, 97, 162, 255),
    (224, 138, 43, 255),
)


@lru_cache(maxsize=256)
def emote_png(number: int) -> bytes:
    """A face for an emote; the same number always has the same one.

    Args:
        number: The emote's id.
    """
    skin = _FACES[number % len(_FACES)]
    eyes = (number // 2) % 3
    mouth = number % 4

    def paint(x: float, y: float) -> _Colour | None:
        if math.hypot(x, y) > 0.95:
            return None
        if math.hypot(x, y) > 0.87:
            return _DARK
        side = abs(x) - 0.36
        if eyes == 0 and math.hypot(side, y + 0.22) < 0.13:
            return _DARK
        if eyes == 1 and math.hypot(side, y + 0.22) < 0.22:
            return _DARK if math.hypot(side, y + 0.16) < 0.11 else _WHITE
        if eyes == 2 and abs(math.hypot(side, y + 0.10) - 0.18) < 0.06 and y < -0.10:
            return _DARK
        if mouth == 0 and math.hypot(x, y - 0.12) < 0.55 and y > 0.22:
            return _WHITE if y < 0.34 else _DARK
        if mouth == 1 and abs(math.hypot(x, y - 0.05) - 0.48) < 0.06 and y > 0.22:
            return _DARK
        if mouth == 2 and math.hypot(x, (y - 0.42) * 1.1) < 0.21:
            return _DARK
        if mouth == 3 and abs(x) < 0.38 and abs(y - 0.42) < 0.06:
            return _DARK
        return skin

    return _png(paint)


@lru_cache(maxsize=256)
def badge_png(number: int) -> bytes:
    """A shield for a badge; its colour tells the tens of the number, its stripes the ones, roughly.

    Args:
        number: The account's level, or any other number.
    """
    colour = _SHIELDS[(number // 10) % len(_SHIELDS)]
    stripes = number % 10 // 4 + 1

    def paint(x: float, y: float) -> _Colour | None:
        edge = 0.82 if y < 0.1 else 0.82 * math.sqrt(max(0.0, 1 - ((y - 0.1) / 0.85) ** 2))
        if y < -0.9 or abs(x) > edge:
            return None
        place = (y + 0.28) / 0.3
        if abs(x) < edge - 0.25 and 0 <= place < stripes and place % 1 < 0.55:
            return _WHITE
        return colour

    return _png(paint)


def _png(paint: _Paint) -> bytes:
    rows = bytearray()
    for row in range(_SIZE):
        rows.append(0)  # this row is written as it is
        for column in range(_SIZE):
            rows += _pixel(paint, column, row)
    head = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _pixel(paint: _Paint, column: int, row: int) -> bytes:
    points = [
        paint(
            (column + (right + 0.5) / _FINE) / _SIZE * 2 - 1,
            (row + (down + 0.5) / _FINE) / _SIZE * 2 - 1,
        )
        for down in range(_FINE)
        for right in range(_FINE)
    ]
    seen = [point for point in points if point is not None]
    if not seen:
        return bytes(4)
    mean = [sum(point[part] for point in seen) // len(seen) for part in range(3)]
    return bytes([*mean, 255 * len(seen) // len(points)])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
