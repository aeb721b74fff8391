"""What a test can see of a simulator's sockets, and wait for."""

from __future__ import annotations

from kick_live.errors import WaitTimeout
from kick_live.testing.channel import SimulatedChannel
from kick_live.testing.hub import ConnectionInfo
from kick_live.testing.world import World

__all__ = ["Inspection"]


class Inspection:
    """The part of the simulator that shows its open sockets.

    Args:
        world: The simulator's state.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def connections(self) -> list[ConnectionInfo]:
        """A snapshot of the open sockets."""
        return self._world.hub.snapshot()

    @property
    def connection_attempts(self) -> list[float]:
        """When sockets were asked for, on the monotonic clock; refused ones count."""
        return self._world.hub.attempts

    def wait_for_subscribers(
        self,
        channel: SimulatedChannel | str,
        count: int = 1,
        timeout: float = 5.0,
        *,
        all_topics: bool = False,
    ) -> None:
        """Wait until sockets are subscribed.

        Args:
            channel: A channel, its slug, or a topic.
            count: How many sockets, at least.
            timeout: Seconds to wait at most.
            all_topics: Whether all six topics of the channel must have that many, not chat alone.

        Raises:
            WaitTimeout: Not within the time.
        """
        if isinstance(channel, str):
            found = self._world.channels.get(channel.lower())
            topics = (channel,) if found is None else found.topics
        else:
            topics = channel.topics
        wanted = topics if all_topics else topics[:1]
        hub = self._world.hub

        def ready() -> bool:
            open_sockets = hub.connections()
            return all(sum(t in c.topics for c in open_sockets) >= count for t in wanted)

        if not hub.wait(ready, timeout):
            raise WaitTimeout(
                f"fewer than {count} sockets were subscribed to {', '.join(wanted)} "
                f"within {timeout} s; open are: {self.connections}",
                timeout=timeout,
            )

    def wait_for_connections(self, count: int = 1, timeout: float = 5.0) -> None:
        """Wait until exactly so many sockets are open; 0 waits for the last one to go.

        Raises:
            WaitTimeout: Not within the time.
        """
        hub = self._world.hub
        if not hub.wait(lambda: len(hub.connections()) == count, timeout):
            raise WaitTimeout(
                f"{len(hub.connections())} sockets were open after {timeout} s, not {count}",
                timeout=timeout,
            )
