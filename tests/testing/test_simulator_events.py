import json
import re
import threading

import pytest
from simulator_peers import Centrifugo, Pusher

from kick_live.testing import KickSimulator

# Shapes of 2026: the keys of each payload, with nested keys after dots. Invented data throughout.
SENDER = {"id", "username", "slug"}
PERSON_IDENTITY = {"color", "badges", "badges_v2"}

# What each method publishes: wire name, topic by its index in channel.topics, keys.
EVENTS = {
    "chat": (
        lambda c: c.chat("hello [emote:39001:WaveHi]"),
        [("App\\Events\\ChatMessageEvent", 0)],
        {"id", "chatroom_id", "content", "type", "created_at", "sender", "metadata"},
    ),
    "delete": (
        lambda c: c.delete_message("m-1", ai=True, rules=["is_spam-TRUE"]),
        [("App\\Events\\MessageDeletedEvent", 0)],
        {"id", "message", "aiModerated", "violatedRules"},
    ),
    "timeout": (
        lambda c: c.ban("loud_talker", minutes=5),
        [("App\\Events\\UserBannedEvent", 0)],
        {"id", "user", "banned_by", "permanent", "duration", "expires_at"},
    ),
    "ban": (
        lambda c: c.ban("spamlink"),
        [("App\\Events\\UserBannedEvent", 0)],
        {"id", "user", "banned_by", "permanent"},
    ),
    "unban": (
        lambda c: c.unban("loud_talker"),
        [("App\\Events\\UserUnbannedEvent", 0)],
        {"id", "user", "unbanned_by", "permanent"},
    ),
    "clear": (lambda c: c.clear(), [("App\\Events\\ChatroomClearEvent", 0)], {"id"}),
    "poll": (
        lambda c: c.poll("Where?", ["A", "B"]),
        [("App\\Events\\PollUpdateEvent", 0)],
        {"poll"},
    ),
    "reward": (
        lambda c: c.redeem_reward("Hydrate!"),
        [("RewardRedeemedEvent", 2)],
        {
            "reward_title",
            "user_id",
            "channel_id",
            "username",
            "user_input",
            "reward_background_color",
        },
    ),
    "goal": (
        lambda c: c.goal("progress", current=247, target=300),
        [("GoalProgressUpdateEvent", 4)],
        {
            "id",
            "channel_id",
            "type",
            "target_value",
            "current_value",
            "progress_bar_emoji_id",
            "status",
            "created_at",
            "updated_at",
            "achieved_at",
            "end_date",
            "count_from_creation",
        },
    ),
    "prediction": (
        lambda c: c.predict("Boss first try?"),
        [("PredictionCreated", 5)],
        {"prediction"},
    ),
    "live": (lambda c: c.go_live(), [("App\\Events\\StreamerIsLive", 3)], {"livestream"}),
    "offline": (
        lambda c: c.go_offline(),
        [("App\\Events\\StopStreamBroadcast", 3)],
        {"livestream"},
    ),
    "move": (
        lambda c: c.move_to("tidal-tom", 88),
        [("App\\Events\\ChatMoveToSupportedChannelEvent", 3)],
        {"channel", "slug", "hosted"},
    ),
}


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_each_event_over_each_protocol(simulator, channel, peer_class, name):
    """An event arrives once, on its topic, under its wire name, with the keys of 2026."""
    action, frames, keys = EVENTS[name]
    with peer_class(simulator, *channel.topics) as peer:
        returned = action(channel)
        for wire_name, topic in frames:
            got_topic, got_name, payload = peer.event()
            assert (got_topic, got_name) == (channel.topics[topic], wire_name)
            assert payload == returned
            assert payload.keys() == keys
        assert peer.hears_nothing(0.05)


@pytest.mark.parametrize(
    ("action", "name"),
    [("unpin", "PinnedMessageDeletedEvent"), ("delete_poll", "PollDeleteEvent")],
)
def test_empty_payloads_are_lists(simulator, channel, peer_class, action, name):
    """Unpinning and deleting a poll send an empty list."""
    with peer_class(simulator, channel.chat_topic) as peer:
        getattr(channel, action)()
        assert peer.event() == (channel.chat_topic, f"App\\Events\\{name}", [])


def test_message_in_full(channel):
    """A message has the sender, badges and metadata of 2026."""
    message = channel.chat(
        "hi", username="Maple_Harbor", user_id=41, badges=["moderator", ("subscriber", 14)]
    )
    sender = message["sender"]
    assert message["chatroom_id"] == channel.chatroom_id
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", message["created_at"])
    assert sender.keys() == SENDER | {"identity"}
    assert (sender["id"], sender["slug"]) == (41, "maple-harbor")
    assert sender["identity"].keys() == PERSON_IDENTITY
    assert sender["identity"]["badges"] == [
        {"type": "moderator", "text": "Moderator", "sort_order": 12},
        {"type": "subscriber", "text": "Subscriber", "count": 14, "sort_order": 9},
    ]
    assert re.fullmatch(r"\d{13}", message["metadata"]["message_ref"])
    (level,) = sender["identity"]["badges_v2"]
    assert level["metadata"].keys() == {"level"}


def test_metadata_can_be_anything(channel):
    """Metadata is null for bots and whatever a test wants."""
    assert channel.chat("x", metadata=None)["metadata"] is None
    assert channel.chat("x", metadata='{"a":1}')["metadata"] == '{"a":1}'


def test_people_keep_their_ids(channel):
    """The same name has the same id everywhere, another name another one."""
    first = channel.chat("a", username="pebble")["sender"]["id"]
    assert channel.ban("Pebble")["user"]["id"] == first
    assert channel.chat("b", username="larkspur")["sender"]["id"] != first


def test_reply_refers_to_its_parent(channel):
    """A reply carries its parent's id, text and author."""
    parent = channel.chat("anyone here?", username="Maple_Harbor")
    reply = channel.reply("me", to=parent, username="Fern_Gully")
    assert reply["type"] == "reply"
    assert reply["metadata"]["original_message"] == {"id": parent["id"], "content": "anyone here?"}
    assert reply["metadata"]["original_sender"]["username"] == "Maple_Harbor"
    assert reply["thread_parent_id"] == parent["id"]


def test_celebration(channel):
    """A celebration is a chat message with the months in its metadata."""
    message = channel.celebrate(13, "copperkite", "one more year")
    celebration = message["metadata"]["celebration"]
    assert message["type"] == "celebration"
    assert celebration["total_months"] == 13
    assert celebration["id"].startswith("chceleb_")


def test_pin(channel):
    """A pin's duration is text in seconds; its moderator's badges say active."""
    payload = channel.pin(channel.chat("rules"), seconds=1200, by="Gate_Keeper")
    assert payload["duration"] == "1200"
    assert payload["message"]["thread_parent_id"] == ""
    assert payload["pinnedBy"]["identity"]["badges"][0]["active"] is True


def test_timeout_minutes_and_expiry_agree(channel):
    """A timeout of one minute ends a minute later; an unban says what was lifted."""
    payload = channel.ban("loud_talker", minutes=1)
    assert (payload["permanent"], payload["duration"]) == (False, 1)
    assert channel.unban("loud_talker")["permanent"] is False
    channel.ban("spamlink")
    assert channel.unban("spamlink")["permanent"] is True


def _collect(peer, number):
    return [peer.event() for _ in range(number)]


def test_subscription_siblings(simulator, channel, peer_class):
    """A resub makes five frames on their topics; the words travel in ChatMessageSentEvent."""
    with peer_class(simulator, *channel.topics) as peer:
        channel.subscribe("copperkite", months=13, text="still here")
        frames = {name.rpartition("\\")[2]: (topic, p) for topic, name, p in _collect(peer, 5)}
        room, topic_c = channel.topics[2], channel.topics[4]
        assert frames["SubscriptionEvent"] == (
            channel.chat_topic,
            {"chatroom_id": channel.chatroom_id, "username": "copperkite", "months": 13},
        )
        assert frames["ChatMessageSentEvent"][0] == room
        spoken = frames["ChatMessageSentEvent"][1]
        assert spoken["message"]["optional_message"] == "still here"
        assert spoken["message"]["action"] == "subscribe"
        assert frames["ChannelSubscriptionEvent"][0] == topic_c
        assert frames["ChannelSubscriptionEvent"][1]["user_ids"] == [spoken["user"]["id"]]
        assert frames["NewSubscriberUpdatedEvent"][1]["last_subscriber"] == "copperkite"
        assert frames["NewActivityFeedEvent"][1]["type"] == "new_subscriber"
        assert peer.hears_nothing(0.05)


def test_order_of_siblings_is_shuffled_and_repeatable():
    """The siblings have no fixed order, but the same seed gives the same orders."""

    def orders(seed):
        with KickSimulator(seed=seed) as simulator:
            channel = simulator.add_channel("amber-quokka")
            with Pusher(simulator, *channel.topics) as peer:
                for _ in range(4):
                    channel.subscribe("copperkite")
                names = [name for _, name, _ in _collect(peer, 20)]
                return [tuple(names[i : i + 5]) for i in range(0, 20, 5)]

    first = orders(1)
    assert first == orders(1)
    assert len(set(first)) > 1


def test_gift_drop_in_one_frame(simulator, channel):
    """A drop of two has its siblings; drop size and lifetime total are different numbers."""
    with Pusher(simulator, *channel.topics) as peer:
        (drop,) = channel.gift_subs(["acorn_a", "acorn_b"], gifter="big_spruce", lifetime_total=435)
        frames = {name.rpartition("\\")[2]: (topic, p) for topic, name, p in _collect(peer, 6)}
    assert frames["GiftedSubscriptionsEvent"] == (channel.topics[2], drop)
    assert (drop["gifted_total"], drop["gifter_total"]) == (2, 435)
    assert drop["chunk_details"] is None
    lucky = frames["LuckyUsersWhoGotGiftSubscriptionsEvent"]
    assert lucky[0] == channel.topics[3]
    assert sorted(lucky[1]["usernames"]) == ["acorn_a", "acorn_b"]
    board = frames["GiftsLeaderboardUpdated"][1]
    assert board["gifted_quantity"] == 2
    assert board["leaderboard"][0]["quantity"] == 435
    assert frames["NewActivityFeedEvent"][1]["metadata"] == {"quantity": 2}
    assert len(frames["ChannelSubscriptionEvent"][1]["user_ids"]) == 2
    assert frames["ChatMessageSentEvent"][1]["message"]["action"] == "gift"


def test_gift_drop_in_chunks(channel):
    """Chunks share the correlation id and the total, and split the names between them."""
    names = [f"seedling_{n:03d}" for n in range(10)]
    frames = channel.gift_subs(names, chunks=3)
    assert [n for frame in frames for n in frame["gifted_usernames"]] == names
    assert {frame["correlation_id"] for frame in frames} == {frames[0]["correlation_id"]}
    assert {frame["gifted_total"] for frame in frames} == {10}
    details = [frame["chunk_details"] for frame in frames]
    assert [d["chunk_index"] for d in details] == [0, 1, 2]
    assert {d["total_chunks"] for d in details} == {3}


def test_anonymous_gift(simulator, channel):
    """An anonymous gift is by "Anonymous" or null and stands on no leaderboard."""
    with Pusher(simulator, *channel.topics) as peer:
        (drop,) = channel.gift_subs(["acorn_c"], gifter=None)
        names = {name for _, name, _ in _collect(peer, 4)}
        assert peer.hears_nothing(0.05)
    assert drop["gifter_username"] == "Anonymous"
    assert "GiftsLeaderboardUpdated" not in names
    (drop,) = channel.gift_subs(["acorn_d"], gifter=None, anonymous_name=None)
    assert drop["gifter_username"] is None


def test_kicks(simulator, channel):
    """Kicks come with their leaderboard; only a pinned gift has an expiry, in nanoseconds."""
    with Centrifugo(simulator, channel.topics[4]) as peer:
        plain = channel.gift_kicks(10)
        pinned = channel.gift_kicks(500, message="great run")
        names = [name for _, name, _ in _collect(peer, 4)]
    assert names == ["KicksGifted", "KicksLeaderboardUpdated"] * 2
    assert plain["gift"] == {
        "gift_id": "hype",
        "name": "Hype",
        "amount": 10,
        "type": "BASIC",
        "tier": "BASIC",
        "character_limit": 0,
        "pinned_time": 0,
    }
    assert "message" not in plain
    assert "expires_at" not in plain
    assert pinned["gift"]["pinned_time"] == 600_000_000_000
    assert pinned["gift"]["type"] == "LEVEL_UP"
    assert re.fullmatch(r"[-\dT:]{19}(\.\d{1,9})?Z", pinned["expires_at"])


def test_goal_goes_on(channel):
    """Steps of a goal share its id; a canceled one is over."""
    first = channel.goal("created", target=300)
    step = channel.goal("progress", current=299)
    done = channel.goal("achieved", current=300)
    assert first["id"] == step["id"] == done["id"]
    assert step["target_value"] == 300
    assert isinstance(step["channel_id"], str)
    assert done["achieved_at"] is not None
    channel.goal("canceled")
    assert channel.goal("created")["id"] != first["id"]


def test_prediction_goes_on(simulator, channel):
    """Everything after a prediction's creation is an update of the same prediction."""
    with Pusher(simulator, channel.topics[5]) as peer:
        channel.predict("Boss?", ["Yes", "No"])
        channel.predict("Boss?", state="LOCKED", created=False, votes=[(100, 2), (300, 1)])
        channel.predict("Boss?", state="RESOLVED", created=False, winner=0)
        (_, n1, p1), (_, n2, p2), (_, n3, p3) = _collect(peer, 3)
    assert [n1, n2, n3] == ["PredictionCreated", "PredictionUpdated", "PredictionUpdated"]
    assert p1["prediction"]["id"] == p2["prediction"]["id"] == p3["prediction"]["id"]
    assert p2["prediction"]["outcomes"][0]["return_rate"] == 4
    assert "locked_at" in p2["prediction"]
    assert p3["prediction"]["winning_outcome_id"] == p1["prediction"]["outcomes"][0]["id"]


def test_settings_in_both_units(simulator, channel):
    """One change is published twice: minutes on the chat topic, seconds on the channel's."""
    with Pusher(simulator, channel.chat_topic, channel.topics[4]) as peer:
        channel.update_settings(slow_mode_seconds=3, followers_only_minutes=10, emotes_only=True)
        found = {name.rpartition("\\")[2]: (topic, p) for topic, name, p in _collect(peer, 2)}
    topic, room = found["ChatroomUpdatedEvent"]
    assert topic == channel.chat_topic
    assert room["slow_mode"] == {"enabled": True, "message_interval": 3}
    assert room["followers_mode"] == {"enabled": True, "min_duration": 10}
    topic, changed = found["ChatSettingsChanged"]
    assert topic == channel.topics[4]
    settings = changed["settings"]
    assert settings["followers_only_mode"] == {"enabled": True, "duration_seconds": 600}
    assert settings["emotes_only_mode"] == {"enabled": True}


def test_any_follower_is_one_second(channel):
    """Zero minutes of following are written as one second in the newer event."""
    room, changed = channel.update_settings(followers_only_minutes=0)
    assert room["followers_mode"] == {"enabled": True, "min_duration": 0}
    assert changed["settings"]["followers_only_mode"]["duration_seconds"] == 1
    with pytest.raises(TypeError, match="slow_mode_seconds"):
        channel.update_settings(slow_mode=3)


def test_host_on_both_topics(simulator, channel):
    """An incoming host is told once on each of two topics; only the second has an id."""
    with Pusher(simulator, *channel.topics) as peer:
        channel.host("tidal_tom", 412, "go say hi")
        found = {name: (topic, p) for topic, name, p in _collect(peer, 2)}
    topic, first = found["App\\Events\\StreamHostEvent"]
    assert (topic, first["number_viewers"]) == (channel.topics[0], 412)
    topic, second = found["App\\Events\\StreamHostedEvent"]
    assert (topic, second["message"]["numberOfViewers"]) == (channel.topics[1], 412)
    assert second["user"]["verified"] is False


def test_broadcasts_have_ids_of_their_own(channel):
    """Each broadcast has a new livestream id, which its end repeats."""
    first = channel.go_live()["livestream"]["id"]
    assert channel.go_offline()["livestream"]["id"] == first
    assert channel.go_live()["livestream"]["id"] != first


def test_first_poll_frame_differs(channel):
    """Only the first frame of a poll says whether the viewer has voted."""
    assert channel.poll("Where?", ["A", "B"])["poll"]["has_voted"] is False
    assert "has_voted" not in channel.poll("Where?", ["A", "B"], [1, 2], remaining=29)["poll"]
    assert "has_voted" in channel.poll("And now?", ["A", "B"])["poll"]


def test_escaping_follows_the_service(simulator, channel):
    """PHP-born payloads escape slashes, two of them all but ASCII; newer services neither."""
    with Pusher(simulator, channel.chat_topic, channel.topics[4]) as peer:
        message = channel.chat("ä https://example.org")
        assert r"ä https:\/\/example.org" in peer.next()["data"]
        channel.pin(message)
        assert r"\u00e4 https:\/\/example.org" in peer.next()["data"]
        channel.gift_kicks(500, message="ä /")
        assert '"ä /"' in peer.next()["data"]


def test_publish_anything(simulator, channel, peer_class):
    """publish() writes objects as JSON and takes text literally, on any topic."""
    with peer_class(simulator, channel.chat_topic, "drops_category_4411") as peer:
        assert channel.publish("A", {"x": [1]}) == 1
        assert peer.as_event(peer.next()) == (channel.chat_topic, "A", '{"x":[1]}')
        channel.publish("B", "camp_01", "drops_category_4411")
        assert peer.as_event(peer.next()) == ("drops_category_4411", "B", "camp_01")
        assert channel.publish("C", {}, "nobody-listens") == 0


def test_half_a_surrogate_pair_is_survived(simulator, channel, peer_class):
    """A payload that UTF-8 cannot carry arrives escaped."""
    with peer_class(simulator, channel.chat_topic) as peer:
        channel.chat("\ud83d")
        assert peer.event()[2]["content"] == "\ud83d"


def test_only_subscribers_receive(simulator, channel, peer_class):
    """A socket receives the topics it joined, and none of another channel's."""
    other = simulator.add_channel("quiet-newt")
    with peer_class(simulator, other.chat_topic) as peer:
        channel.chat("not for you")
        channel.subscribe("copperkite")
        other.chat("for you")
        assert peer.event()[2]["content"] == "for you"


def test_both_protocols_once_each_in_one_order(simulator, channel):
    """Four threads publish; each of four sockets gets everything once, all in the same order."""
    with (
        Pusher(simulator, channel.chat_topic) as p1,
        Pusher(simulator, channel.chat_topic) as p2,
        Centrifugo(simulator, channel.chat_topic) as c1,
        Centrifugo(simulator, channel.chat_topic) as c2,
    ):
        threads = [
            threading.Thread(target=lambda k=k: [channel.chat(f"{k}-{n}") for n in range(25)])
            for k in range(4)
        ]
        for thread in threads:
            thread.start()
        orders = [[p["content"] for _, _, p in _collect(peer, 100)] for peer in (p1, p2, c1, c2)]
        for thread in threads:
            thread.join()
    assert sorted(orders[0]) == sorted(f"{k}-{n}" for k in range(4) for n in range(25))
    assert orders[0] == orders[1] == orders[2] == orders[3]


def test_push_frame_is_the_documented_one(simulator, channel):
    """The two outer frames have exactly the documented keys."""
    with (
        Pusher(simulator, channel.chat_topic) as pusher,
        Centrifugo(simulator, channel.chat_topic) as centrifugo,
    ):
        channel.chat("x")
        frame = json.loads(pusher.frame()[1])
        assert frame.keys() == {"event", "data", "channel"}
        assert isinstance(frame["data"], str)
        push = json.loads(centrifugo.frame()[1])
        assert push.keys() == {"push"}
        assert push["push"].keys() == {"channel", "pub"}
        assert push["push"]["pub"]["data"] == {"event": frame["event"], "data": frame["data"]}
