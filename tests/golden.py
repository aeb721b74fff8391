"""Feeds a golden frame through a protocol and the decoder, and extracts facts from what comes out."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import define, field

import kick_live as k
from kick_live.events.decoder import Decoder
from kick_live.protocols.base import (
    Established,
    Failed,
    Happening,
    Protocol,
    Publication,
    Subscribed,
    TokenWanted,
    TopicLost,
)
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol

LINES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "frames.jsonl").read_text("utf-8").splitlines()
]

ROOM = "chatrooms.7712045.v2"
#: The Centrifugo protocol asks for these under the ids 2 to 7.
TOPICS = (ROOM, "topic.3", "topic.4", "topic.5", "topic.6", "topic.7")
GREETING = '{"event":"pusher:connection_established","data":"{\\"activity_timeout\\":120}"}'
CONNECT_REPLY = '{"id":1,"connect":{"client":"c","ping":25,"pong":true}}'


@define
class Outcome:
    """What a frame brought about."""

    line: dict[str, Any]
    protocol: Protocol
    asked: list[int] = field(factory=list)
    happened: list[Happening] = field(factory=list)
    sent: list[str] = field(factory=list)
    events: list[k.Event] = field(factory=list)
    decoder: Decoder = field(factory=Decoder)

    @property
    def expect(self) -> dict[str, Any]:
        """What the line says must come out."""
        return self.line["expect"]

    @property
    def event(self) -> Any:
        """The one event."""
        (event,) = self.events
        return event

    def all(self, cls: type[Any]) -> list[Any]:
        """The happenings of a class."""
        return [item for item in self.happened if isinstance(item, cls)]

    def feed(self, *texts: str, now: float = 10.0) -> Outcome:
        """Receive texts and gather everything that follows."""
        self.protocol.receive(texts, now)
        self.happened += self.protocol.happenings()
        self.sent += self.protocol.texts_to_send()
        for item in self.all(Publication)[len(self.events) :]:
            self.events.append(self.decoder.decode(item.name, item.data, topic=item.topic))
        return self


def prepared(line: dict[str, Any]) -> Outcome:
    """A protocol in the state in which the line's frame can arrive."""
    expect = line["expect"]
    is_first = expect.get("kind") in ("connected", "connect_reply") or (
        expect.get("kind") == "error_reply" and '"id":1,' in line["frame"]
    )
    if line["transport"] == "pusher":
        pusher = PusherProtocol([expect.get("topic", ROOM)], activity_timeout=500)
        pusher.start(0.0)
        if not is_first:
            pusher.receive([GREETING], 0.0)
        protocol: Protocol = pusher
    else:
        protocol = CentrifugoProtocol(TOPICS, token="t")
        protocol.start(0.0)
        if not is_first:
            protocol.receive([CONNECT_REPLY], 0.0)
        if "channel_number" in expect:
            reply = {"id": 2, "subscribe": {"id": expect["channel_number"]}}
            protocol.receive([json.dumps(reply)], 0.0)
        if expect.get("kind") in ("unsubscribe_reply", "refresh_reply"):
            protocol.unsubscribe([TOPICS[-1]])
            protocol.refresh("t2", 0.0)
    protocol.happenings()
    asked = [
        json.loads(command).get("id")
        for text in protocol.texts_to_send()
        for command in text.split("\n")
    ]
    return Outcome(line, protocol, asked=asked)


def run(line: dict[str, Any]) -> Outcome:
    """Feed the line's frame to a protocol that is ready for it."""
    return prepared(line).feed(line["frame"])


# -- time


def token_wanted_at(outcome: Outcome, at: float) -> bool:
    """Whether a new token is asked for at that time and not before."""
    protocol = copy.deepcopy(outcome.protocol)
    protocol.unsubscribe(protocol.topics)
    protocol.alive(at - 1)
    protocol.tick(at - 0.5)
    early = any(isinstance(item, TokenWanted) for item in protocol.happenings())
    protocol.tick(at)
    return not early and TokenWanted() in protocol.happenings()


def dead_at(outcome: Outcome, at: float) -> bool:
    """Whether silence ends the connection at that time and not before."""
    protocol = copy.deepcopy(outcome.protocol)
    protocol.unsubscribe(protocol.topics)
    protocol.tick(at - 0.5)
    early = any(isinstance(item, Failed) for item in protocol.happenings())
    protocol.tick(at)
    return not early and any(isinstance(item, Failed) for item in protocol.happenings())


# -- what kind of thing it was


def classify(outcome: Outcome) -> str:
    """The label of what one document brought about, seen from outside."""
    if outcome.events:
        return _event_label(outcome.event)
    if outcome.all(Established):
        return "connected" if outcome.protocol.provider == "pusher" else "connect_reply"
    if outcome.all(Subscribed):
        return "subscribed" if outcome.protocol.provider == "pusher" else "subscribe_reply"
    if outcome.all(TopicLost):
        return "subscription_error"
    if outcome.all(Failed):
        return "error"
    if outcome.sent and '"subscribe"' not in outcome.sent[0]:
        return "ping"
    return "nothing"


_LABELS: tuple[tuple[str, type[k.Event] | tuple[type[k.Event], ...]], ...] = (
    ("message_deleted", k.MessageDeleted),
    ("unban", k.UserUnbanned),
    ("pin", k.PinnedMessageCreated),
    ("unpin", k.PinnedMessageDeleted),
    ("poll_update", k.PollUpdate),
    ("poll_delete", k.PollDelete),
    ("sub", k.Subscription),
    ("subscriber_count", k.NewSubscriberUpdated),
    ("activity", k.ActivityFeed),
    ("gifted_subs", k.GiftedSubscriptions),
    ("gift_leaderboard", k.GiftsLeaderboardUpdated),
    ("kicks_leaderboard", k.KicksLeaderboardUpdated),
    ("kicks_gift", k.KicksGifted),
    ("reward", k.RewardRedeemed),
    ("goal", k.GoalEvent),
    ("prediction", k.PredictionEvent),
    ("chatroom_updated", k.ChatroomUpdated),
    ("settings", k.ChatSettingsChanged),
    ("chatroom_clear", k.ChatroomClear),
    ("host_in", (k.StreamHost, k.StreamHosted)),
    ("host_out", k.ChatMoveToSupportedChannel),
    ("live_on", k.StreamerIsLive),
    ("live_off", k.StreamEnd),
    ("stream_updated", k.LivestreamUpdated),
    ("followers", k.FollowersUpdated),
    ("points", k.PointsUpdated),
    ("video_private", k.VideoPrivated),
)


def _event_label(event: k.Event) -> str:
    if isinstance(event, k.ChatMessage):
        if event.is_reply:
            return "reply"
        return "celebration" if event.is_celebration else "message"
    if isinstance(event, k.UserBanned):
        return "timeout" if event.is_timeout else "ban"
    if isinstance(event, k.ChannelSubscription):
        return "sub_sibling"
    if isinstance(event, k.SubscriptionAnnouncement):
        return "gift_sibling" if event.action == "gift" else "sub_sibling"
    if isinstance(event, k.UnknownEvent):
        return "drops" if event.name.startswith("drops_") else "unknown"
    return next(label for label, classes in _LABELS if isinstance(event, classes))


def whole_seconds(duration: timedelta | None) -> int | None:
    """A duration as the golden lines write it."""
    return None if duration is None else int(duration.total_seconds())


Fact = Callable[[Outcome], Any]
