"""What KickAPI makes of each endpoint's answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from rest_server import CHANNEL, RestServer, Say

from kick_live import errors
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.api import KickAPI

SLUG = "amber-quokka"
BASE = f"/api/v2/channels/{SLUG}"
CHAT = "/api/v1/chat/7733190/history"


@pytest.fixture
def server() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.stop()


@pytest.fixture
def api(server: RestServer) -> Iterator[KickAPI]:
    with KickAPI(server.endpoints, min_interval=0, retries=0) as api:
        yield api


def test_channel_has_ids_streamer_and_broadcast(server: RestServer, api: KickAPI) -> None:
    """A channel's answer becomes typed values, with times in UTC."""
    server.on(BASE, Say(CHANNEL))
    info = api.channel("Amber-Quokka")
    assert info.channel == Channel(slug=SLUG, channel_id=7733190, chatroom_id=7712045)
    assert (info.user_id, info.username) == (9120044, "Amber_Quokka")
    assert (info.followers_count, info.verified, info.is_banned) == (5150, True, False)
    assert info.profile_picture == "https://p.example/a.webp"
    assert info.chat_mode == "public"
    assert info.is_live
    live = info.livestream
    assert live is not None
    assert (live.id, live.title, live.viewers) == (118204411, "Evening walk", 4720)
    assert live.start_time == datetime(2026, 10, 5, 18, 0, 2, tzinfo=timezone.utc)
    assert live.category is not None
    assert live.category.name == "Walks"
    assert live.thumbnail_url == "https://pictures.example/t.webp"
    assert live.tags == ("rain",)


def test_subscriber_badges_are_picked_by_months(server: RestServer, api: KickAPI) -> None:
    """A subscriber wears the picture of the most months that do not exceed one's own."""
    server.on(BASE, Say(CHANNEL))
    info = api.channel(SLUG)
    assert info.badge_for(0) is None
    assert [getattr(info.badge_for(months), "months", None) for months in (1, 5, 6, 40)] == [
        1,
        1,
        6,
        6,
    ]


@pytest.mark.parametrize("value", [None, "yes", [], {"a": 1}, 10**400, "2026-13-99 99:99:99"])
def test_a_strange_value_costs_only_its_field(server: RestServer, api: KickAPI, value: Any) -> None:
    """Every optional part of a channel may have any type; the ids still come out."""
    for name in CHANNEL.keys() - {"id", "slug", "chatroom", "is_banned"}:
        server.on(BASE, Say({**CHANNEL, name: value, "something_new": value}))
        assert api.channel(SLUG).chatroom_id == 7712045, name
    for name in CHANNEL["livestream"].keys() - {"id"}:  # type: ignore[attr-defined]
        live = {**CHANNEL["livestream"], name: value}  # type: ignore[dict-item]
        server.on(BASE, Say({**CHANNEL, "livestream": live}))
        assert api.channel(SLUG).chatroom_id == 7712045, name


def test_an_offline_channel_has_no_broadcast(server: RestServer, api: KickAPI) -> None:
    """Without a broadcast, is_live is false."""
    server.on(BASE, Say({**CHANNEL, "livestream": None}))
    info = api.channel(SLUG)
    assert not info.is_live
    assert info.livestream is None


def test_a_banned_channel_without_ids_is_not_found(server: RestServer, api: KickAPI) -> None:
    """A banned channel's bare answer is NotFound and says why."""
    server.on(BASE, Say({"id": 1, "slug": SLUG, "is_banned": True}))
    with pytest.raises(errors.NotFound, match="banned"):
        api.channel(SLUG)


@pytest.mark.parametrize("name", ["../current-viewers", "a b", "", "x/y", "ä", "a" * 65])
def test_a_name_is_never_an_unchecked_path(server: RestServer, api: KickAPI, name: str) -> None:
    """What is no name of a channel is refused before any request."""
    with pytest.raises(errors.InvalidChannel):
        api.channel(name)
    with pytest.raises(errors.InvalidChannel):
        api.user(SLUG, name)
    assert server.asked == []


def test_a_channel_id_serves_as_a_name(server: RestServer, api: KickAPI) -> None:
    """A reference without a slug is asked for by its id."""
    server.on("/api/v2/channels/7733190", Say(CHANNEL))
    assert api.channel(ChannelRef(channel_id=7733190)).slug == SLUG


NAMELESS = Channel(slug="channel-7733190", channel_id=7733190, chatroom_id=7712045)


def test_a_channel_without_a_name_is_live_by_its_id(server: RestServer, api: KickAPI) -> None:
    """The one path that takes an id also tells of the broadcast."""
    server.on("/api/v2/channels/7733190", Say(CHANNEL))
    live = api.livestream(NAMELESS)
    assert live is not None
    assert live.viewers == 4720
    assert server.paths == ["/api/v2/channels/7733190"]


@pytest.mark.parametrize("slug", [SLUG, "../7", None])
def test_a_channel_without_a_name_is_looked_up_first(
    server: RestServer, api: KickAPI, slug: str | None
) -> None:
    """Other paths get the name that Kick gives for the id, or the id where that is no name."""
    server.on("/api/v2/channels/7733190", Say({**CHANNEL, "slug": slug}))
    name = slug if slug == SLUG else "7733190"
    server.on(f"/emotes/{name}", Say([]))
    assert api.emotes(NAMELESS) == ()
    assert server.paths == ["/api/v2/channels/7733190", f"/emotes/{name}"]


def test_a_stranger_whose_name_is_the_id_is_not_asked(server: RestServer, api: KickAPI) -> None:
    """A name may be all digits; the ids that come with the answer are another channel's."""
    server.on("/api/v2/channels/41", Say({**CHANNEL, "slug": "41"}))
    nameless = ChannelRef(channel_id=41, chatroom_id=42)
    for ask in (api.channel, api.livestream, api.emotes, api.goals):
        with pytest.raises(errors.InvalidChannel, match=r"channel id 41.*7733190"):
            ask(nameless)
    assert set(server.paths) == {"/api/v2/channels/41"}


def test_an_id_that_finds_nothing_says_to_give_the_name(server: RestServer, api: KickAPI) -> None:
    """NotFound tells it from a name that does not exist; a banned channel is still called that."""
    with pytest.raises(errors.NotFound, match=r"by the id 41.*slug=") as caught:
        api.livestream(ChannelRef(channel_id=41))
    assert (caught.value.tried, caught.value.status) == (("41",), 404)
    server.on("/api/v2/channels/42", Say({"id": 42, "is_banned": True}))
    with pytest.raises(errors.NotFound, match="banned"):
        api.livestream(ChannelRef(channel_id=42))


def test_livestream_is_none_while_offline(server: RestServer, api: KickAPI) -> None:
    """The lighter endpoint says null while offline, and names viewers differently."""
    live = {
        "id": 118204411,
        "session_title": "Evening walk",
        "created_at": "2026-10-05T18:00:00.000000Z",
        "viewers": None,
        "category": {"id": 3, "name": "Tea", "parent_category": {"id": 9, "name": "IRL"}},
        "thumbnail": {"src": "https://pictures.example/t.webp"},
    }
    server.on(f"{BASE}/livestream", Say({"data": None}), Say({"data": live}))
    assert api.livestream(SLUG) is None
    found = api.livestream(SLUG)
    assert found is not None
    assert found.viewers is None
    assert found.created_at == datetime(2026, 10, 5, 18, tzinfo=timezone.utc)
    assert found.category is not None
    assert (found.category.name, found.category.parent_id) == ("Tea", 9)
    assert found.thumbnail_url == "https://pictures.example/t.webp"


def test_current_viewers_by_livestream(server: RestServer, api: KickAPI) -> None:
    """Viewers come for several broadcasts at once; what is offline is missing."""
    rows = [{"livestream_id": 118204411, "viewers": "4720"}, {"livestream_id": None}, 7]
    server.on("/current-viewers", Say(rows), Say([]))
    assert api.current_viewers(118204411, 5) == {118204411: 4720}
    assert server.asked[0].query == {"ids[]": ["118204411", "5"]}
    assert api.current_viewers(118204411) == {}
    assert api.current_viewers() == {}
    assert len(server.asked) == 2


def test_chatroom_units_become_durations(server: RestServer, api: KickAPI) -> None:
    """Seconds and minutes of the older form both become timedeltas."""
    server.on(
        f"{BASE}/chatroom",
        Say(
            {
                "id": 7712045,
                "slow_mode": {"enabled": True, "message_interval": 6},
                "followers_mode": {"enabled": False, "min_duration": 720},
                "subscribers_mode": None,
                "emotes_mode": {"enabled": True},
                "account_age": {"enabled": True, "min_duration": 1},
                "advanced_bot_protection": {"enabled": False, "remaining_time": 0},
                "pinned_message": {"message": message(1), "pinned_by": None},
                "gifts_enabled": {"enabled": True},
            }
        ),
    )
    room = api.chatroom(SLUG)
    assert room.slow_mode.message_interval == timedelta(seconds=6)
    assert room.followers_mode.min_duration == timedelta(hours=12)
    assert not room.followers_mode.enabled
    assert room.account_age.min_duration == timedelta(minutes=1)
    assert room.emotes_mode.enabled
    assert not room.subscribers_mode.enabled
    assert room.gifts_enabled is not None
    assert room.gifts_enabled.enabled
    assert room.pinned_message is not None
    assert room.pinned_message.message.content == "message 1"


def test_chat_settings_are_in_seconds(server: RestServer, api: KickAPI) -> None:
    """The newer form's seconds become timedeltas."""
    server.on(
        "/api/v1/channels/7733190/chat/settings",
        Say(
            {
                "data": {
                    "channel_id": 7733190,
                    "rules": "be kind",
                    "followers_only_mode": {"enabled": True, "duration_seconds": 43200},
                },
                "message": "OK",
            }
        ),
    )
    settings = api.chat_settings(7733190)
    assert settings.rules == "be kind"
    assert settings.followers_only_mode.duration == timedelta(hours=12)


def test_rules_are_text(server: RestServer, api: KickAPI) -> None:
    """A chat's rules are text, empty where there are none."""
    server.on(f"{BASE}/chatroom/rules", Say({"data": {"rules": "be kind"}}), Say({"data": {}}))
    assert api.chatroom_rules(SLUG) == "be kind"
    assert api.chatroom_rules(SLUG) == ""


def test_a_body_can_say_not_found(server: RestServer, api: KickAPI) -> None:
    """Answers with status 200 whose body says that nothing is there are NotFound."""
    server.on(f"{BASE}/chatroom", Say({"error": True, "message": "no", "status": 404}))
    with pytest.raises(errors.NotFound):
        api.chatroom(SLUG)
    server.on(f"{BASE}/chatroom/rules", Say({"status": {"error": True, "code": 404}}))
    with pytest.raises(errors.NotFound):
        api.chatroom_rules(SLUG)
    server.on("/api/v1/kicks/7/leaderboard", Say({"data": {"type": "Not Found"}}))
    with pytest.raises(errors.NotFound):
        api.kicks_leaderboard(7)


def message(number: int, **changes: Any) -> dict[str, Any]:
    """A row of history."""
    row = {
        "id": f"11111111-1111-4111-8111-{number:012}",
        "chat_id": 7733190,
        "user_id": 41,
        "content": f"message {number}",
        "type": "message",
        "metadata": '{"message_ref":"1791223244420"}',
        "sender": {"id": 41, "username": "copperkite", "slug": "copperkite", "identity": {}},
        "created_at": f"2026-10-05T18:00:{number:02}.123456Z",
    }
    return {**row, **changes}


def test_history_is_oldest_first(server: RestServer, api: KickAPI) -> None:
    """A page is turned round, marked historical, and rows that cannot be read are counted."""
    rows = [
        message(3, metadata="[]"),
        message(2, metadata="null"),
        {"id": None},
        "nonsense",
        message(1),
    ]
    server.on(CHAT, Say({"data": {"messages": rows, "cursor": "1783405879956403"}}))
    channel = Channel(slug=SLUG, channel_id=7733190, chatroom_id=7712045)
    page = api.history(7733190, channel=channel)
    assert [item.content for item in page.messages] == ["message 1", "message 2", "message 3"]
    assert all(item.historical for item in page.messages)
    assert all(item.channel == channel for item in page.messages)
    assert page.messages[0].created_at == datetime(
        2026, 10, 5, 18, 0, 1, 123456, tzinfo=timezone.utc
    )
    assert page.messages[0].sent_at_ms == 1791223244420
    assert page.skipped == 2
    assert page.cursor == "1783405879956403"
    assert page.pinned_message is None


def test_history_has_the_pinned_message(server: RestServer, api: KickAPI) -> None:
    """What is pinned comes with the page."""
    pinned = {
        "message": message(9),
        "pinned_by": {"id": 5, "username": "Maple"},
        "finish_at": "2026-10-05T18:20:00Z",
    }
    server.on(CHAT, Say({"data": {"messages": [], "cursor": None, "pinned_message": pinned}}))
    page = api.history(7733190)
    assert page.messages == ()
    assert page.cursor is None
    assert page.pinned_message is not None
    assert page.pinned_message.message.content == "message 9"
    assert page.pinned_message.pinned_by is not None
    assert page.pinned_message.pinned_by.username == "Maple"
    assert page.pinned_message.finish_at == datetime(2026, 10, 5, 18, 20, tzinfo=timezone.utc)


@pytest.mark.parametrize("named", [7733190, NAMELESS, ChannelRef(channel_id=7733190)])
def test_a_channel_serves_as_its_id(server: RestServer, api: KickAPI, named: Any) -> None:
    """Where Kick wants a channel's id, the channel or a reference with it does as well."""
    server.on(CHAT, Say({"data": {"messages": [message(1)], "cursor": None}}))
    server.on("/api/v1/kicks/7733190/pinned-gifts", Say({"data": {"pinned_gifts": []}}))
    server.on("/api/v1/kicks/7733190/leaderboard", Say({"data": {}}))
    server.on("/api/v1/channels/7733190/chat/settings", Say({"data": {}}))
    api.pinned_gifts(channel_id=named)
    api.kicks_leaderboard(named)
    api.chat_settings(named)
    (page,) = api.iter_history(named)
    assert page.messages[0].channel == (NAMELESS if named is NAMELESS else None)
    assert api.history(named, channel=NAMELESS).messages[0].channel == NAMELESS
    assert len(server.asked) == 5


def test_a_reference_without_the_id_is_refused(server: RestServer, api: KickAPI) -> None:
    """A name is not looked up behind the caller's back."""
    with pytest.raises(errors.InvalidChannel, match="no channel id"):
        api.history(ChannelRef("amber-quokka"))
    assert server.asked == []


def test_history_can_start_at_a_moment(server: RestServer, api: KickAPI) -> None:
    """A start time is sent in UTC, whatever its zone."""
    server.on(CHAT, Say({"data": {"messages": []}}))
    api.history(7733190, start_time=datetime(2026, 10, 5, 20, tzinfo=timezone(timedelta(hours=2))))
    api.history(7733190, start_time=datetime(2026, 10, 5, 18))
    assert [request.query for request in server.asked] == [
        {"start_time": ["2026-10-05T18:00:00.000Z"]}
    ] * 2


def test_history_goes_back_page_by_page(server: RestServer, api: KickAPI) -> None:
    """Pages follow the cursor, over empty ones, and end without one or when one comes again."""
    server.on(
        CHAT,
        Say({"data": {"messages": [message(3)], "cursor": "30"}}),
        Say({"data": {"messages": [], "cursor": 20}}),
        Say({"data": {"messages": [message(1)], "cursor": None}}),
    )
    pages = list(api.iter_history(7733190))
    assert [len(page.messages) for page in pages] == [1, 0, 1]
    assert [request.query.get("cursor") for request in server.asked] == [None, ["30"], ["20"]]
    server.on(CHAT, Say({"data": {"messages": [message(3)], "cursor": "30"}}))
    assert len(list(api.iter_history(7733190))) == 2


@pytest.mark.parametrize("answer", [None, [], {"data": None}, {"data": []}, "x"])
def test_history_without_messages_is_invalid(server: RestServer, api: KickAPI, answer: Any) -> None:
    """An answer of another shape is an error, not an empty past."""
    server.on(CHAT, Say(answer))
    with pytest.raises(errors.InvalidResponse):
        api.history(7733190)


def test_poll_prediction_and_goals(server: RestServer, api: KickAPI) -> None:
    """Running polls, predictions and goals are typed; none is None."""
    poll = {"title": "Tea?", "options": [{"id": 0, "label": "yes", "votes": 3}], "duration": 60}
    server.on(f"{BASE}/polls", Say({"data": {"poll": poll}}), Say({"data": {"poll": None}}))
    found = api.polls(SLUG)
    assert found is not None
    assert (found.title, found.total_votes, found.duration) == ("Tea?", 3, timedelta(minutes=1))
    assert api.polls(SLUG) is None
    prediction = {
        "id": "01J",
        "title": "Win?",
        "state": "CANCELED",
        "outcomes": [{"id": "a", "title": "yes", "top_users": []}],
        "created_at": "2026-10-05T18:00:00Z",
    }
    path = f"{BASE}/predictions/latest"
    server.on(path, Say({"data": {"prediction": prediction}}), Say({}, 404))
    latest = api.latest_prediction(SLUG)
    assert latest is not None
    assert latest.is_cancelled
    assert api.latest_prediction(SLUG) is None
    goal = {"id": "chgoal_01", "type": "followers", "target_value": 100, "current_value": 42}
    server.on(f"{BASE}/goals", Say({"data": [goal, 5, {"id": None}]}), Say([goal]))
    assert [goal.current_value for goal in api.goals(SLUG)] == [42]
    assert [goal.target_value for goal in api.goals(SLUG)] == [100]


def test_leaderboards(server: RestServer, api: KickAPI) -> None:
    """Givers of subscriptions and of Kicks, by period."""
    row = {"user_id": 41, "username": "copperkite", "quantity": 12}
    server.on(
        f"{BASE}/leaderboards",
        Say({"gifts": [row, {"username": None}], "gifts_enabled": True, "gifts_week": None}),
    )
    board = api.leaderboards(SLUG)
    assert [(entry.username, entry.quantity) for entry in board.gifts] == [("copperkite", 12)]
    assert board.gifts_enabled is True
    assert board.gifts_week == ()
    server.on(
        "/api/v1/kicks/7733190/leaderboard",
        Say({"data": {"kicks_gifts_lifetime": [row], "kicks_gifts_lifetime_enabled": True}}),
    )
    kicks = api.kicks_leaderboard(7733190)
    assert kicks.lifetime[0].user_id == 41
    assert kicks.lifetime_enabled is True
    assert kicks.week == ()


def test_gifts(server: RestServer, api: KickAPI) -> None:
    """Pinned gifts and the catalogue; nanoseconds become a timedelta."""
    gift = {
        "gift_id": "rage_quit",
        "name": "Rage Quit",
        "amount": 500,
        "type": "LEVEL_UP",
        "pinned_time": 600_000_000_000,
    }
    pinned = {
        "gift_transaction_id": "22222222-2222-4222-8222-222222222222",
        "message": "",
        "created_at": "2026-10-05T18:00:00.123456789Z",
        "expires_at": None,
        "sender": {"id": 41, "username": "copperkite", "username_color": "#75FD46"},
        "gift": gift,
    }
    server.on("/api/v1/kicks/7733190/pinned-gifts", Say({"data": {"pinned_gifts": [pinned, {}]}}))
    found = api.pinned_gifts(7733190)
    assert len(found) == 1
    assert found[0].gift.pinned_time == timedelta(minutes=10)
    assert found[0].sender is not None
    assert found[0].sender.color == "#75FD46"
    server.on("/api/v1/kicks/gifts", Say({"data": [gift]}), Say({"data": {"gifts": [gift]}}))
    assert [gift.amount for gift in api.kicks_catalogue()] == [500]
    assert [gift.amount for gift in api.kicks_catalogue()] == [500]


def test_user_of_a_channel(server: RestServer, api: KickAPI) -> None:
    """A user's standing in a channel; a ban of unknown form is a yes."""
    server.on(
        f"{BASE}/users/copperkite",
        Say(
            {
                "id": 41,
                "username": "copperkite",
                "slug": "copperkite",
                "profile_pic": "https://p.example/c.webp",
                "is_moderator": True,
                "badges": [{"type": "subscriber", "text": "Subscriber", "count": 3}],
                "following_since": "2026-01-02 03:04:05",
                "subscribed_for": 3,
                "banned": {"reason": "x"},
            }
        ),
    )
    user = api.user(SLUG, "@copperkite")
    assert user.is_moderator
    assert user.is_banned
    assert user.subscribed_for == 3
    assert user.badges[0].count == 3
    assert user.following_since == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert user.profile_picture == "https://p.example/c.webp"


def test_emotes_by_set(server: RestServer, api: KickAPI) -> None:
    """The channel's own emotes come first, then the site's; ids are text."""
    server.on(
        f"/emotes/{SLUG}",
        Say(
            [
                {
                    "id": 7733190,
                    "slug": SLUG,
                    "user_id": 9120044,
                    "emotes": [{"id": 39001, "name": "WaveHi", "subscribers_only": True}],
                },
                {"id": "Global", "name": "Global", "emotes": [{"id": 1, "name": "ok"}, None]},
            ]
        ),
    )
    own, site = api.emotes(SLUG)
    assert (own.id, own.name, own.is_global) == ("7733190", SLUG, False)
    assert own.emotes[0].subscribers_only
    assert own.emotes[0].url == "https://files.kick.com/emotes/39001/fullsize"
    assert site.is_global
    assert [emote.name for emote in site.emotes] == ["ok"]


def test_categories(server: RestServer, api: KickAPI) -> None:
    """Main categories are a bare list, sub-categories come in pages."""
    server.on("/api/v1/categories", Say([{"id": 1, "name": "Games", "icon": "x"}]))
    assert api.categories()[0].name == "Games"
    server.on("/api/v1/categories/top", Say({"data": [{"id": 2, "name": "Tea"}]}))
    assert api.top_categories()[0].id == 2
    page = {
        "current_page": 2,
        "last_page": 7,
        "data": [{"id": 15, "category_id": 1, "name": "Walks", "viewers": 31}],
    }
    server.on("/api/v1/subcategories", Say(page))
    found = api.subcategories(page=2, limit=5)
    assert (found.page, found.last_page) == (2, 7)
    assert (found.items[0].parent_id, found.items[0].viewers) == (1, 31)
    assert server.asked[-1].query == {"page": ["2"], "limit": ["5"]}


def test_featured_livestreams(server: RestServer, api: KickAPI) -> None:
    """Featured broadcasts name their channel; odd languages are refused unasked."""
    live = {
        "id": 118204411,
        "session_title": "Evening walk",
        "viewer_count": 4720,
        "channel": {"id": 7733190, "slug": SLUG, "user": {"username": "Amber_Quokka"}},
    }
    server.on("/stream/featured-livestreams/en", Say({"data": [live, None], "next_page_url": "x"}))
    page = api.featured_livestreams()
    assert page.has_more
    (found,) = page.items
    assert (found.channel_slug, found.channel_id, found.username) == (
        SLUG,
        7733190,
        "Amber_Quokka",
    )
    with pytest.raises(errors.NotFound):
        api.featured_livestreams("../x")


def test_lists_of_another_shape_are_invalid(server: RestServer, api: KickAPI) -> None:
    """Where a list is due, something else is an error, not an empty list."""
    server.on("/current-viewers", Say({"data": 5}))
    with pytest.raises(errors.InvalidResponse):
        api.current_viewers(1)
    server.on(f"/emotes/{SLUG}", Say("5"))
    with pytest.raises(errors.InvalidResponse):
        api.emotes(SLUG)
