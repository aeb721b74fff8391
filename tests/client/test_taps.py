"""Taps see what arrives, before anything is left out."""

from kick_live import ChatMessage, Reconnected


def test_a_tap_sees_doubles_and_parts(client, channel):
    """Repetitions and parts of gifts are shown; listeners get them merged."""
    shown = []
    client.add_tap(shown.extend)
    client.connect()
    message = channel.chat("once")
    channel.publish("ChatMessageEvent", message)
    channel.gift_subs(["a", "b"], gifter="big_spruce", chunks=2)
    channel.chat("end")
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "end")
    names = [arrival.name.rpartition("\\")[2] for arrival in shown]
    assert names.count("ChatMessageEvent") == 3
    assert names.count("GiftedSubscriptionsEvent") == 2
    assert {arrival.channel.slug for arrival in shown} == {"amber-quokka"}
    assert '"once"' in shown[0].raw


def test_a_tap_sees_history(sim, client, channel):
    """What backfill reads is shown as historical."""
    shown = []
    client.add_tap(shown.extend)
    client.connect()
    channel.chat("missed", live=False)
    sim.drop_connections()
    client.wait_for(Reconnected, timeout=20)
    assert [(a.name, a.historical, '"missed"' in a.raw) for a in shown] == [
        ("ChatMessageEvent", True, True)
    ]


def test_a_raising_tap_harms_nobody(client, channel, caplog):
    """An error in a tap is logged; events go on."""

    def bad(arrivals):
        raise RuntimeError("disk full")

    client.add_tap(bad)
    client.connect()
    channel.chat("x")
    assert client.wait_for(ChatMessage, timeout=5).content == "x"
    assert "a tap raised" in caplog.text


def test_a_removed_tap_sees_nothing(client, channel):
    """After remove_tap nothing is shown."""
    shown = []
    client.add_tap(shown.extend)
    client.remove_tap(shown.extend)
    client.connect()
    channel.chat("x")
    client.wait_for(ChatMessage, timeout=5)
    assert shown == []
