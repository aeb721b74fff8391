"""A streamer's channel, and the ways to name one."""

from __future__ import annotations

from attrs import field, frozen

__all__ = ["Channel", "ChannelRef"]


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
        slug: The name in the channel's address; made of the ids where no name was given.
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
