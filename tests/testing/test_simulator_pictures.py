"""The simulator's own pictures of emotes and badges."""

import struct
import zlib

import pytest
from simulator_peers import get

from kick_live.models.pictures import badge_picture
from kick_live.models.user import BadgeV2


def pixels(data):
    """The width, the height and the bytes of a PNG, whose every check sum is right."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place, parts = 8, {}
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        (check,) = struct.unpack_from(">I", data, place + 8 + length)
        assert check == zlib.crc32(kind + body)
        parts[kind] = body
        place += 12 + length
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    return *struct.unpack_from(">II", parts[b"IHDR"]), zlib.decompress(parts[b"IDAT"])


@pytest.mark.parametrize("path", ["/emotes/39001/fullsize", "/chat/badges/12_001d6b4c.png"])
def test_a_picture_is_a_small_png(simulator, path):
    """A sound PNG of 56 by 56 pixels with transparency, always the same."""
    answer = get(simulator, path)
    assert answer.headers["Content-Type"] == "image/png"
    width, height, data = pixels(answer.content)
    assert (width, height, len(data)) == (56, 56, 56 * (56 * 4 + 1))
    assert len(answer.content) < 2000
    assert get(simulator, path).content == answer.content


def test_emotes_look_different(simulator):
    """Those of the demonstration can be told apart."""
    ids = (39001, 1730752, 4100777, 4100778, 4100779, 4100780)
    assert len({get(simulator, f"/emotes/{id}/fullsize").content for id in ids}) == len(ids)


@pytest.mark.parametrize(
    "path", ["/emotes/x/fullsize", "/emotes/-1/fullsize", "/chat/badges/x.png", "/chat/badges/"]
)
def test_there_is_no_picture_of_what_is_no_number(simulator, path):
    """404, as Kick's servers answer."""
    assert get(simulator, path).status_code == 404


def test_the_badges_of_messages_have_pictures(simulator, channel):
    """A person's badge has one address, which is Kick's, and the simulator has its picture."""
    addresses = set()
    for content in ("one", "two"):
        (level,) = channel.chat(content)["sender"]["identity"]["badges_v2"]
        address = badge_picture(BadgeV2(image_url=level["image_url"]))
        assert address is not None
        addresses.add(address)
    (address,) = addresses
    path = simulator.endpoints.picture(address).removeprefix(simulator.url)
    assert get(simulator, path).status_code == 200
