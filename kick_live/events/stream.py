"""The stream itself: live or not, hosts, viewers.

A host (raid) that comes in makes two frames: count ``StreamHost``; ``StreamHosted`` adds an id.
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import frozen

from kick_live.events.base import Event, Time
from kick_live.events.units import as_object, in_utc, snake_case
from kick_live.models.base import Value

__all__ = [
    "ChatMoveToSupportedChannel",
    "EndedLivestream",
    "FollowersUpdated",
    "HostMessage",
    "HostUser",
    "HostedChannel",
    "LiveCategory",
    "LivestreamUpdated",
    "OwnLivestream",
    "PointsUpdated",
    "StartedLivestream",
    "StreamEnd",
    "StreamHost",
    "StreamHosted",
    "StreamerIsLive",
    "VideoPrivated",
    "ViewerCount",
]


class StartedLivestream(Value, frozen=True, kw_only=True):
    """The broadcast that began.

    Attributes:
        id: The livestream id.
        channel_id: The channel.
        session_title: The title.
        source: ``None`` in everything seen.
        created_at: When it began.
    """

    id: int
    channel_id: int | None = None
    session_title: str | None = None
    source: str | None = None
    created_at: Time | None = None


@frozen(kw_only=True, eq=False, repr=False)
class StreamerIsLive(Event):
    """The stream began.

    Sent on ``channel.C`` as StreamerIsLive. A repetition for the same broadcast is not delivered.

    Attributes:
        livestream: The broadcast.
    """

    kind: ClassVar[str] = "streamer_is_live"
    wire_names: ClassVar[tuple[str, ...]] = ("StreamerIsLive",)

    livestream: StartedLivestream

    @property
    def title(self) -> str | None:
        """The title."""
        return self.livestream.session_title

    @property
    def livestream_id(self) -> int:
        """The livestream id."""
        return self.livestream.id


class EndedChannel(Value, frozen=True, kw_only=True):
    """Whose broadcast ended.

    Attributes:
        id: The channel.
        is_banned: Presumably true for a take-down; only false was captured.
    """

    id: int | None = None
    is_banned: bool | None = None


class EndedLivestream(Value, frozen=True, kw_only=True):
    """The broadcast that ended.

    Attributes:
        id: The livestream id.
        channel: Whose it was.
    """

    id: int | None = None
    channel: EndedChannel | None = None


_NO_ENDED_LIVESTREAM = EndedLivestream()


@frozen(kw_only=True, eq=False, repr=False)
class StreamEnd(Event):
    """The stream ended.

    Sent on ``channel.C`` as StopStreamBroadcast.

    Attributes:
        livestream: The broadcast.
    """

    kind: ClassVar[str] = "stream_end"
    wire_names: ClassVar[tuple[str, ...]] = ("StopStreamBroadcast",)

    livestream: EndedLivestream = _NO_ENDED_LIVESTREAM

    @property
    def livestream_id(self) -> int | None:
        """The livestream id."""
        return self.livestream.id

    @property
    def channel_id(self) -> int | None:
        """The channel."""
        return None if self.livestream.channel is None else self.livestream.channel.id

    @property
    def is_banned(self) -> bool | None:
        """Whether the channel is banned."""
        return None if self.livestream.channel is None else self.livestream.channel.is_banned


@frozen(kw_only=True, eq=False, repr=False)
class StreamHost(Event):
    """Another streamer sent viewers here (a raid): the event to count.

    Sent on ``chatrooms.R.v2`` as StreamHostEvent.

    Attributes:
        host_username: Who sent them.
        number_viewers: How many.
        optional_message: A text; may be empty or ``None``.
        chatroom_id: The chatroom.
    """

    kind: ClassVar[str] = "stream_host"
    wire_names: ClassVar[tuple[str, ...]] = ("StreamHostEvent",)

    host_username: str
    number_viewers: int | None = None
    optional_message: str | None = None
    chatroom_id: int | None = None

    @property
    def username(self) -> str:
        """Who sent them."""
        return self.host_username

    @property
    def viewers(self) -> int | None:
        """How many."""
        return self.number_viewers


class HostMessage(Value, frozen=True, kw_only=True):
    """The message part of ``StreamHosted``.

    Attributes:
        id: Identifies the host.
        number_of_viewers: How many.
        optional_message: A text, or ``None``.
        created_at: When.
    """

    id: str | None = None
    number_of_viewers: int | None = None
    optional_message: str | None = None
    created_at: Time | None = None


_NO_HOST_MESSAGE = HostMessage()


class HostUser(Value, frozen=True, kw_only=True):
    """The user part of ``StreamHosted``.

    Attributes:
        username: The name.
        id: The user id.
        is_super_admin: Whether the user works at Kick.
        verified: Whether the user's channel is verified.
    """

    username: str
    id: int | None = None
    is_super_admin: bool | None = None
    verified: bool | None = None


@frozen(kw_only=True, eq=False, repr=False)
class StreamHosted(Event):
    """The sibling of ``StreamHost`` with an id. Do not count it.

    Sent on ``chatrooms.R`` as StreamHostedEvent.

    Attributes:
        message: What was sent.
        user: Who sent it.
    """

    kind: ClassVar[str] = "stream_hosted"
    wire_names: ClassVar[tuple[str, ...]] = ("StreamHostedEvent",)

    user: HostUser
    message: HostMessage = _NO_HOST_MESSAGE

    @property
    def id(self) -> str | None:
        """Identifies the host."""
        return self.message.id

    @property
    def username(self) -> str:
        """Who sent the viewers."""
        return self.user.username

    @property
    def viewers(self) -> int | None:
        """How many."""
        return self.message.number_of_viewers

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Put the keys into snake case, and say of an account's verification only that there is one."""
        shaped = snake_case(payload)
        user = shaped.get("user")
        if isinstance(user, dict) and isinstance(user.get("verified"), dict):
            shaped["user"] = {**user, "verified": bool(user["verified"])}
        return shaped


class HostedChannel(Value, frozen=True, kw_only=True):
    """Where the viewers are sent.

    Attributes:
        id: Kick's id.
        username: The name.
        slug: The name in addresses.
        viewers_count: Viewers there.
        is_live: Whether it is live.
        profile_pic: The picture, or ``None``.
        category: What is streamed there.
    """

    id: int | None = None
    username: str | None = None
    slug: str | None = None
    viewers_count: int | None = None
    is_live: bool | None = None
    profile_pic: str | None = None
    category: str | None = None


_NO_HOSTED_CHANNEL = HostedChannel()


class OwnLivestream(Value, frozen=True, kw_only=True):
    """The broadcast that sends its viewers away.

    Attributes:
        id: The livestream id.
        session_title: The title.
        viewer_count: Viewers.
        is_live: Whether it is still on.
        created_at: When it began.
        language: Its language.
        is_mature: Whether it is marked for adults.
    """

    id: int | None = None
    session_title: str | None = None
    viewer_count: int | None = None
    is_live: bool | None = None
    created_at: Time | None = None
    language: str | None = None
    is_mature: bool | None = None


@frozen(kw_only=True, eq=False, repr=False)
class ChatMoveToSupportedChannel(Event):
    """The streamer sends the viewers to another channel (a raid that goes out).

    Sent on ``channel.C`` as ChatMoveToSupportedChannelEvent.

    Attributes:
        slug: Where to.
        hosted: The other channel.
        current_livestream: The streamer's own broadcast.
    """

    kind: ClassVar[str] = "chat_move_to_supported_channel"
    wire_names: ClassVar[tuple[str, ...]] = ("ChatMoveToSupportedChannelEvent",)

    slug: str | None = None
    hosted: HostedChannel = _NO_HOSTED_CHANNEL
    current_livestream: OwnLivestream | None = None

    @property
    def viewers(self) -> int | None:
        """Viewers at the other channel."""
        return self.hosted.viewers_count

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Keep the broadcast out of Kick's copy of the channel, and give its times their zone."""
        own = as_object(payload.get("channel")).get("current_livestream")
        if isinstance(own, dict):
            own = {**own, "created_at": in_utc(own.get("created_at"))}
        return {**payload, "current_livestream": own}


class LiveCategory(Value, frozen=True, kw_only=True):
    """A category.

    Attributes:
        id: Kick's id.
        name: As displayed.
        slug: The name in addresses.
        tags: Its tags.
    """

    id: int | None = None
    name: str | None = None
    slug: str | None = None
    tags: tuple[str, ...] = ()


@frozen(kw_only=True, eq=False, repr=False)
class LivestreamUpdated(Event):
    """Title, category or viewers of the broadcast changed.

    Sent as LivestreamUpdated or UpdatedLiveStreamEvent on topics that need a log-in; never seen on
    public ones, so a client without credentials does not receive it today.

    Attributes:
        id: The livestream id.
        session_title: The title.
        viewers: Viewers, or ``None``.
        category: What is streamed.
        slug: The broadcast's name in addresses.
        language: Its language.
        is_mature: Whether it is marked for adults.
        created_at: When the broadcast began.
    """

    kind: ClassVar[str] = "livestream_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("LivestreamUpdated", "UpdatedLiveStreamEvent")

    id: int | None = None
    session_title: str | None = None
    viewers: int | None = None
    category: LiveCategory | None = None
    slug: str | None = None
    language: str | None = None
    is_mature: bool | None = None
    created_at: Time | None = None

    @property
    def title(self) -> str | None:
        """The title."""
        return self.session_title

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Bring both of Kick's forms together."""
        shaped = as_object(payload.get("livestream")) or dict(payload)
        if shaped.get("viewers") is None:
            shaped["viewers"] = shaped.get("viewer_count")
        return shaped


@frozen(kw_only=True, eq=False, repr=False)
class FollowersUpdated(Event):
    """The number of followers, or one follow or unfollow.

    Sent on ``channel.C`` as FollowersUpdated in 2023 and 2024; not one in the captures of 2026.

    Attributes:
        followers_count: Followers in all.
        followed: True for a follow, False for an unfollow.
        username: Who, mostly ``None``.
        channel_id: The channel.
        created_at: When (whole seconds).
    """

    kind: ClassVar[str] = "followers_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("FollowersUpdated",)

    followers_count: int | None = None
    followed: bool | None = None
    username: str | None = None
    channel_id: int | None = None
    created_at: Time | None = None

    @property
    def count(self) -> int | None:
        """Followers in all."""
        return self.followers_count

    @staticmethod
    def reshape(payload: dict[str, Any]) -> dict[str, Any]:
        """Put the keys into snake case."""
        return snake_case(payload)


@frozen(kw_only=True, eq=False, repr=False)
class PointsUpdated(Event):
    """A user's channel points; only on a topic that needs a log-in.

    Attributes:
        reason: For instance ``watch``.
        points: The change.
        balance: The new total.
        user_id: Whose.
        channel_id: Where.
    """

    kind: ClassVar[str] = "points_updated"
    wire_names: ClassVar[tuple[str, ...]] = ("PointsUpdated",)

    reason: str | None = None
    points: int | None = None
    balance: int | None = None
    user_id: int | None = None
    channel_id: int | None = None


@frozen(kw_only=True, eq=False, repr=False)
class VideoPrivated(Event):
    """A video was made private (known from one library, never captured). Sent as VideoPrivatedEvent.

    Attributes:
        video_id: Text.
    """

    kind: ClassVar[str] = "video_privated"
    wire_names: ClassVar[tuple[str, ...]] = ("VideoPrivatedEvent",)

    video_id: str | None = None


@frozen(kw_only=True, eq=False, repr=False)
class ViewerCount(Event):
    """How many people watch; asked over REST about once a minute, only while somebody listens.

    No public topic carries it. Nothing is delivered while the channel is offline.

    Attributes:
        viewers: People watching.
        livestream_id: The broadcast.
    """

    kind: ClassVar[str] = "viewer_count"

    viewers: int
    livestream_id: int | None = None

    @property
    def count(self) -> int:
        """People watching."""
        return self.viewers
