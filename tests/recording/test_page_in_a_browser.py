"""The exported page in a real browser: what it shows, and what it asks for."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from collections import Counter

import pytest

from kick_live import BadgeV2, ChatMessage, Identity, User
from kick_live.recording import Pictures, export

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed")

#: The face of the simulator's emote 4100777, and the blue of its badge of level 33's tens.
PINK = (240, 158, 178)
BLUE = (150, 106, 230)
EMOTE = "/emotes/4100777/fullsize"
BADGE = "/chat/badges/33_0a.png"


@pytest.fixture
def message():
    """Somebody with a badge shows an emote."""
    badge = BadgeV2(name="level", image_url=f"https://ext.cdn.kick.com{BADGE}", selected=True)
    sender = User(username="Maple", identity=Identity(badges_v2=(badge,)))
    return ChatMessage(id="1", sender=sender, content="[emote:4100777:quokkaClap]")


@pytest.fixture
def browse(sim, message, tmp_path):
    """Exports a page, lets the browser show it, and tells pixels by colour, and what was asked."""

    def browse(mode, change=lambda text: text):
        page, shot = tmp_path / "page.html", tmp_path / "page.png"
        export([message], page, pictures=Pictures(mode, endpoints=sim.endpoints))
        page.write_text(change(page.read_text("utf-8")), encoding="utf-8")
        before = len(sim.requests)
        options = ["--headless", "--disable-gpu", "--no-first-run", "--window-size=500,300"]
        options += ["--disable-background-networking", "--disable-component-update"]
        # Nothing but this machine, whatever the browser would like to ask.
        options += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        options += [f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={shot}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # which root cannot have
        subprocess.run(
            [BROWSER, *options, page.as_uri()], check=True, timeout=50, capture_output=True
        )
        return _colours(shot.read_bytes()), [request.path for request in sim.requests[before:]]

    return browse


def test_an_embedded_page_shows_its_pictures_and_asks_for_nothing(browse):
    """The emote large, since it is alone; the badge small."""
    colours, asked = browse("embed")
    assert colours[PINK] > 800
    assert colours[BLUE] > 50
    assert asked == []


def test_a_linked_page_asks_for_its_pictures(browse):
    """Its policy allows them."""
    colours, asked = browse("link")
    assert colours[PINK] > 800
    assert sorted(asked) == [BADGE, EMOTE]


def test_a_page_of_names_asks_for_nothing(browse):
    """And shows no picture."""
    colours, asked = browse("none")
    assert colours[PINK] == colours[BLUE] == 0
    assert asked == []


@pytest.mark.parametrize("mode", ["embed", "none"])
def test_the_policy_keeps_everything_else_out(browse, sim, mode):
    """Had something slipped through, the browser would not load it."""
    foreign = (
        f'<img src="{sim.url}/emotes/7/fullsize"><script src="{sim.url}/emotes/8/fullsize"></script>'
        f'<link rel="stylesheet" href="{sim.url}/emotes/9/fullsize">'
        f'<iframe src="{sim.url}/emotes/10/fullsize"></iframe>'
        f'<p style="background:url({sim.url}/emotes/11/fullsize)">x</p>'
    )
    _, asked = browse(mode, lambda text: text.replace("<main>", f"<main>{foreign}"))
    assert asked == []


def _colours(data):
    """How often each colour is in a picture that the browser took: PNG of 8 bits, without laces."""
    width, _, depth, kind, *_, laced = struct.unpack_from(">IIBBBBB", data, 16)
    assert (depth, laced) == (8, 0)
    size = {2: 3, 6: 4}[kind]
    place, packed = 8, b""
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        if data[place + 4 : place + 8] == b"IDAT":
            packed += data[place + 8 : place + 8 + length]
        place += 12 + length
    plain, line = zlib.decompress(packed), width * size + 1
    before, found = bytearray(line - 1), Counter()
    for start in range(0, len(plain), line):
        row = bytearray(plain[start + 1 : start + line])
        for i in range(len(row)):
            left = row[i - size] if i >= size else 0
            corner = before[i - size] if i >= size else 0
            row[i] = (row[i] + _predicted(plain[start], left, before[i], corner)) & 255
        found.update(zip(*(row[part::size] for part in range(3)), strict=True))
        before = row
    return found


def _predicted(rule, left, above, corner):
    if rule == 4:
        return min((left, above, corner), key=lambda value: abs(left + above - corner - value))
    return (0, left, above, (left + above) // 2)[rule]
