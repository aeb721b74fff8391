import threading

import pytest
from simulator_peers import Pusher, wait_until

from kick_live.testing import KickSimulator, run_demo


def _names(seed, steps):
    with KickSimulator() as simulator:
        channel = simulator.add_channel("amber-quokka")
        seen = []
        channel.publish = lambda event, payload, topic=None: seen.append((event, topic))
        run_demo(channel, rate=0, seed=seed, count=steps)
        return [event for event, _ in seen]


def test_same_seed_same_evening():
    """The same seed publishes the same events in the same order, another seed others."""
    first = _names(7, 60)
    assert first == _names(7, 60)
    assert first != _names(8, 60)


def test_evening_is_lively():
    """A few hundred steps show every kind of event the demonstration has."""
    names = {name.rpartition("\\")[2] for name in _names(7, 600)}
    assert names >= {
        "ChatMessageEvent",
        "ChatroomUpdatedEvent",
        "GiftedSubscriptionsEvent",
        "GoalProgressUpdateEvent",
        "KicksGifted",
        "MessageDeletedEvent",
        "PinnedMessageCreatedEvent",
        "PollUpdateEvent",
        "PollDeleteEvent",
        "RewardRedeemedEvent",
        "StreamHostEvent",
        "StreamerIsLive",
        "SubscriptionEvent",
        "UserBannedEvent",
    }


def test_demo_ends_on_its_event(simulator, channel):
    """A running demonstration is received live and ends as soon as it is told."""
    stop = threading.Event()
    steps = []
    thread = threading.Thread(target=lambda: steps.append(run_demo(channel, rate=200, stop=stop)))
    with Pusher(simulator, channel.chat_topic) as peer:
        thread.start()
        assert peer.event()[1].startswith("App\\Events\\")
        assert wait_until(lambda: len(channel.history) > 3)
        stop.set()
        thread.join(5)
    assert not thread.is_alive()
    assert steps[0] > 3


def test_demo_needs_an_end(channel):
    """Without stop or count the demonstration would never end, so it does not begin."""
    with pytest.raises(ValueError, match="count"):
        run_demo(channel)


class Time(threading.Event):
    """Time that passes only by being waited for, and the event that would end the waiting."""

    now = 0.0

    def wait(self, timeout=None):
        self.now += timeout
        return False


@pytest.mark.parametrize("rate", [0.5, 4, 50])
def test_polls_end_when_they_say(channel, monkeypatch, rate):
    """The seconds a poll has left pass until it ends, and its result stands as long as it says."""
    time, frames = Time(), []
    monkeypatch.setattr("kick_live.testing.scenario.monotonic", lambda: time.now)

    def note(event, payload, topic=None):
        if "PollUpdate" in event:
            frames.append((time.now, payload["poll"]["remaining"]))
        elif "PollDelete" in event:
            frames.append((time.now, None))

    channel.publish = note
    run_demo(channel, rate=rate, stop=time, count=int(600 * rate))
    begun = [at for at, remaining in frames if remaining == 30]
    assert len(begun) > 1
    slowest = 4 / rate  # the longest pause between two steps
    ends = over_at = None
    for at, remaining in frames:
        if remaining is None:
            assert over_at + 15 <= at <= over_at + 15 + slowest
        elif remaining == 30 and (ends is None or at > ends):
            ends = at + 30
        elif remaining:
            assert abs(ends - at - remaining) <= 0.5
        else:
            over_at = at
            assert ends - 0.5 <= at <= ends + slowest


def test_the_banned_stay_away(channel):
    """Nobody writes after having been banned."""
    banned, writers = set(), []

    def note(event, payload, topic=None):
        if "UserBanned" in event:
            banned.add(payload["user"]["username"])
        elif "ChatMessageEvent" in event:
            writers.append(payload["sender"]["username"])
            assert writers[-1] not in banned

    channel.publish = note
    run_demo(channel, rate=0, count=1500)
    assert banned
    assert any(name.startswith("spam") for name in writers)


def test_viewers_go_again(channel):
    """However long the evening lasts, and whoever sends viewers, there are not ever more of them."""
    channel.publish = lambda event, payload, topic=None: None
    run_demo(channel, rate=0, count=4000)
    assert 200 < channel.viewers < 2000
