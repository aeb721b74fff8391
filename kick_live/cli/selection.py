"""Which events are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from kick_live.events.base import Event
from kick_live.events.chatroom import ChatSettingsChanged
from kick_live.events.gifts import (
    GiftsLeaderboardUpdated,
    KicksLeaderboardUpdated,
    LuckyUsersWhoGotGiftSubscriptions,
)
from kick_live.events.goals import GoalEvent
from kick_live.events.lifecycle import LifecycleEvent
from kick_live.events.polls import PollUpdate
from kick_live.events.predictions import PredictionEvent
from kick_live.events.stream import StreamHosted
from kick_live.events.subscriptions import (
    ActivityFeed,
    ChannelSubscription,
    NewSubscriberUpdated,
    SubscriptionAnnouncement,
)
from kick_live.events.unknown import UnknownEvent

__all__ = ["Digest", "Selection"]

#: What repeats or details another event.
_SIBLINGS: Final = (
    ActivityFeed,
    ChannelSubscription,
    ChatSettingsChanged,
    GiftsLeaderboardUpdated,
    KicksLeaderboardUpdated,
    LuckyUsersWhoGotGiftSubscriptions,
    NewSubscriberUpdated,
    StreamHosted,
)


@frozen(kw_only=True)
class Selection:
    """What the user asked to see.

    Attributes:
        only: Nothing but these, subclasses included; empty for everything.
        without: None of these.
        lifecycle: Whether what happens to the connection is shown.
    """

    only: Sequence[type[Event]] = ()
    without: Sequence[type[Event]] = ()
    lifecycle: bool = True

    def wants(self, event: Event) -> bool:
        """Whether an event is to be shown."""
        if isinstance(event, tuple(self.without)):
            return False
        if self.only:
            return isinstance(event, tuple(self.only))
        return self.lifecycle or not isinstance(event, LifecycleEvent)


class Digest:
    """Leaves out what a reader has just seen in another form.

    One subscription makes up to five events, a poll one each second. Readers want the one that says
    it, and of a poll its beginning and its result; programs can have everything.

    Args:
        named: Event classes that the user named, which are never left out.
    """

    def __init__(self, named: Sequence[type[Event]] = ()) -> None:
        self._named = tuple(named)
        self._seen: dict[tuple[type[Event], int | None], Any] = {}

    def keeps(self, event: Event) -> bool:
        """Whether an event tells a reader something new."""
        if self._named and isinstance(event, self._named):
            return True
        if isinstance(event, SubscriptionAnnouncement):
            return bool(event.text)
        if isinstance(event, (*_SIBLINGS, UnknownEvent)):
            return False
        if isinstance(event, PollUpdate):
            labels = tuple(option.label for option in event.options)
            return self._is_news(event, PollUpdate, (event.title, labels, event.is_finished))
        if isinstance(event, PredictionEvent):
            return self._is_news(
                event, PredictionEvent, (event.prediction.id, event.prediction.state)
            )
        if isinstance(event, GoalEvent):
            return self._is_news(event, GoalEvent, (event.id, event.kind, event.current_value))
        return True

    def _is_news(self, event: Event, family: type[Event], state: object) -> bool:
        key = (family, event.channel.channel_id if event.channel is not None else None)
        before, self._seen[key] = self._seen.get(key), state
        return before != state
