"""A user as one channel sees them, and the emotes that can be used there."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kick_live.models.pictures import emote_picture
from kick_live.models.time import Time
from kick_live.models.user import Badge

__all__ = ["ChannelUser", "EmoteSet", "ListedEmote"]


@frozen(kw_only=True)
class ChannelUser:
    """A user, as one channel sees them.

    Attributes:
        id: The user id.
        username: The name as displayed.
        slug: The name in addresses.
        profile_picture: The picture.
        is_staff: Whether the user works at Kick.
        is_channel_owner: Whether this is the streamer.
        is_moderator: Whether the user moderates this channel.
        badges: The badges worn here.
        following_since: Since when the user follows; ``None`` for nobody's follower.
        subscribed_for: Months subscribed.
        is_banned: Whether the user is banned here, or timed out.
    """

    id: int
    username: str
    slug: str | None = None
    profile_picture: str | None = None
    is_staff: bool = False
    is_channel_owner: bool = False
    is_moderator: bool = False
    badges: tuple[Badge, ...] = ()
    following_since: Time | None = None
    subscribed_for: int | None = None
    is_banned: bool = False

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Rename the picture, and reduce the ban, whose form is not known, to a yes or no."""
        return {
            **payload,
            "profile_picture": payload.get("profile_pic"),
            "is_banned": bool(payload.get("banned")),
        }


@frozen(kw_only=True)
class ListedEmote:
    """An emote that can be used in a channel.

    Attributes:
        id: Kick's id, digits as text, as in a message's tokens.
        name: The name, as in a message's tokens.
        subscribers_only: Whether only subscribers may use it.
    """

    id: str
    name: str
    subscribers_only: bool = False

    @property
    def url(self) -> str:
        """The address of the picture on Kick's CDN."""
        return emote_picture(self.id)


@frozen(kw_only=True)
class EmoteSet:
    """Emotes that belong together.

    Attributes:
        id: The channel's id as text, ``Global`` or ``Emoji``.
        name: As displayed; the channel's slug for a channel's own set.
        user_id: The streamer's user id; ``None`` for the site's own sets.
        emotes: The emotes.
    """

    id: str
    name: str | None = None
    user_id: int | None = None
    emotes: tuple[ListedEmote, ...] = ()

    @property
    def is_global(self) -> bool:
        """Whether the set can be used in every channel."""
        return self.id in ("Global", "Emoji")

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Write the ids, which are numbers here, as text."""
        emotes = payload.get("emotes")
        emotes = emotes if isinstance(emotes, list) else []
        name = payload.get("name")
        return {
            **payload,
            "id": _text(payload.get("id")),
            "name": payload.get("slug") if name is None else name,
            "emotes": [
                {**emote, "id": _text(emote.get("id"))}
                for emote in emotes
                if isinstance(emote, dict)
            ],
        }


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value
