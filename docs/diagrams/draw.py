"""Draw the diagrams of the documentation: ``python docs/diagrams/draw.py``.

Each is an SVG beside this file. Lines and words outside of boxes follow the colour scheme of the
page that shows the picture; no grey can be read well on white and on black.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
#: Lines and words outside of boxes: on light pages, and on dark ones.
ON_LIGHT, ON_DARK = "#59636e", "#b0b8c1"
BLUE, GREEN, AMBER, RED, SLATE = "#2f6fbf", "#2b8255", "#9a6700", "#b3403c", "#5b6470"
LINE = 17  # px between two lines of words


class Box(NamedTuple):
    """A box with words in it; the first line is its title."""

    x: int
    y: int
    width: int
    height: int
    color: str
    words: tuple[str, ...]

    def draw(self) -> Iterator[str]:
        """The box and its words."""
        yield (
            f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}" '
            f'rx="8" fill="{self.color}"/>'
        )
        top = self.y + (self.height - LINE * (len(self.words) - 1)) / 2 + 5
        for index, word in enumerate(self.words):
            weight = "600" if index == 0 else "400"
            yield (
                f'<text x="{self.x + self.width / 2:g}" y="{top + LINE * index:g}" fill="#fff" '
                f'text-anchor="middle" font-weight="{weight}">{escape(word)}</text>'
            )


def arrow(*points: tuple[int, int]) -> str:
    """A line through some points, with a head at its end."""
    way = " ".join(f"{x},{y}" for x, y in points)
    return (
        f'<polyline points="{way}" class="line" fill="none" stroke-width="2" '
        'marker-end="url(#head)"/>'
    )


def label(x: int, y: int, *lines: str, anchor: str = "start") -> Iterator[str]:
    """Words beside an arrow."""
    for index, line in enumerate(lines):
        yield (
            f'<text x="{x}" y="{y + LINE * index}" class="word" text-anchor="{anchor}">'
            f"{escape(line)}</text>"
        )


def picture(width: int, height: int, title: str, parts: list[str]) -> str:
    """A whole SVG."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" font-family="{FONT}" font-size="13">',
            f"<title>{escape(title)}</title>",
            f"<style>.word{{fill:{ON_LIGHT}}}.line{{stroke:{ON_LIGHT}}}"
            f"@media(prefers-color-scheme:dark){{.word{{fill:{ON_DARK}}}.line{{stroke:{ON_DARK}}}}}"
            "</style>",
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" class="word"/></marker>'
            "</defs>",
            *parts,
            "</svg>",
            "",
        ]
    )


def lifecycle() -> str:
    """The states of a client."""
    made = Box(250, 10, 150, 44, SLATE, ("made",))
    connecting = Box(250, 124, 150, 44, BLUE, ("connecting",))
    connected = Box(250, 238, 150, 44, GREEN, ("connected",))
    reconnecting = Box(250, 352, 150, 44, AMBER, ("reconnecting",))
    ended = Box(250, 466, 150, 44, RED, ("ended",))
    closed = Box(20, 238, 130, 44, SLATE, ("closed",))
    parts = [
        *(p for box in (made, connecting, connected, reconnecting, ended) for p in box.draw()),
        *closed.draw(),
        arrow((325, 54), (325, 123)),
        *label(340, 84, "connect(), or the first", "run(), poll(), events(), wait_for()"),
        arrow((325, 168), (325, 237)),
        *label(340, 198, "the server has acknowledged", "every chat: Connected"),
        arrow((295, 282), (295, 351)),
        *label(283, 312, "a socket is lost:", "Disconnected", anchor="end"),
        arrow((365, 352), (365, 283)),
        *label(380, 312, "received again:", "Reconnected, for each channel"),
        arrow((325, 396), (325, 465)),
        *label(340, 426, "turned down for good:", "run() raises"),
        arrow((400, 146), (620, 146), (620, 32), (401, 32)),
        *label(412, 136, "no such channel, blocked,"),
        *label(412, 165, "out of time: connect() raises"),
        arrow((249, 260), (151, 260)),
        *label(85, 214, "close(), in any state", anchor="middle"),
        *label(85, 305, "final", anchor="middle"),
    ]
    return picture(640, 524, "The states of a client", parts)


def threads() -> str:
    """Which thread does what."""
    sockets = Box(20, 46, 255, 112, BLUE, (
        "one per socket", "opens, subscribes, answers pings,", "reads, decodes, comes back",
        "16 channels share one",
    ))  # fmt: skip
    requests = Box(20, 196, 255, 84, BLUE, (
        "one for requests", "lookups, tokens, missed messages,", "viewers",
    ))  # fmt: skip
    inbox = Box(335, 96, 90, 132, SLATE, ("inbox", "bounded,", "counts what", "it drops"))
    yours = Box(485, 46, 215, 112, GREEN, (
        "run(), poll(),", "events(), wait_for()", "fire your listeners,", "here and nowhere else",
    ))  # fmt: skip
    anywhere = Box(485, 186, 215, 104, SLATE, (
        "from any thread", "close(), on(), off(), stats,", "add_channel(),", "remove_channel()",
    ))  # fmt: skip
    parts = [
        *label(147, 28, "background threads, kick-live-...", anchor="middle"),
        *label(592, 28, "your thread", anchor="middle"),
        *(p for box in (sockets, requests, inbox, yours, anywhere) for p in box.draw()),
        arrow((275, 130), (334, 130)),
        arrow((275, 212), (334, 212)),
        *label(304, 116, "batches", anchor="middle"),
        arrow((425, 130), (484, 130)),
    ]
    return picture(720, 296, "Which thread does what", parts)


DIAGRAMS = {"lifecycle.svg": lifecycle, "threads.svg": threads}


def main() -> None:
    """Write all of them."""
    for name, draw in DIAGRAMS.items():
        (HERE / name).write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
