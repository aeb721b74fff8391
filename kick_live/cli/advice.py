"""The library's advice, in the words of the command line.

Messages of the library tell a program's author what to write. Each such piece is a constant there,
and has its counterpart here, so that nobody who types commands is told of arguments and classes.
"""

from __future__ import annotations

from typing import Final

from kick_live.net.answers import WAYS_OUT
from kick_live.net.http_session import NEEDS_IMPERSONATION, PASS_CERTIFICATES
from kick_live.net.resolver import NAME_A_CHANNEL
from kick_live.recording.reading import SKIP_DAMAGED
from kick_live.words import how_to_install

__all__ = ["spoken", "without_ways_out"]

_WAYS_OUT: Final = (
    "Ways out: (1) watch NAME --channel-id ID --chatroom-id ID, which needs no lookup: open the site "
    "in a browser and run fetch(`/api/v2/channels/NAME`).then(r=>r.json())"
    ".then(c=>console.log(c.id, c.chatroom.id)) in its console for the two numbers; "
    f"(2) --impersonate, after {how_to_install('impersonate')}; "
    "(3) another network, or a proxy (--proxy); "
    "(4) wait some minutes before the next try."
)
_SPOKEN: Final = (
    (WAYS_OUT, _WAYS_OUT),
    (NAME_A_CHANNEL, "Give a name, or an address like https://kick.com/name."),
    (SKIP_DAMAGED, "add --skip-damaged"),
    (NEEDS_IMPERSONATION, "--impersonate needs"),
    (
        PASS_CERTIFICATES,
        "name a file with its certificates in the variables REQUESTS_CA_BUNDLE and "
        "WEBSOCKET_CLIENT_CA_BUNDLE",
    ),
    # No constant: without the extra 'testing' its module cannot be imported.
    ("port=0 takes a free one", "another --port may be free, and without --port one is found"),
)


def spoken(error: BaseException) -> str:
    """An error's message, as somebody who types commands is to read it."""
    message = str(error)
    for theirs, ours in _SPOKEN:
        message = message.replace(theirs, ours)
    return message


def without_ways_out(error: BaseException) -> str:
    """The same without the ways out, where they are told separately."""
    return spoken(error).replace(_WAYS_OUT, "").rstrip()
