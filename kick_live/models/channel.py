"""A streamer's channel, and the ways to name one."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from kick_live.models.livestream import Livestream

__all__ = ["Channel", "ChannelInfo", "ChannelRef", "SubscriberBadge"]


@frozen
class ChannelRef:
    """Names a channel by what the caller knows of it.

    With both ids no lookup is made, so Kick's protection cannot be in the way. Without a slug the
    ids serve as the channel's name.

    Args:
        slug: The name in the channel's address.
        channel_id: The channel's id.
        chatroom_id: The chatroom's id; often another number than the channel's.

    Example:
        >>> ChannelRef(slug="amber-quokka", channel_id=7733190, chatroom_id=7712045).is_complete
        True
    """

    slug: str | None = None
    channel_id: int | None = None
    chatroom_id: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether both ids are known, so that nothing has to be looked up."""
        return self.channel_id is not None and self.chatroom_id is not None


@frozen(kw_only=True)
class Channel:
    """A streamer's channel.

    Four different numbers belong to a streamer; never take one for another: the channel id, the
    chatroom id, the user id, and the livestream id of the current broadcast.

    Attributes:
        slug: The name in the channel's address; made of the channel id where no name was given, and
            then never asked for.
        channel_id: The channel's id.
        chatroom_id: The chatroom's id.
        user_id: The streamer's user id, or ``None`` where it was not looked up.
        username: The streamer's name as displayed, or ``None`` where it was not looked up.
    """

    slug: str
    channel_id: int
    chatroom_id: int
    user_id: int | None = field(default=None, eq=False)
    username: str | None = field(default=None, eq=False)


@frozen(kw_only=True)
class SubscriberBadge:
    """A picture that a channel gives its subscribers.

    Attributes:
        months: From how many months on it is worn.
        image_url: The picture.
        id: Kick's id.
    """

    months: int
    image_url: str | None = None
    id: int | None = None


@frozen(kw_only=True)
class ChannelInfo:
    """What the site says about a channel (its form of September 2026).

    Attributes:
        channel: The channel with its ids.
        is_banned: Whether Kick has banned the streamer.
        verified: Whether the channel is verified.
        followers_count: Followers; ``None`` where Kick did not say.
        profile_picture: The streamer's picture.
        bio: What the streamer says about the channel.
        livestream: The running broadcast, or ``None`` while offline.
        subscriber_badges: Pictures of the subscribers' badges, by rising months.
        playback_url: The video, an HLS playlist.
        chat_mode: ``public``, or a restriction.
    """

    channel: Channel
    is_banned: bool = False
    verified: bool = False
    followers_count: int | None = None
    profile_picture: str | None = None
    bio: str | None = None
    livestream: Livestream | None = None
    subscriber_badges: tuple[SubscriberBadge, ...] = ()
    playback_url: str | None = None
    chat_mode: str | None = None

    @property
    def slug(self) -> str:
        """The name in the channel's address."""
        return self.channel.slug

    @property
    def channel_id(self) -> int:
        """The channel's id."""
        return self.channel.channel_id

    @property
    def chatroom_id(self) -> int:
        """The chatroom's id."""
        return self.channel.chatroom_id

    @property
    def user_id(self) -> int | None:
        """The streamer's user id."""
        return self.channel.user_id

    @property
    def username(self) -> str | None:
        """The streamer's name as displayed."""
        return self.channel.username

    @property
    def is_live(self) -> bool:
        """Whether a broadcast is running."""
        return self.livestream is not None

    def badge_for(self, months: int) -> SubscriberBadge | None:
        """The picture that a subscriber of so many months wears, or ``None``.

        Args:
            months: As in the ``count`` of a subscriber's badge.
        """
        worn = None
        for badge in self.subscriber_badges:
            if badge.months <= months:
                worn = badge
        return worn

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Gather the ids, which Kick spreads over the channel, its chatroom and its user."""
        user = payload.get("user")
        user = user if isinstance(user, dict) else {}
        chatroom = payload.get("chatroom")
        chatroom = chatroom if isinstance(chatroom, dict) else {}
        badges = payload.get("subscriber_badges")
        badges = [_badge(item) for item in badges] if isinstance(badges, list) else []
        livestream: Any = payload.get("livestream")
        running = isinstance(livestream, dict) and livestream.get("is_live") is not False
        return {
            **payload,
            "channel": {
                "slug": payload.get("slug"),
                "channel_id": payload.get("id"),
                "chatroom_id": chatroom.get("id"),
                "user_id": payload.get("user_id", user.get("id")),
                "username": user.get("username"),
            },
            "profile_picture": user.get("profile_pic"),
            "bio": user.get("bio"),
            "livestream": Livestream.reshape(livestream) if running else None,
            "subscriber_badges": sorted(badges, key=lambda badge: badge["months"]),
            "chat_mode": chatroom.get("chat_mode"),
        }


def _badge(item: Any) -> dict[str, Any]:
    item = item if isinstance(item, dict) else {}
    months = item.get("months")
    image = item.get("badge_image")
    return {
        "id": item.get("id"),
        "months": months if isinstance(months, int) else 0,
        "image_url": image.get("src") if isinstance(image, dict) else None,
    }
