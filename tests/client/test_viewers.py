"""Viewer counts: only while somebody listens, surviving errors and offline times."""

from servers.process import wait_until

from kick_live import ChannelRef, ErrorOccurred, ViewerCount


def _polls(sim):
    return [r for r in sim.requests if r.path in ("/current-viewers",) or "livestream" in r.path]


def test_nobody_listens_nobody_asks(sim, make, channel):
    """Without a listener no viewer request is made."""
    client = make(viewer_interval=0.05)
    channel.go_live(viewers=10)
    client.connect()
    client.run(timeout=0.3)
    assert _polls(sim) == []


def test_counts_arrive(sim, make, channel):
    """With a listener, counts of a live channel arrive again and again."""
    channel.go_live(viewers=412)
    client = make(viewer_interval=0.05)
    client.on(ViewerCount, lambda e: None)
    client.connect()
    first = client.wait_for(ViewerCount, timeout=5)
    assert (first.viewers, first.channel.slug) == (412, "amber-quokka")
    channel.set_viewers(500)
    client.wait_for(ViewerCount, timeout=5, where=lambda e: e.viewers == 500)


def test_a_listener_added_later_starts_it(sim, make, channel):
    """Polling begins when the first listener comes, and ends with the last."""
    channel.go_live(viewers=7)
    client = make(viewer_interval=0.05)
    client.connect()
    seen = []
    client.on(ViewerCount, seen.append)
    client.wait_for(ViewerCount, timeout=5)
    client.off(ViewerCount, seen.append)
    client.run(timeout=0.2)
    count = len(_polls(sim))
    client.run(timeout=0.3)
    assert len(_polls(sim)) == count


def test_an_offline_poll_does_not_end_it(sim, make, channel):
    """A stream that begins later is noticed."""
    client = make(viewer_interval=0.05)
    client.on(ViewerCount, lambda e: None)
    client.connect()
    wait_until(lambda: len(_polls(sim)) >= 2, 5, "offline polls")
    channel.go_live(viewers=3)
    assert client.wait_for(ViewerCount, timeout=5).viewers == 3


def test_a_failed_poll_does_not_end_it(sim, make, channel):
    """An error is reported once, and the next poll succeeds."""
    channel.go_live(viewers=9)
    client = make(viewer_interval=0.05)
    client.on(ViewerCount, lambda e: None)
    client.connect()
    client.wait_for(ViewerCount, timeout=5)
    errors = []
    client.on(ErrorOccurred, errors.append)
    sim.fail("/current-viewers", status=500)
    client.wait_for(ErrorOccurred, timeout=10)
    sim.heal()
    client.wait_for(ViewerCount, timeout=10)
    assert len(errors) == 1


def test_waiting_for_a_count_is_listening(sim, make, channel):
    """wait_for(ViewerCount) polls for as long as it waits."""
    channel.go_live(viewers=21)
    client = make(viewer_interval=0.05)
    client.connect()
    assert client.wait_for(ViewerCount, timeout=5).count == 21


def test_a_channel_given_by_ids_alone_gets_its_own_counts(sim, make, channel):
    """They are not those of a stranger whose name is what stands for the missing one."""
    channel.go_live(viewers=5)
    sim.add_channel(f"channel-{channel.channel_id}", live=True).set_viewers(777)
    ref = ChannelRef(channel_id=channel.channel_id, chatroom_id=channel.chatroom_id)
    client = make(ref, viewer_interval=0.05)
    client.connect()
    assert client.wait_for(ViewerCount, timeout=5).viewers == 5


def test_a_channel_that_does_not_exist_costs_nobody_else_the_counts(sim, make, channel):
    """Wrong ids are told of with their channel."""
    channel.go_live(viewers=5)
    client = make(ChannelRef(channel_id=999, chatroom_id=998), "amber-quokka", viewer_interval=0.05)
    client.connect()
    errors = []
    client.on(ErrorOccurred, errors.append)
    for _ in range(3):
        assert client.wait_for(ViewerCount, timeout=5).channel.slug == "amber-quokka"
    assert [event.channel.channel_id for event in errors] == [999]
