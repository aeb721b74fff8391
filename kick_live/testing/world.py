"""Everything the parts of one simulator share."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kick_live.errors import InvalidChannel
from kick_live.testing.faults import RestFaults, SocketFaults
from kick_live.testing.hub import Hub
from kick_live.testing.payloads.chat import Person
from kick_live.testing.settings import Settings
from kick_live.testing.texts import Ids, encode_payload
from kick_live.testing.tokens import TokenStore

if TYPE_CHECKING:
    from kick_live.testing.channel import SimulatedChannel

__all__ = ["World"]


class World:
    """The state of one simulated Kick: channels, people, sockets, tokens and scripted faults.

    Args:
        settings: How it behaves where nothing is scripted.
        seed: Makes the order of siblings and, if not ``None``, every invented id repeatable.
    """

    def __init__(self, settings: Settings, seed: int | None) -> None:
        self.settings = settings
        self.hub = Hub()
        self.tokens = TokenStore(settings.token_ttl)
        self.rest_faults = RestFaults()
        self.socket_faults = SocketFaults()
        self.ids = Ids(seed)
        self.random = random.Random(seed or 0)  # nosec B311  # no secret
        self.channels: dict[str, SimulatedChannel] = {}
        self.url = ""
        self._people: dict[str, Person] = {}
        self._lock = threading.Lock()
        self._next_ids = {
            "channel": 7733190,
            "room": 7712045,
            "user": 41190272,
            "livestream": 118204411,
        }

    def change_settings(self, settings: Settings) -> None:
        """Put other settings in force, for sockets that open from now on."""
        self.settings = settings

    def publish(self, topic: str, event: str, payload: Any) -> int:
        """Send a payload to everyone who is subscribed to a topic."""
        return self.hub.publish(topic, event, encode_payload(event, payload))

    def invent(self, kind: str, *, avoid: Iterable[int | None] = ()) -> int:
        """A number that nothing of this kind has had, and that no channel uses for anything."""
        with self._lock:
            taken = set(avoid)
            for channel in self.all_channels():
                taken |= {channel.channel_id, channel.chatroom_id, channel.user_id}
            while True:
                self._next_ids[kind] += 7
                if self._next_ids[kind] not in taken:
                    return self._next_ids[kind]

    def all_channels(self) -> list[SimulatedChannel]:
        """The channels, in the order in which they were added."""
        return list(self.channels.values())

    def person(self, username: str, user_id: int | None = None) -> Person:
        """Somebody by name; the same name keeps its id, unless another id is given."""
        known = self._people.get(username.lower())
        if known is None or user_id not in (None, known.id):
            known = Person(self.invent("user") if user_id is None else user_id, username)
            self._people[username.lower()] = known
        return known

    @property
    def people_ids(self) -> Mapping[str, int]:
        """The id of everyone met so far, by name as displayed."""
        return {person.username: person.id for person in list(self._people.values())}

    def find(self, slug: str) -> SimulatedChannel | None:
        """A channel by slug or numeric channel id; dashes and underscores are different."""
        found = self.channels.get(slug.lower())
        if found is None and slug.isdecimal():
            return self.by_channel_id(int(slug))
        return found

    def by_channel_id(self, channel_id: int) -> SimulatedChannel | None:
        """A channel by its channel id, never by another of its numbers."""
        for channel in self.all_channels():
            if channel.channel_id == channel_id:
                return channel
        return None

    def existing(self, slug: str) -> SimulatedChannel:
        """A channel by slug.

        Raises:
            InvalidChannel: Nobody has added it.
        """
        found = self.find(slug)
        if found is None:
            known = ", ".join(self.channels) or "none"
            raise InvalidChannel(
                f"the simulator has no channel {slug!r} (it has: {known}): call add_channel() first",
                value=slug,
            )
        return found
