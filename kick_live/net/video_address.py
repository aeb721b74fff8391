"""From the address of a video to its id."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from kick_live.errors import InvalidChannel

__all__ = ["parse_video"]

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PATHS: Final = (re.compile(r"/video/([^/]+)/?"), re.compile(r"/[^/]+/videos/([^/]+)/?"))
_HOSTS: Final = ("kick.com", "www.kick.com", "m.kick.com")


def parse_video(value: str) -> str:
    """Understand what a user calls a video.

    Args:
        value: Its UUID, ``kick.com/video/UUID``, or ``kick.com/NAME/videos/UUID``.

    Returns:
        The UUID in lower case, safe to be put into a path.

    Raises:
        InvalidChannel: It names no video; the message says what does.

    Example:
        >>> parse_video("https://kick.com/amber-quokka/videos/1F0A6CE0-23F2-4C71-9B1D-5E0C2B7A9D34")
        '1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34'
    """
    found = _uuid(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise InvalidChannel(
            f"{value!r} names no video. Give the address of its page, such as "
            "https://kick.com/name/videos/1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34, or the UUID at its "
            "end.",
            value=value,
        )
    return found


def _uuid(text: str) -> str | None:
    if _UUID.fullmatch(text):
        return text
    try:
        parts = urlsplit(text if "://" in text else "https://" + text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or host not in _HOSTS:
        return None
    for path in _PATHS:
        match = path.fullmatch(parts.path)
        if match and _UUID.fullmatch(match[1]):
            return match[1]
    return None
