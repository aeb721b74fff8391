"""Reads the certificates that are trusted in place of the system's."""

from __future__ import annotations

import os
import ssl

from kick_live.words import server_words

__all__ = ["trust", "unreadable"]


def trust(context: ssl.SSLContext, bundle: str) -> None:
    """Trust what a file in PEM format holds, or a directory in OpenSSL's order.

    Raises:
        OSError: It cannot be read; ``ssl.SSLError`` is one.
    """
    if os.path.isdir(bundle):
        context.load_verify_locations(capath=bundle)
    else:
        context.load_verify_locations(cafile=bundle)


def unreadable(bundle: str) -> str | None:
    """Why a file or directory of certificates cannot be read, or ``None`` if it can."""
    try:
        trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), bundle)
    except OSError as error:
        return server_words(str(error)) or type(error).__name__
    return None
