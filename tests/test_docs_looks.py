"""The built site can be read on a telephone and on a desk, on light and on dark.

``tox -e docs`` builds it and runs this; ``KICK_LIVE_SITE`` names a site that was built elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browser import Page, chromium

SITE = Path(os.environ.get("KICK_LIVE_SITE", ""))
pytestmark = [
    pytest.mark.skipif(
        not (SITE / "searchindex.js").is_file(),
        reason="looks at a built site, which KICK_LIVE_SITE names; tox -e docs builds it",
    ),
    pytest.mark.timeout(300),
]

#: Faults of a page, as one sees them.
LOOK = r"""
(() => {
    const faults = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) {
        faults.push(`moves sideways: ${root.scrollWidth} of ${root.clientWidth} px`);
    }
    for (const image of document.querySelectorAll("article img")) {
        if (!image.naturalWidth) faults.push(`no picture: ${image.src}`);
        if (image.alt.length < 15) faults.push(`no words for: ${image.src}`);
        if (image.getBoundingClientRect().width < 580) faults.push(`too small: ${image.src}`);
    }
    for (const code of document.querySelectorAll("article pre")) {
        const more = code.scrollWidth - code.clientWidth;
        if (root.clientWidth >= 1000 && more > 1) {
            faults.push(`code cut by ${more} px: ${code.textContent.slice(0, 60)}`);
        }
    }
    const parts = color => {
        const numbers = color.match(/[\d.]+/g).map(Number);
        return numbers.length < 4 ? [...numbers, 1] : numbers;
    };
    const over = (top, below) => below.map((value, i) => value * (1 - top[3]) + top[i] * top[3]);
    const ground = element => {
        const layers = [];
        for (; element; element = element.parentElement) {
            layers.push(parts(getComputedStyle(element).backgroundColor));
        }
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    // Relative luminance and contrast as WCAG 2.2 defines them.
    const light = color => {
        const [r, g, b] = color.map(value => {
            value /= 255;
            return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const seen = new Set();
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const element = words.currentNode.parentElement;
        const style = getComputedStyle(element);
        const shown = element.getClientRects().length && style.visibility === "visible";
        if (!words.currentNode.data.trim() || !shown) continue;
        const below = ground(element);
        const color = over(parts(style.color), below);
        const [high, low] = [light(color), light(below)].sort((one, other) => other - one);
        const contrast = (high + 0.05) / (low + 0.05);
        const which = `${style.color} on ${below.map(Math.round)}`;
        if (contrast < 4.5 && !seen.has(which)) {
            seen.add(which);
            const text = words.currentNode.data.trim().slice(0, 40);
            faults.push(`contrast ${contrast.toFixed(2)}, ${which}: ${text}`);
        }
    }
    return faults;
})()
"""


def pages() -> list[Path]:
    """The pages of the site, without what Sphinx makes for its own use."""
    return [page for page in sorted(SITE.resolve().rglob("*.html")) if "_static" not in page.parts]


@pytest.mark.parametrize(
    ("width", "dark"), [(390, True), (390, False), (1000, True), (1600, False)]
)
def test_every_page_can_be_read(width: int, dark: bool) -> None:
    """Nothing moves the page sideways, is cut off, lacks a picture, or is too faint to read."""
    assert len(pages()) > 30
    with chromium() as page:
        faults = {each.name: found for each in pages() if (found := look(page, each, width, dark))}
    assert not faults


def look(page: Page, file: Path, width: int, dark: bool) -> list[str]:
    """The faults of one page."""
    page.open(file.as_uri(), width=width, dark=dark)
    faults: list[str] = page.look(LOOK)
    return faults
