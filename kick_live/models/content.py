"""What a chat message says: text and emotes, in order.

Kick writes an emote as ``[emote:<digits>:<name>]`` inside the text; tokens may touch each other and
the words around them (seen September 2026). Whatever does not match exactly stays text.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from attrs import frozen

from kick_live.models.pictures import emote_picture

__all__ = ["Emote", "Fragment", "Text", "parse_content", "plain_text", "readable_text"]

#: Bounded, because a long text of beginnings without an end would take minutes otherwise.
_EMOTE: Final = re.compile(r"\[emote:([0-9]{1,20}):([^\]]{1,100})\]")
_SPACES: Final = re.compile(r"\s{2,}")


@frozen
class Emote:
    """An emote in a message.

    Attributes:
        id: Kick's id, digits as text.
        name: The name between the colons.

    Example:
        >>> Emote("39001", "WaveHi").url
        'https://files.kick.com/emotes/39001/fullsize'
    """

    id: str
    name: str

    @property
    def url(self) -> str:
        """The address of the picture on Kick's CDN."""
        return emote_picture(self.id)

    def __str__(self) -> str:
        return f"[emote:{self.id}:{self.name}]"


@frozen
class Text:
    """A run of text between emotes."""

    text: str

    def __str__(self) -> str:
        return self.text


Fragment: TypeAlias = Text | Emote


def parse_content(content: str) -> tuple[Fragment, ...]:
    """Split a message's content into text and emotes.

    Joining the fragments' ``str()`` gives the content back.

    Example:
        >>> parse_content("gg [emote:39001:WaveHi]")
        (Text(text='gg '), Emote(id='39001', name='WaveHi'))
    """
    if "[emote:" not in content:
        return (Text(content),) if content else ()
    fragments: list[Fragment] = []
    end = 0
    for match in _EMOTE.finditer(content):
        if match.start() > end:
            fragments.append(Text(content[end : match.start()]))
        fragments.append(Emote(match[1], match[2]))
        end = match.end()
    if end < len(content):
        fragments.append(Text(content[end:]))
    return tuple(fragments)


def plain_text(content: str) -> str:
    """A message's content without its emotes; gaps that they leave are closed.

    Example:
        >>> plain_text("gg [emote:39001:WaveHi] all")
        'gg all'
    """
    if "[emote:" not in content:
        return content
    without = _EMOTE.sub("", content)
    return content if without == content else _SPACES.sub(" ", without).strip()


def readable_text(content: str) -> str:
    """A message's content as people read it: emotes by their names, between colons.

    A space goes between emotes that touch each other, so that their names can be told apart.

    Example:
        >>> readable_text("gg [emote:39001:WaveHi][emote:4100777:quokkaClap]!")
        'gg :WaveHi: :quokkaClap:!'
    """
    if "[emote:" not in content:
        return content
    pieces: list[str] = []
    for part in parse_content(content):
        if isinstance(part, Emote):
            apart = " " if pieces and pieces[-1].endswith(":") else ""
            pieces.append(f"{apart}:{part.name}:")
        else:
            pieces.append(part.text)
    return "".join(pieces)
