"""Prepares text for full-text search, and what is searched for."""

from __future__ import annotations

import re
from typing import Final

from kick_live.models.content import Emote, parse_content

__all__ = ["expression", "fold", "marks", "query"]

#: Scripts written without spaces, where every character counts as a word, and pictures.
_SINGLE: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0002fa1f])"
)
_PIECE: Final = re.compile(r'"([^"]*)"?|(\S+)')
_WORD: Final = re.compile(r"[^\W_]")
#: What cannot stand between quotes in SQLite's language.
_QUOTED: Final = re.compile('["\0]')
#: Signs that are no part of words, in a row.
_SIGNS: Final = re.compile(
    r"[!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u3001-\u303f\uff01-\uff0f\uff1a-\uff20]+"
)
#: Rows of signs are told apart by so many of them.
_LONGEST: Final = 8
#: The index takes characters for private use as parts of words, and signs as nothing.
_PRIVATE: Final = 0xE000


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


def marks(content: str) -> str:
    """The signs in a message as they are indexed: what begins at each of them, as private characters.

    So what is searched for is the beginning of one of them. Those of emotes are left out.

    Example:
        >>> [word.encode("unicode-escape") for word in marks("what?! (no)").split()]
        [b'\\\\ue021', b'\\\\ue028', b'\\\\ue029', b'\\\\ue03f\\\\ue021']
    """
    rows = set(_SIGNS.findall(fold(content)))
    if not rows:
        return ""
    ends = sorted({row[at : at + _LONGEST] for row in rows for at in range(len(row))})
    # One that begins another would find nothing more.
    wanted = [
        end for end, after in zip(ends, [*ends[1:], ""], strict=True) if not after.startswith(end)
    ]
    return " ".join(map(_private, wanted))


def query(text: str, *, beginnings: bool = True) -> str:
    """The words that are searched for, in SQLite's language; empty where there is no word in it.

    Every word must occur; words in quotes stand together; a star ends the beginning of a word.

    Args:
        text: What somebody wrote to be found.
        beginnings: Whether beginnings of words count, too.

    Example:
        >>> query('"one more" rou*')
        '"one more" AND "rou"*'
        >>> query('"one more" rou*', beginnings=False)
        '"one more"'
    """
    terms = []
    for match in _PIECE.finditer(text):
        phrase, word = match[1], match[2]
        piece = phrase if phrase is not None else word
        star = phrase is None and piece.endswith("*")
        folded = _QUOTED.sub(" ", fold(piece.rstrip("*") if star else piece)).strip()
        if (beginnings or not star) and (_WORD.search(folded) or _SINGLE.search(folded)):
            terms.append(f'"{folded}"' + ("*" if star else ""))
    return " AND ".join(terms)


def expression(text: str) -> tuple[str, str]:
    """What the index is asked for, and what it cannot know of it.

    Returns:
        The question in SQLite's language, empty where the index knows nothing of such a text; and
        what has to stand in the message literally, or nothing.

    Example:
        >>> expression("left path")
        ('text : ("left" AND "path")', '')
    """
    words = query(text)
    if words:
        return f"text : ({words})", ""
    pieces = text.split()
    if not all(_SIGNS.fullmatch(piece) for piece in pieces):
        return "", text.strip()
    signs = " AND ".join(f'"{_private(piece[:_LONGEST])}"*' for piece in pieces)
    return (f"marks : ({signs})" if signs else ""), text.strip()


def _private(signs: str) -> str:
    return "".join(chr(_PRIVATE + ord(sign) % 0x1000) for sign in signs)
