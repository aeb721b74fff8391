"""Several channels in one client."""

import threading

import pytest
from servers.process import wait_until

from kick_live import (
    ChannelRef,
    ChannelSubscription,
    ChatMessage,
    ConnectionRejected,
    ConnectTimeout,
    ErrorOccurred,
    Event,
    GiftedSubscriptions,
    InvalidChannel,
    NotFound,
    Reconnected,
    RewardRedeemed,
    StreamerIsLive,
    StreamHost,
    Subscription,
)

#: With six topics each.
CHANNELS_A_SOCKET = 16


def test_events_carry_their_channel(sim, make, transport):
    """Two channels on one socket are not mixed up."""
    sim.add_channel("river-otter")
    client = make("amber-quokka", "@River_Otter", transport=transport)
    connected = client.connect()
    assert [c.slug for c in connected.channels] == ["amber-quokka", "river-otter"]
    assert len(sim.connections) == 1
    sim.channel("river-otter").chat("from the river")
    message = client.wait_for(ChatMessage, timeout=5)
    assert message.channel.slug == "river-otter"
    assert message.channel.chatroom_id == sim.channel("river-otter").chatroom_id


def test_more_topics_than_a_socket_takes(sim, make, transport):
    """Beyond a hundred topics another socket is opened, and every channel is received."""
    names = [f"channel-{n}" for n in range(20)]
    for name in names:
        sim.add_channel(name)
    client = make(*names, transport=transport)
    client.connect()
    assert len(sim.connections) == 2
    assert all(len(connection.topics) <= 100 for connection in sim.connections)
    for name in names:
        sim.channel(name).chat("hi")
    seen = set()
    client.wait_for(
        ChatMessage, timeout=10, where=lambda m: seen.add(m.channel.slug) or len(seen) == 20
    )


def test_add_and_remove_while_running(sim, client):
    """Channels come and go over the same socket, and the others notice nothing."""
    client.connect()
    otter = sim.add_channel("river-otter")
    client.add_channel("https://kick.com/river-otter")
    client.add_channel("river-otter")
    sim.wait_for_subscribers(otter, timeout=5)
    otter.chat("added")
    assert client.wait_for(ChatMessage, timeout=5).content == "added"
    client.remove_channel("river-otter")
    otter.chat("removed")
    sim.channel("amber-quokka").chat("still")
    contents = []
    client.on(ChatMessage, lambda m: contents.append(m.content))
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "still")
    assert "added" not in contents
    assert contents[-1] == "still"
    assert len(sim.connection_attempts) == 1


def test_connect_waits_for_an_added_channel(sim, client):
    """Called again, it returns when what was added is received, too; what is said then arrives."""
    first = client.connect()
    assert client.connect() is first
    sim.add_channel("river-otter")
    client.add_channel("river-otter")
    again = client.connect(timeout=10)
    assert [channel.slug for channel in again.channels] == ["amber-quokka", "river-otter"]
    sim.channel("river-otter").chat("first words")
    assert client.wait_for(ChatMessage, timeout=5).content == "first words"


def test_an_added_channel_that_takes_too_long_harms_no_other(sim, client, channel):
    """The wait for it times out; the client stays connected."""
    client.connect()
    sim.hold("/api/v2/channels/slow-snail")
    client.add_channel("slow-snail")
    with pytest.raises(ConnectTimeout) as caught:
        client.connect(timeout=0.2)
    assert caught.value.stage == "resolve"
    channel.chat("still here")
    assert client.wait_for(ChatMessage, timeout=5).content == "still here"
    assert len(sim.connection_attempts) == 1


def test_connect_does_not_wait_for_an_added_channel_that_cannot_be_found(client):
    """An event tells of it; the wait is for the others."""
    client.connect()
    client.add_channel("nobody")
    assert [channel.slug for channel in client.connect(timeout=10).channels] == ["amber-quokka"]
    assert isinstance(client.wait_for("error", timeout=5).error, NotFound)


@pytest.fixture
def by_ids(channel):
    """The channel of the simulator, without its name."""
    return ChannelRef(channel_id=channel.channel_id, chatroom_id=channel.chatroom_id)


@pytest.mark.parametrize("ids_first", [True, False])
def test_a_channel_under_two_names_is_one(make, transport, channel, by_ids, ids_first):
    """It is connected, and its messages come once."""
    names = (by_ids, "amber-quokka") if ids_first else ("amber-quokka", by_ids)
    client = make(*names, transport=transport)
    assert len(client.connect(timeout=10).channels) == 1
    channel.chat("one")
    channel.chat("two")
    seen = []
    client.on(ChatMessage, lambda message: seen.append(message.content))
    client.wait_for(ChatMessage, timeout=5, where=lambda message: message.content == "two")
    assert seen == ["one", "two"]


def test_a_second_name_for_a_channel_is_added_and_removed(sim, client, channel, by_ids):
    """Adding it changes nothing, also not what a lost socket brings; either name removes the channel."""
    client.connect()
    client.add_channel(by_ids)
    client.connect(timeout=10)
    sim.drop_connections()
    client.wait_for(Reconnected, timeout=20)
    client.remove_channel("amber-quokka")
    assert client.channels == ()
    client.add_channel(by_ids)
    client.connect(timeout=10)
    channel.chat("back")
    assert client.wait_for(ChatMessage, timeout=5).content == "back"


def test_a_topic_that_moved_to_another_socket_is_given_back(sim, make):
    """With its channel, and the socket if nothing else is on it; added again, its events come once."""
    channel = sim.channel("amber-quokka")
    sim.add_channel("river-otter")
    moved = f"chatroom_{channel.chatroom_id}"
    sim.refuse_topic(moved, 106, times=1)
    client = make("amber-quokka", "river-otter", transport="centrifugo")
    client.connect()
    wait_until(lambda: client.stats.topics.get(moved) == "subscribed", 10, "the topic elsewhere")
    assert client.stats.connections == 2
    client.remove_channel("amber-quokka")
    wait_until(lambda: client.stats.connections == 1, 5, "one socket")
    assert moved not in client.stats.topics
    client.add_channel("amber-quokka")
    client.connect()
    wait_until(lambda: set(client.stats.topics.values()) == {"subscribed"}, 10, "every topic")
    titles = []
    client.on(RewardRedeemed, lambda reward: titles.append(reward.reward_title))
    channel.redeem_reward("Hydrate")
    channel.chat("done")
    client.wait_for(ChatMessage, timeout=5)
    assert titles == ["Hydrate"]


def with_a_full_socket(sim, make, transport):
    """A client whose next channel, "one-more", needs a second socket; and a channel on the first."""
    names = [f"channel-{number}" for number in range(CHANNELS_A_SOCKET)]
    for name in (*names, "one-more"):
        sim.add_channel(name)
    client = make(*names, transport=transport)
    client.connect(timeout=60)
    return client, sim.channel(names[0])


def test_a_second_socket_that_is_refused_costs_its_channels(sim, make):
    """The error is an event, and the channel may be added again; the others go on."""
    client, full = with_a_full_socket(sim, make, "pusher")
    sim.refuse_connections(4004, "over quota")
    client.add_channel("one-more")
    refused = client.wait_for(ErrorOccurred, timeout=20)
    assert isinstance(refused.error, ConnectionRejected)
    assert refused.channel.slug == "one-more"
    full.chat("still here")
    assert client.wait_for(ChatMessage, timeout=5).content == "still here"
    sim.heal()
    client.add_channel("one-more")
    assert client.connect(timeout=20).channels[-1].slug == "one-more"


def test_a_second_socket_that_is_refused_for_a_removed_channel_is_nobodys(sim, make):
    """The channel was removed while the service was asked: nothing ends, nobody is told."""
    client, full = with_a_full_socket(sim, make, "centrifugo")
    errors = []
    client.on(ErrorOccurred, errors.append)

    def second_thread():
        return next((t for t in threading.enumerate() if t.name == "kick-live-connection-2"), None)

    sim.fail("/api/v1/realtime/auth", status=403)
    sim.delay("/api/v1/realtime/auth", 0.5)
    client.add_channel("one-more")
    wait_until(second_thread, 10, "the second socket")
    client.remove_channel("one-more")
    wait_until(lambda: second_thread() is None, 10, "its end")
    full.chat("still here")
    assert client.wait_for(ChatMessage, timeout=5).content == "still here"
    assert errors == []


def test_removing_a_stranger(client):
    """Removing what is not received says so."""
    with pytest.raises(InvalidChannel, match="not being received"):
        client.remove_channel("nobody")


def test_adding_an_unknown_channel_is_an_event(client):
    """A lookup that fails while running does not end the client."""
    client.connect()
    client.add_channel("nobody")
    assert isinstance(client.wait_for("error", timeout=10).error, NotFound)
    assert repr(client) == "<KickClient('amber-quokka') connected>"


def test_connect_does_not_wait_for_a_channel_that_was_removed(sim, make, transport, channel):
    """Once the slowest channel is given up, the others are all that is waited for."""
    sim.hold("/api/v2/channels/slow-snail")
    client = make("amber-quokka", "slow-snail", transport=transport)
    connected = []
    thread = threading.Thread(target=lambda: connected.append(client.connect(timeout=10)))
    thread.start()
    topic = f"chatrooms.{channel.chatroom_id}.v2"
    wait_until(lambda: client.stats.topics.get(topic) == "subscribed", 10, "the first channel")
    client.remove_channel("slow-snail")
    thread.join(20)
    assert [c.slug for c in connected[0].channels] == ["amber-quokka"]


def test_connect_ends_when_the_last_channel_is_removed(sim, make, transport):
    """There is nothing left to wait for; and a channel that is added afterwards is received."""
    sim.hold("/api/v2/channels/slow-snail")
    client = make("slow-snail", transport=transport)
    errors = []

    def connect():
        try:
            client.connect(timeout=30)
        except InvalidChannel as error:
            errors.append(error)

    thread = threading.Thread(target=connect)
    thread.start()
    wait_until(lambda: client._session is not None, 10, "the session")
    client.remove_channel("slow-snail")
    thread.join(10)
    assert "add_channel" in str(errors[0])
    client.add_channel("amber-quokka")
    assert client.connect(timeout=10).channels[0].slug == "amber-quokka"


def test_connect_tells_that_the_last_channel_was_removed(client, channel):
    """What waits can still be taken, and a channel that is added is received over the same socket."""
    client.connect()
    client.remove_channel("amber-quokka")
    with pytest.raises(InvalidChannel, match="add_channel"):
        client.connect()
    client.add_channel("amber-quokka")
    assert client.connect(timeout=10).channels[0].slug == "amber-quokka"
    channel.chat("back")
    assert client.wait_for(ChatMessage, timeout=5).content == "back"


def test_the_failure_of_a_removed_channel_is_nobodys(sim, client):
    """Nobody is told about a lookup whose channel was removed meanwhile."""
    client.connect()
    otter = sim.add_channel("river-otter")
    errors = []
    client.on(ErrorOccurred, errors.append)
    sim.hold("/api/v2/channels")
    client.add_channel("nobody")
    client.remove_channel("nobody")
    # Lookups are made one after another: once this one is through, so is the one before.
    client.add_channel("river-otter")
    sim.heal()
    sim.wait_for_subscribers(otter, timeout=10)
    otter.chat("end")
    client.wait_for(ChatMessage, timeout=5)
    assert errors == []


def test_a_channel_that_was_not_found_may_be_added_again(sim, client):
    """A failed lookup is forgotten, so that the same name can be tried once it exists."""
    client.connect()
    client.add_channel("late-lark")
    client.wait_for("error", timeout=10)
    lark = sim.add_channel("late-lark")
    client.add_channel("late-lark")
    sim.wait_for_subscribers(lark, timeout=5)
    lark.chat("here now")
    assert client.wait_for(ChatMessage, timeout=5).content == "here now"


def test_one_subscription_counts_once(client, channel):
    """Of up to five siblings, one is a Subscription."""
    client.connect()
    channel.subscribe("copperkite", months=13, text="one more year")
    channel.chat("end")
    seen = []
    client.on(Event, seen.append)
    client.wait_for(ChatMessage, timeout=5)
    assert [e.months for e in seen if isinstance(e, Subscription)] == [13]
    assert sum(isinstance(e, ChannelSubscription) for e in seen) == 1


def test_divided_gifts_are_one(client, channel):
    """The parts of a large drop are merged into one event with all names."""
    client.connect()
    names = [f"seedling_{n}" for n in range(120)]
    channel.gift_subs(names, gifter="big_spruce", chunks=3)
    gift = client.wait_for(GiftedSubscriptions, timeout=5)
    assert (gift.count, gift.gifted_usernames, gift.chunk) == (120, tuple(names), None)
    channel.chat("end")
    seen = []
    client.on(GiftedSubscriptions, seen.append)
    client.wait_for(ChatMessage, timeout=5)
    assert seen == []


def test_one_host_counts_once(client, channel):
    """Both frames of a host make one StreamHost."""
    client.connect()
    channel.host("tidal_tom", viewers=412)
    channel.chat("end")
    seen = []
    client.on(StreamHost, seen.append)
    client.wait_for(ChatMessage, timeout=5)
    assert [e.viewers for e in seen] == [412]


def test_a_repeated_live_event_counts_once(client, channel):
    """StreamerIsLive for the same broadcast comes once."""
    client.connect()
    payload = channel.go_live("late ride")
    channel.publish("App\\Events\\StreamerIsLive", payload, topic=f"channel.{channel.channel_id}")
    channel.chat("end")
    seen = []
    client.on(StreamerIsLive, seen.append)
    client.wait_for(ChatMessage, timeout=5)
    assert [e.title for e in seen] == ["late ride"]


def test_closing_waits_for_the_socket_of_a_removed_channel(sim, make, transport):
    """A server that does not answer the farewell keeps the thread a little longer; it is awaited."""
    client = make(transport=transport)
    client.connect()
    sim.go_silent()
    client.remove_channel("amber-quokka")
    client.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("kick-live-connection")]
