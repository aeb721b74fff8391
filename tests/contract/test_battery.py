"""Twenty-eight kinds of events, one of them from the future, on every Kick."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kick_stages import CentrifugoStage, ServerStage, Stage, opened, topics_of
from servers.centrifugo import CentrifugoServer
from servers.fixtures import running
from servers.kick_rest import KickRestStub

from kick_live import ChannelRef, Event, KickClient
from kick_live.events import LifecycleEvent

BATTERY: list[dict[str, str]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "battery.jsonl").read_text(encoding="utf-8").splitlines()
]
CHANNEL = ChannelRef("amber-quokka", 7733190, 7712045)

#: One fact of each event that only somebody who has read its payload can know.
FACTS: dict[str, Callable[[Any], bool]] = {
    "ChatMessage": lambda e: e.content == "good evening from the back row",
    "MessageDeleted": lambda e: e.message_id == "35f9f024-1e7c-48de-9a0e-350432ae6832",
    "PinnedMessageCreated": lambda e: e.message.content == "short pin",
    "PinnedMessageDeleted": lambda e: e.raw == "[]",
    "PollUpdate": lambda e: [option.votes for option in e.poll.options] == [4, 9],
    "PollDelete": lambda e: e.raw == "[]",
    "UserBanned": lambda e: e.duration == timedelta(minutes=5),
    "UserUnbanned": lambda e: e.unbanned_by.username == "Gate_Keeper",
    "Subscription": lambda e: (e.username, e.months) == ("copperkite", 13),
    "SubscriptionAnnouncement": lambda e: e.id == "f42e2722-75ff-4f89-855b-2501e472231b",
    "ActivityFeed": lambda e: e.username == "big_spruce",
    "GiftedSubscriptions": lambda e: e.count == 2,
    "LuckyUsersWhoGotGiftSubscriptions": lambda e: e.gifter_username == "Maple_Harbor",
    "GiftsLeaderboardUpdated": lambda e: e.leaderboard[0].quantity == 711,
    "KicksGifted": lambda e: e.gift.gift_id == "rage_quit",
    "KicksLeaderboardUpdated": lambda e: e.raw.startswith('{"gifts_lifetime"'),
    "RewardRedeemed": lambda e: e.reward_title == "Song request",
    "GoalProgress": lambda e: e.current_value == 247,
    "PredictionCreated": lambda e: e.prediction.title == "Will we beat the boss first try?",
    "PredictionUpdated": lambda e: e.prediction.outcomes[0].total_vote_amount == 3720,
    "ChatroomUpdated": lambda e: '"message_interval":5' in e.raw,
    "ChatSettingsChanged": lambda e: e.id == "616155a4-ede3-47dc-ac33-682d23dae19d",
    "ChatroomClear": lambda e: "03825322" in e.raw,
    "StreamHost": lambda e: e.host_username == "tidal_tom",
    "ChatMoveToSupportedChannel": lambda e: e.hosted is not None,
    "StreamerIsLive": lambda e: e.livestream.id == 118204411,
    "StreamEnd": lambda e: e.livestream.id == 118204411,
    "UnknownEvent": lambda e: e.wire_name == "App\\Events\\MoonPhaseChangedEvent",
}


def gather(client: KickClient, count: int) -> list[Event]:
    """So many events that are not about the connection."""
    found: list[Event] = []
    for event in client.events(timeout=10):
        if not isinstance(event, LifecycleEvent):
            found.append(event)
            if len(found) == count:
                break
    return found


def check(client: KickClient, events: list[Event]) -> None:
    """Every kind came once, typed, in order, and was read to the last value."""
    assert [type(event).__name__ for event in events] == [entry["class"] for entry in BATTERY]
    assert [name for name, event in zip(FACTS, events, strict=True) if not FACTS[name](event)] == []
    assert [event.topic for event in events] == [entry["topic"] for entry in BATTERY]
    assert {event.channel.slug for event in events if event.channel} == {"amber-quokka"}
    stats = client.stats
    counts = (stats.received, stats.unknown, stats.undecodable, stats.repaired, stats.duplicates)
    assert counts == (28, 1, 0, 0, 0)


def test_the_battery_is_complete() -> None:
    """It has 28 different kinds and a fact of each."""
    assert len({entry["class"] for entry in BATTERY}) == 28
    assert list(FACTS) == [entry["class"] for entry in BATTERY]


def test_all_28_kinds_arrive_typed(stage: Stage) -> None:
    """Twenty-seven known kinds and a future one arrive in order, each with its class."""
    stage.make(CHANNEL)
    with stage.client(CHANNEL.slug) as client:
        client.connect(timeout=10)
        stage.wait_for_subscribers(topics_of(CHANNEL))
        for entry in BATTERY:
            stage.publish(entry["topic"], entry["event"], entry["payload"])
        events = gather(client, 28)
        check(client, events)
        assert [event.raw for event in events] == [entry["payload"] for entry in BATTERY]


@pytest.mark.servers
@pytest.mark.parametrize("name", ["pusher_stage", "centrifugo_stage"])
def test_payloads_may_be_objects(request: pytest.FixtureRequest, name: str) -> None:
    """A payload that comes as an object, not as text with an object in it, is read as well."""
    stage: ServerStage = request.getfixturevalue(name)
    stage.make(CHANNEL)
    with stage.client(CHANNEL.slug) as client:
        client.connect(timeout=10)
        stage.wait_for_subscribers(topics_of(CHANNEL))
        for entry in BATTERY:
            stage.server.publish(entry["topic"], entry["event"], json.loads(entry["payload"]))
        events = gather(client, 28)
        assert [type(event).__name__ for event in events] == [entry["class"] for entry in BATTERY]


@pytest.mark.servers
def test_several_in_one_frame(kick_rest: KickRestStub) -> None:
    """A server that gathers what it sends into few frames changes nothing."""
    with running(lambda: CentrifugoServer(write_delay=0.05)) as server:
        stage = CentrifugoStage(server, kick_rest)
        stage.make(CHANNEL)
        with opened(stage.endpoints, CHANNEL.slug) as client:
            client.connect(timeout=10)
            stage.wait_for_subscribers(topics_of(CHANNEL))
            for entry in BATTERY:
                stage.publish(entry["topic"], entry["event"], entry["payload"])
            check(client, gather(client, 28))
