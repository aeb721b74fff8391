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
