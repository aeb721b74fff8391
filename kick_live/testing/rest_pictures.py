"""The routes of the servers of pictures, ``https://files.kick.com`` and ``https://ext.cdn.kick.com``."""

from __future__ import annotations

import re
from typing import Final

from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from kick_live.testing.drawing import badge_png, emote_png

__all__ = ["picture_rules"]

_LEVEL: Final = re.compile(r"([0-9]{1,9})(?:[._-][A-Za-z0-9._-]*)?")


def picture_rules() -> list[Rule]:
    """The routes, with what answers each."""
    return [
        Rule("/emotes/<number>/fullsize", endpoint=emote, methods=["GET"]),
        Rule("/chat/badges/<name>", endpoint=badge, methods=["GET"]),
    ]


def emote(request: Request, number: str) -> Response:
    """An emote: there is an invented one for every number."""
    if not number.isascii() or not number.isdecimal() or len(number) > 20:
        raise NotFound("There is no such emote.")
    return _picture(emote_png(int(number)))


def badge(request: Request, name: str) -> Response:
    """The badge of a level, as messages name it."""
    match = _LEVEL.fullmatch(name)
    if match is None:
        raise NotFound("There is no such badge.")
    return _picture(badge_png(int(match[1])))


def _picture(data: bytes) -> Response:
    return Response(data, 200, content_type="image/png")
