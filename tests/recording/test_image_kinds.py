"""Pictures are told by their bytes."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kick_live.recording.image_kinds import recognised
from kick_live.testing.drawing import emote_png


def jpeg(width, height):
    """The beginning of a JPEG: two segments before the one with the size."""
    frame = struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    return (
        b"\xff\xd8\xff\xe0\x00\x04\x00\x00" + b"\xff\xdb\x00\x05\x00\x00\x00" + b"\xff\xc2" + frame
    )


def webp(form, rest):
    """A WebP with one chunk."""
    return b"RIFF" + struct.pack("<I", 4 + 8 + len(rest)) + b"WEBP" + form + rest


def avif(width, height, brand=b"avif"):
    """The beginning of an AVIF, with the box that holds the size."""
    size = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    return struct.pack(">I4s4sI", 16, b"ftyp", brand, 0) + b"\x00\x00\x00\x1cmeta" + size


SIZE = struct.pack("<I", 10)
KINDS = {
    "image/png": emote_png(1),
    "image/gif": b"GIF89a" + struct.pack("<HH", 56, 56) + bytes(10),
    "image/jpeg": jpeg(56, 56),
    "image/avif": avif(56, 56),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_recognised(kind):
    """Its kind and its size; its address holds all of it."""
    image = recognised(KINDS[kind])
    assert (image.kind, image.width, image.height) == (kind, 56, 56)
    assert image.uri.startswith(f"data:{kind};base64,")
    assert base64.b64decode(image.uri.partition(",")[2]) == KINDS[kind]


@pytest.mark.parametrize(
    "data",
    [
        webp(b"VP8X", SIZE + bytes(4) + b"\x3f\x00\x00\x1f\x00\x00"),
        webp(b"VP8L", SIZE + b"\x2f" + struct.pack("<I", 63 | 31 << 14)),
        webp(b"VP8 ", SIZE + b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 64 | 0x4000, 32)),
    ],
    ids=["extended", "lossless", "lossy"],
)
def test_the_three_forms_of_webp(data):
    """Each keeps its size elsewhere."""
    image = recognised(data)
    assert (image.kind, image.width, image.height) == ("image/webp", 64, 32)


def test_animations_are_pictures():
    """Of the kinds that may hold one."""
    assert recognised(b"GIF87a\x10\x00\x10\x00").kind == "image/gif"
    assert recognised(avif(16, 16, b"avis")).kind == "image/avif"


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (1025, 5), (5, 60_000)])
def test_a_size_that_no_emote_has_is_refused(size):
    """Nothing, or more than a browser should be asked to unpack."""
    width, height = size
    assert recognised(b"GIF89a" + struct.pack("<HH", width, height)) is None
    assert recognised(jpeg(width, height)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!DOCTYPE html><title>no</title>",
        b'{"message": "no"}',
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIEND" + bytes(8),
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        webp(b"VP8 ", bytes(14)),
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xe0\x00\x04\x00\x00\x00\x00\x00",
        b"\x00\x00\x00\x10ftypmp42\x00\x00\x00\x00",
        b"\x00\x00\x00\x10ftypavif\x00\x00\x00\x00",
        b"BM" + bytes(60),
    ],
)
def test_everything_else_is_none(data):
    """Documents, other files, and pictures that end before their size."""
    assert recognised(data) is None


@given(st.one_of(st.binary(), *[st.binary().map(data[:14].__add__) for data in KINDS.values()]))
def test_no_bytes_do_harm(data):
    """Whatever was served, there is an answer, and no picture beyond the size."""
    image = recognised(data)
    assert image is None or (0 < image.width <= 1024 and 0 < image.height <= 1024)
