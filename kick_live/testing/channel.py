"""A streamer in the simulator: what it is, and one method for everything that can happen to it."""

from __future__ import annotations

from kick_live.testing.channel_polls import PollActions
from kick_live.testing.channel_stream import StreamActions
from kick_live.testing.channel_support import SupportActions
from kick_live.testing.channel_videos import VideoActions

__all__ = ["SimulatedChannel"]


class SimulatedChannel(VideoActions, PollActions, SupportActions, StreamActions):
    """A streamer's channel on the simulated Kick; made by ``KickSimulator.add_channel()``.

    Every method that publishes builds the payload Kick sent in autumn 2026, queues it for each
    socket that is subscribed to the documented topic, over both protocols, and returns the
    payload. None of them blocks, and each may be called from any thread.

    Attributes:
        slug: The name in the channel's address.
        username: The streamer's name as displayed.
        channel_id: The channel's id.
        chatroom_id: The chatroom's id.
        user_id: The streamer's user id.

    Example:
        >>> from kick_live.testing import KickSimulator
        >>> with KickSimulator() as simulator:
        ...     channel = simulator.add_channel("amber-quokka")
        ...     channel.chat("hello", username="Maple_Harbor")["sender"]["slug"]
        'maple-harbor'
    """
