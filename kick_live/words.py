"""Makes words and addresses fit for errors and logs: nothing secret, no controls."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["holds_password", "how_to_install", "public_address", "public_host", "server_words"]

_LONGEST: Final = 200
#: Everything that ends a line or that a terminal may obey, invisible overrides, lone surrogates.
_CONTROLS: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+"
)
#: Name and password at the beginning of an address.
_USER: Final = re.compile(r"(?:(?<=//)|^)[^/?#\s]*@")
_PASSWORD: Final = re.compile(r"[^/?#\s:]*:[^/?#\s]*@")
_USUAL_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
#: A JSON Web Token, which a server may quote when it refuses it.
_JWT: Final = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){1,2}")


def server_words(value: Any) -> str:
    r"""What a server said, for people to read.

    Anything but text becomes empty: parts of frames may be nested too deeply even to be printed.

    Args:
        value: The reason, message or error as received.

    Example:
        >>> server_words("bye\r\nERROR \x1b[2J forged line"), server_words(None)
        ('bye ERROR [2J forged line', '')
    """
    if not isinstance(value, str):
        return ""
    # Cut first, so that a long text costs no time; a token cut in the middle is still recognised.
    start = value[: 2 * _LONGEST]
    words = _JWT.sub("<token>", _CONTROLS.sub(" ", start))
    return " ".join(words.split())[:_LONGEST]


def how_to_install(extra: str) -> str:
    """The command that installs an extra, for the end of a sentence.

    Args:
        extra: Its name.

    Example:
        >>> print(how_to_install("export"))
        pip install "kick-live[export]" (in a checkout: pip install ".[export]")
    """
    return f'pip install "kick-live[{extra}]" (in a checkout: pip install ".[{extra}]")'


def public_address(url: str) -> str:
    """An address without the name and the password that it may begin with.

    Args:
        url: An address, well-formed or not.

    Example:
        >>> public_address("https://marmot:secret@staging.example:8443/api")
        'https://staging.example:8443/api'
    """
    return _USER.sub("", url, count=1)


def public_host(url: str) -> str:
    """The host of an address, with its port where that is not the usual one.

    Args:
        url: A well-formed address.

    Example:
        >>> public_host("https://marmot:secret@kick.com/x"), public_host("ws://127.0.0.1:9/x")
        ('kick.com', '127.0.0.1:9')
    """
    parts = urlsplit(url)
    host = parts.hostname or public_address(url)
    if ":" in host and parts.hostname:
        host = f"[{host}]"
    usual = parts.port in (None, _USUAL_PORTS.get(parts.scheme))
    return host if usual else f"{host}:{parts.port}"


def holds_password(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, quotes an address with a password."""
    seen = 0
    while error is not None and seen < 20:
        if _PASSWORD.search(str(error)) or _PASSWORD.search(repr(error)):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False
