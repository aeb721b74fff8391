"""Prepares text for full-text search, and what is searched for."""

from __future__ import annotations

import re
from typing import Final

from kick_live.models.content import Emote, parse_content

__all__ = ["fold", "query"]

#: Scripts written without spaces, where every character counts as a word, and pictures.
_SINGLE: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0002fa1f])"
)
_PIECE: Final = re.compile(r'"([^"]*)"?|(\S+)')
_WORD: Final = re.compile(r"[^\W_]")


def fold(content: str) -> str:
    """A message's text as it is indexed: emotes by their names, characters without spaces apart.

    Example:
        >>> fold("gg[emote:39001:WaveHi]今日")
        'gg WaveHi  今  日 '
    """
    if "[emote:" in content:
        parts = parse_content(content)
        content = "".join(f" {p.name} " if isinstance(p, Emote) else p.text for p in parts)
    return content if content.isascii() else _SINGLE.sub(r" \1 ", content)


def query(text: str) -> str:
    """What is searched for, in SQLite's language; empty where there is no word in it.

    Every word must occur; words in quotes stand together; a star ends the beginning of a word.

    Example:
        >>> query('"one more" rou*')
        '"one more" AND "rou"*'
    """
    terms = []
    for match in _PIECE.finditer(text):
        phrase, word = match[1], match[2]
        piece = phrase if phrase is not None else word
        star = phrase is None and piece.endswith("*")
        folded = fold(piece.rstrip("*") if star else piece).replace('"', " ").strip()
        if _WORD.search(folded) or _SINGLE.search(folded):
            terms.append(f'"{folded}"' + ("*" if star else ""))
    return " AND ".join(terms)
