"""Tells pictures by their first bytes, whatever a server calls them."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

from attrs import field, frozen

__all__ = ["Image", "recognised"]

_Size: TypeAlias = "tuple[int, int] | None"

#: No emote or badge is larger; what claims to be would cost the reader's browser much memory.
_LARGEST: Final = 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
#: The segments of a JPEG that hold its size: starts of frames, without tables in between.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@frozen
class Image:
    """A picture of a kind that every browser shows.

    Attributes:
        kind: Its media type, such as ``image/png``.
        width: In pixels.
        height: In pixels.
        data: Its bytes.
    """

    kind: str
    width: int
    height: int
    data: bytes = field(repr=False)

    @property
    def uri(self) -> str:
        """The picture as an address that holds it."""
        return f"data:{self.kind};base64,{base64.b64encode(self.data).decode('ascii')}"


def recognised(data: bytes) -> Image | None:
    """Look at what was served as a picture.

    Args:
        data: Any bytes.

    Returns:
        PNG, GIF, WebP, JPEG or AVIF of at most 1024 pixels across and down; ``None`` for everything
        else, SVG included, which is a document and may hold more than a picture.
    """
    for kind, size_of in _KINDS:
        try:
            size = size_of(data)
        except (struct.error, IndexError):
            continue
        if size is None:
            continue
        width, height = size
        if 1 <= width <= _LARGEST and 1 <= height <= _LARGEST:
            return Image(kind, width, height, data)
        return None
    return None


def _png(data: bytes) -> _Size:
    if not data.startswith(_PNG) or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> _Size:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp(data: bytes) -> _Size:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    form = data[12:16]
    if form == b"VP8X":
        low = struct.unpack_from("<HBHB", data, 24)
        return (low[0] | low[1] << 16) + 1, (low[2] | low[3] << 16) + 1
    if form == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(data: bytes) -> _Size:
    if data[:3] != b"\xff\xd8\xff":
        return None
    place = 2
    while data[place] == 0xFF:
        mark = data[place + 1]
        (length,) = struct.unpack_from(">H", data, place + 2)
        if mark in _FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 2 + length
    return None


def _avif(data: bytes) -> _Size:
    if data[4:8] != b"ftyp" or data[8:12] not in (b"avif", b"avis"):
        return None
    place = data.find(b"ispe")
    if place < 0:
        return None
    width, height = struct.unpack_from(">II", data, place + 8)
    return width, height


_KINDS: Final[tuple[tuple[str, Callable[[bytes], _Size]], ...]] = (
    ("image/png", _png),
    ("image/gif", _gif),
    ("image/webp", _webp),
    ("image/jpeg", _jpeg),
    ("image/avif", _avif),
)
