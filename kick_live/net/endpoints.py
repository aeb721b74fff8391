"""Where Kick's servers are; every address can be replaced."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen

from kick_live.models import pictures
from kick_live.words import public_address

__all__ = ["DEFAULT_PUSHER_KEY", "Endpoints", "check_endpoints"]

#: The site's public Pusher application key (in its bundle; seen again on 19 March 2026).
DEFAULT_PUSHER_KEY: Final = "32cbd69e4b950bf97679"

_DEFAULT_PUSHER: Final = f"wss://ws-us2.pusher.com/app/{DEFAULT_PUSHER_KEY}"


def check_endpoints(value: object) -> None:
    """Refuse what is not an ``Endpoints``; an address gets the advice to make one of it.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(value, Endpoints):
        return
    given = f"a {type(value).__name__}"
    advice = "."
    if isinstance(value, str):
        address = repr(public_address(value))
        given, advice = f"the text {address}", f": write Endpoints.at({address})."
    raise TypeError(f"endpoints must be an Endpoints, not {given}{advice}")


def _without_slash(value: str) -> str:
    # What is not text is left to the check, which knows the field's name.
    return value.rstrip("/") if isinstance(value, str) else value


def _check(_: object, attribute: Attribute[str], value: str) -> None:
    if not isinstance(value, str):
        raise TypeError(
            f"{attribute.name} must be an address as text, not a {type(value).__name__}."
        )
    schemes = ("ws", "wss") if attribute.name == "pusher" else ("http", "https")
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - raises where the port is not a number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(
            f"{public_address(value)!r} cannot be {attribute.name}: it must be an address with a host "
            f"that begins with {schemes[0]}:// or {schemes[1]}://."
        )


def _shown(value: str) -> str:
    return repr(public_address(value))


def _address(default: str) -> Any:
    """A field that keeps a password out of the repr."""
    return field(default=default, converter=_without_slash, validator=_check, repr=_shown)


@frozen
class Endpoints:
    """The base addresses of Kick's servers.

    Replace them to put a simulator, a proxy or a test server in Kick's place. The address of the
    Centrifugo server is not here: the negotiation at ``web`` names it.

    Args:
        site: Where channels, livestreams and viewers are looked up.
        web: Where history, negotiation and tokens are served.
        pusher: The Pusher application, without the query, which the client adds.
        emotes: Where the pictures of emotes are served.
        badges: Where the pictures of badges are served.

    Raises:
        TypeError: One is not text.
        ValueError: One is not an address, or has another scheme than https, http, wss or ws.

    Example:
        >>> Endpoints().site
        'https://kick.com'
        >>> Endpoints.at("http://127.0.0.1:8080").pusher
        'ws://127.0.0.1:8080/app/32cbd69e4b950bf97679'
    """

    site: str = _address("https://kick.com")
    web: str = _address("https://web.kick.com")
    pusher: str = _address(_DEFAULT_PUSHER)
    emotes: str = _address(pictures.EMOTES)
    badges: str = _address(pictures.BADGES)

    @classmethod
    def at(cls, base_url: str) -> Endpoints:
        """Point every address at one server.

        Args:
            base_url: ``http://host:port`` or ``https://host:port``; the WebSocket addresses use
                the same host and port, with TLS exactly if the base address has it.

        Returns:
            Endpoints whose Pusher application has the default key.

        Raises:
            TypeError: The address is not text.
            ValueError: The address has no host or is neither http nor https.
        """
        if not isinstance(base_url, str):
            raise TypeError(
                f"base_url must be text like http://127.0.0.1:8080, not a {type(base_url).__name__}."
            )
        scheme = base_url.partition("://")[0]
        schemes = {"http": "ws", "https": "wss"}
        if scheme not in schemes or scheme == base_url:
            raise ValueError(
                f"{public_address(base_url)!r} is not the address of a server: give one like "
                "http://127.0.0.1:8080"
            )
        base = _without_slash(base_url)
        socket = schemes[scheme] + base[len(scheme) :]
        return cls(
            site=base,
            web=base,
            pusher=f"{socket}/app/{DEFAULT_PUSHER_KEY}",
            emotes=base,
            badges=base,
        )

    def picture(self, url: str) -> str:
        """Where a picture is that Kick has at an address of its own.

        Args:
            url: The address of an emote, or what ``badge_picture`` gave for a badge.

        Returns:
            The same path at ``emotes`` or ``badges``.

        Raises:
            ValueError: It is no address of Kick's pictures.

        Example:
            >>> server = Endpoints.at("http://127.0.0.1:8080")
            >>> server.picture("https://files.kick.com/emotes/39001/fullsize")
            'http://127.0.0.1:8080/emotes/39001/fullsize'
        """
        for kicks, ours in ((pictures.EMOTES, self.emotes), (pictures.BADGES, self.badges)):
            if url.startswith(kicks + "/"):
                return ours + url[len(kicks) :]
        raise ValueError(f"{public_address(url)!r} is no address of a picture of Kick's.")

    @property
    def has_default_pusher(self) -> bool:
        """Whether ``pusher`` is Kick's own address, so that a negotiated cluster may replace it."""
        return self.pusher == _DEFAULT_PUSHER
