"""From what a user calls a channel to its ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from attrs import evolve, frozen

from kick_live.errors import APIError, InvalidChannel, NotFound
from kick_live.models.channel import Channel, ChannelInfo, ChannelRef
from kick_live.words import public_address

if TYPE_CHECKING:
    from kick_live.net.api import KickAPI
    from kick_live.net.id_cache import IdCache

__all__ = ["NAME_A_CHANNEL", "Resolution", "Resolver", "Source", "parse_channel", "slug_candidates"]

Source: TypeAlias = Literal["given", "remembered", "looked up"]

_SLUG: Final = re.compile(r"[a-z0-9_-]{1,64}")
_SITE_HOSTS: Final = ("kick.com", "www.kick.com", "m.kick.com", "player.kick.com")
#: Pages of the site whose addresses look like a channel's.
_NOT_CHANNELS: Final = frozenset(
    ("api", "browse", "categories", "category", "clips", "following", "search", "video", "videos")
)
#: What to do, for those who write programs.
NAME_A_CHANNEL: Final = (
    "Give a name, an address like https://kick.com/name, or "
    "ChannelRef(slug=..., channel_id=..., chatroom_id=...)."
)


def parse_channel(value: str | ChannelRef | Channel) -> ChannelRef:
    """Understand what a user calls a channel.

    Args:
        value: A name, ``@name``, an address on the site, a ``ChannelRef`` or a ``Channel``.

    Returns:
        A reference whose slug, if there is one, is in lower case and safe to be put into a path.
        What stands for the slug of a channel that was given by its ids alone is left out.

    Raises:
        InvalidChannel: It names no channel; the message says why.

    Example:
        >>> parse_channel("https://kick.com/Amber-Quokka/chatroom").slug
        'amber-quokka'
    """
    if isinstance(value, Channel):
        # A server named it: what cannot be a slug must not get into a path; the ids serve as well.
        slug = value.slug.lower()
        safe = slug if _SLUG.fullmatch(slug) else None
        return _checked(ChannelRef(safe, value.channel_id, value.chatroom_id))
    if isinstance(value, ChannelRef):
        return _checked(value)
    if not isinstance(value, str):
        raise InvalidChannel(
            f"{value!r} names no channel: it is not text. {NAME_A_CHANNEL}", value=value
        )
    return ChannelRef(slug=_slug(value))


def slug_candidates(slug: str) -> tuple[str, ...]:
    """The slugs to try for a name: as it is, then with dashes for underscores.

    Most slugs have the dash, but old ones keep the underscore (seen September 2026).

    Example:
        >>> slug_candidates("amber_quokka")
        ('amber_quokka', 'amber-quokka')
    """
    slug = slug.lower()
    return tuple(dict.fromkeys((slug, slug.replace("_", "-"))))


@frozen(kw_only=True)
class Resolution:
    """A channel, and how it was found.

    Attributes:
        channel: The channel with its ids.
        source: ``"given"``: both ids were given; ``"remembered"``: known from an earlier lookup;
            ``"looked up"``: asked for now.
        info: What the site said, where it was asked.
    """

    channel: Channel
    source: Source
    info: ChannelInfo | None = None


class Resolver:
    """Finds the ids of channels, with as few requests as possible.

    May be used by several threads.

    Args:
        api: Sends the requests.
        cache: Remembers ids; without it nothing is remembered.
    """

    def __init__(self, api: KickAPI, cache: IdCache | None = None) -> None:
        self._api = api
        self._cache = cache

    def resolve(self, value: str | ChannelRef | Channel) -> Resolution:
        """Find a channel's ids.

        Blocks for as long as the requests take; makes none where both ids are given, or are
        remembered. Where the site refuses or fails, ids that were remembered long ago still serve.

        Args:
            value: As in ``parse_channel``.

        Raises:
            InvalidChannel: The value names no channel, or its ids are not those of its name.
            NotFound: No such channel, or a banned one; ``tried`` has the slugs.
            Blocked: The site refused, and nothing is remembered; the message names ways out.
            APIError: The request failed otherwise.
            ClientClosed: The API was closed.
        """
        ref = parse_channel(value)
        if ref.channel_id is not None and ref.chatroom_id is not None:
            slug = ref.slug or _made_up_slug(ref.channel_id)
            channel = Channel(slug=slug, channel_id=ref.channel_id, chatroom_id=ref.chatroom_id)
            return Resolution(channel=channel, source="given")
        name = ref.slug or str(ref.channel_id)
        # A name may be all digits, too, but has no colon.
        key = ref.slug or f"id:{ref.channel_id}"
        # Without a password, for it is written to the disk.
        site = public_address(self._api.endpoints.site)
        remembered = None if self._cache is None else self._cache.get(site, key)
        if remembered is not None and not _fits(ref, remembered.channel):
            remembered = None
        if remembered is not None and not remembered.is_stale:
            return Resolution(channel=remembered.channel, source="remembered")
        try:
            info = self._look_up(name, ref)
        except NotFound:
            if self._cache is not None:
                self._cache.forget(site, key)
            raise
        except APIError:
            if remembered is None:
                raise
            return Resolution(channel=remembered.channel, source="remembered")
        if self._cache is not None:
            self._cache.put(site, key, info.channel)
        return Resolution(channel=info.channel, source="looked up", info=info)

    def _look_up(self, name: str, ref: ChannelRef) -> ChannelInfo:
        tried: list[str] = []
        failure: NotFound | None = None
        for slug in slug_candidates(name):
            tried.append(slug)
            try:
                info = self._api.channel(slug)
            except NotFound as error:
                failure = error
                continue
            if info.is_banned:
                raise NotFound(
                    f"The channel {slug} is banned from Kick, so it has no chat to read.",
                    tried=tried,
                    url=f"{public_address(self._api.endpoints.site)}/{slug}",
                )
            if not _fits(ref, info.channel):
                raise InvalidChannel(
                    f"The ids given are not those of {slug}: Kick says channel id "
                    f"{info.channel_id} and chatroom id {info.chatroom_id}. The two may have been "
                    "confused with each other, or with the user id.",
                    value=ref,
                )
            return info
        assert failure is not None
        banned = "" if "banned" not in str(failure) else " It may be banned from Kick."
        raise NotFound(
            f"Kick knows no channel {name!r} (tried: {', '.join(tried)}).{banned} Names differ "
            "from displayed names: look at the address of the channel's page.",
            tried=tried,
            url=failure.url,
            status=failure.status,
        ) from failure


def _fits(ref: ChannelRef, channel: Channel) -> bool:
    return ref.channel_id in (None, channel.channel_id) and ref.chatroom_id in (
        None,
        channel.chatroom_id,
    )


def _checked(ref: ChannelRef) -> ChannelRef:
    for name, number in (("channel_id", ref.channel_id), ("chatroom_id", ref.chatroom_id)):
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, int) or number <= 0:
            raise InvalidChannel(f"{name} must be a positive int, not {number!r}.", value=ref)
    if ref.slug is not None:
        slug = _slug(ref.slug)
        is_made_up = ref.channel_id is not None and slug == _made_up_slug(ref.channel_id)
        return evolve(ref, slug=None if is_made_up else slug)
    if ref.channel_id is None:
        what = (
            "nothing" if ref.chatroom_id is None else "a chatroom id alone, which names no channel"
        )
        raise InvalidChannel(f"ChannelRef holds {what}. {NAME_A_CHANNEL}", value=ref)
    return ref


def _made_up_slug(channel_id: int) -> str:
    """What stands for a name that is not known; it may be the name of another channel."""
    return f"channel-{channel_id}"


def _slug(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidChannel(
            f"{value!r} names no channel: it is not text. {NAME_A_CHANNEL}", value=value
        )
    text = value.strip()
    slug = (_from_address(text, value) if _is_address(text) else text).removeprefix("@").lower()
    if not slug:
        raise InvalidChannel(
            f"{value!r} names no channel: it is empty. {NAME_A_CHANNEL}", value=value
        )
    if not _SLUG.fullmatch(slug):
        raise InvalidChannel(
            f"{value!r} names no channel: a name has only letters from a to z, digits, _ and -, "
            f"64 at most. {NAME_A_CHANNEL}",
            value=value,
        )
    return slug


def _is_address(text: str) -> bool:
    return "/" in text or text.partition("?")[0].lower() in _SITE_HOSTS


def _from_address(text: str, value: object) -> str:
    try:
        parts = urlsplit(text if "://" in text else "https://" + text.removeprefix("//"))
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise InvalidChannel(
            f"{value!r} is a malformed address. {NAME_A_CHANNEL}", value=value
        ) from None
    if parts.scheme not in ("http", "https") or host not in _SITE_HOSTS:
        raise InvalidChannel(
            f"{value!r} is not an address at kick.com. {NAME_A_CHANNEL}", value=value
        )
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if len(steps) > 1 and steps[0].lower() == "popout":
        del steps[0]
    if not steps or steps[0].lower() in _NOT_CHANNELS:
        raise InvalidChannel(
            f"{value!r} is an address at kick.com, but not a channel's. {NAME_A_CHANNEL}",
            value=value,
        )
    return steps[0]
