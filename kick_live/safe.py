"""Makes text by strangers harmless for a terminal."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["neutralise"]

_SPACES: Final = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
#: C0 with escape, delete, C1 (which some terminals obey like escape sequences), lone surrogates.
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: Invisible characters: overrides and isolates that turn a line around, zero-width spaces, tags.
#: The two joiners stay, since emoji and some scripts need them.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
#: No script needs more marks on one letter; piles of them are written over the neighbouring lines.
_PILED_MARKS: Final = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def neutralise(text: str) -> str:
    r"""Make text safe to print: one line, no control or escape sequences, nothing invisible.

    Line breaks and tabs become a space, other control characters a visible replacement.

    Example:
        >>> neutralise("one\ntwo \x1b[2Jthree")
        'one two \ufffd[2Jthree'
    """
    if text.isascii() and text.isprintable():
        return text
    text = _SPACES.sub(" ", text)
    text = _CONTROLS.sub("\ufffd", text)
    text = _INVISIBLE.sub("", text)
    return _PILED_MARKS.sub(r"\1", text)
