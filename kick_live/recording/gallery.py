"""The pictures of one page: how an emote or a badge stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, Protocol
from urllib.parse import urlsplit

from kick_live.models.content import Emote
from kick_live.models.pictures import badge_label, badge_picture
from kick_live.models.user import BadgeV2
from kick_live.recording.pictures import NOT_KICKS, Pictures
from kick_live.safe import neutralise
from kick_live.words import public_address

__all__ = ["Gallery", "gallery"]

#: So many different pictures are told apart; with more, the rarer ones cannot be found any more.
_MOST_KNOWN: Final = 10_000
#: No picture is wider than so many times its height.
_WIDEST: Final = 4.0
#: A picture takes the place of its name, which stays to be copied, searched and read out.
_SHOWN: Final = (
    "{height:var(--x);margin:var(--m);padding:0;border:0;border-radius:0;background-color:transparent;"
    "background-position:center;background-size:contain;background-repeat:no-repeat;font-size:0;"
    "color:transparent;overflow:hidden;white-space:nowrap;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}\n"
)


class Gallery(Protocol):
    """Makes the HTML of pictures, and what the page needs for them."""

    #: From where the page may load pictures, as a Content-Security-Policy writes it.
    policy: str

    def emote(self, emote: Emote) -> str:
        """An emote as HTML."""

    def badge(self, badge: BadgeV2) -> str:
        """A badge of the newer kind as HTML."""

    def styles(self) -> Iterator[str]:
        """Rules of CSS, to be asked for when all emotes and badges are known."""


def gallery(pictures: Pictures) -> Gallery:
    """The gallery for a page."""
    if pictures.mode == "embed":
        return _Embedded(pictures)
    return _Linked(pictures) if pictures.mode == "link" else _Named()


class _Named:
    """Names, and nothing to load."""

    policy = "'none'"

    def emote(self, emote: Emote) -> str:
        return _chip(f":{emote.name}:", emote.name)

    def badge(self, badge: BadgeV2) -> str:
        label = badge_label(badge)
        return _chip(label, label)

    def styles(self) -> Iterator[str]:
        return iter(())


class _Pictured(_Named):
    """What both kinds of pictures share: badges from elsewhere are named, and counted once each."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._elsewhere: set[str | None] = set()

    def _address(self, badge: BadgeV2) -> str | None:
        address = badge_picture(badge)
        if address is None and badge.image_url not in self._elsewhere:
            if len(self._elsewhere) < _MOST_KNOWN:
                self._elsewhere.add(badge.image_url)
            self._pictures.missing[NOT_KICKS] += 1
        return address


class _Linked(_Pictured):
    """Pictures that the reader's browser loads from the servers of pictures, and from no other."""

    def __init__(self, pictures: Pictures) -> None:
        super().__init__(pictures)
        servers = (pictures.endpoints.emotes, pictures.endpoints.badges)
        self.policy = escape(" ".join(dict.fromkeys(map(_origin, servers))))

    def emote(self, emote: Emote) -> str:
        return self._image(emote.url, f":{emote.name}:", emote.name)

    def badge(self, badge: BadgeV2) -> str:
        address, label = self._address(badge), badge_label(badge)
        if address is None:
            return _chip(label, label)
        return self._image(address, label, label)

    def _image(self, url: str, text: str, title: str) -> str:
        address = escape(public_address(self._pictures.endpoints.picture(url)))
        words = f'alt="{_safe(text)}" title="{_safe(title)}"'
        return f'<img class="x" src="{address}" {words} loading="lazy">'


class _Embedded(_Pictured):
    """Pictures inside the page, each once, used by the name of a class."""

    policy = "data:"

    def __init__(self, pictures: Pictures) -> None:
        super().__init__(pictures)
        #: Number and uses, by address.
        self._known: dict[str, list[int]] = {}

    def emote(self, emote: Emote) -> str:
        return _chip(f":{emote.name}:", emote.name, self._number(emote.url))

    def badge(self, badge: BadgeV2) -> str:
        address, label = self._address(badge), badge_label(badge)
        if address is None:
            return _chip(label, label)
        return _chip(label, label, self._number(address))

    def _number(self, url: str) -> int | None:
        known = self._known.get(url)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._pictures.missing[f"beyond the first {_MOST_KNOWN:,}"] += 1
                return None
            known = self._known[url] = [len(self._known), 0]
        known[1] += 1
        return known[0]

    def styles(self) -> Iterator[str]:
        names = []
        urls = sorted(self._known, key=lambda url: -self._known[url][1])
        for url, image in self._pictures.fetch(urls):
            name = f".p{self._known[url][0]}"
            names.append(name)
            ratio = min(image.width / image.height, _WIDEST)
            width = f"width:calc(var(--x)*{ratio:.3f})"
            yield f'{name}{{{width};background-image:url("{image.uri}")}}\n'
        if names:
            yield ",".join(names) + _SHOWN


def _chip(text: str, title: str, number: int | None = None) -> str:
    kind = "x" if number is None else f"x p{number}"
    return f'<span class="{kind}" title="{_safe(title)}">{_safe(text)}</span>'


def _safe(text: str) -> str:
    return escape(neutralise(text))


def _origin(url: str) -> str:
    parts = urlsplit(public_address(url))
    return f"{parts.scheme}://{parts.netloc}"
