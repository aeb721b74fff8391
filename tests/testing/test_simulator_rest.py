import base64
import json
import re
import time
from urllib.parse import quote

import pytest
from simulator_peers import BOTH, get, negotiate, post, token

from kick_live.testing import KickSimulator


def _json(simulator, path):
    answer = get(simulator, path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def test_channel(simulator, channel):
    """The channel has the four ids where Kick has them, offline with a null livestream."""
    body = _json(simulator, "/api/v2/channels/amber-quokka")
    assert (body["id"], body["user_id"]) == (channel.channel_id, channel.user_id)
    assert body["chatroom"]["id"] == channel.chatroom_id
    assert body["user"]["username"] == "amber_quokka"
    assert body["livestream"] is None
    assert body["is_banned"] is False
    assert {b["months"] for b in body["subscriber_badges"]} == {1, 3, 6, 12}


def test_live_channel(simulator, channel):
    """While live, the livestream object has its viewers and times without a zone."""
    channel.go_live("late ride", viewers=412)
    live = _json(simulator, "/api/v2/channels/amber-quokka")["livestream"]
    assert live["viewer_count"] == 412
    assert live["session_title"] == "late ride"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", live["start_time"])


def test_slugs_are_not_guessed(simulator, channel):
    """Dashes and underscores are different slugs; case does not matter; ids work as well."""
    assert get(simulator, "/api/v2/channels/amber_quokka").status_code == 404
    assert get(simulator, "/api/v2/channels/nobody").status_code == 404
    assert _json(simulator, "/api/v2/channels/Amber-Quokka")["id"] == channel.channel_id
    by_id = _json(simulator, f"/api/v2/channels/{channel.channel_id}")
    assert by_id["slug"] == "amber-quokka"
    assert get(simulator, f"/api/v2/channels/{channel.chatroom_id}").status_code == 404


def test_banned_streamer(simulator):
    """A banned streamer is served with is_banned true."""
    simulator.add_channel("gone-gull", is_banned=True)
    assert _json(simulator, "/api/v2/channels/gone-gull")["is_banned"] is True


def test_info(simulator, channel):
    """The lighter form still has the chatroom and the viewers."""
    channel.go_live(viewers=7)
    body = _json(simulator, "/api/v2/channels/amber-quokka/info")
    assert body["chatroom"]["id"] == channel.chatroom_id
    assert body["livestream"]["viewer_count"] == 7


def test_livestream(simulator, channel):
    """The livestream route says data null while offline, and viewers while live."""
    path = "/api/v2/channels/amber-quokka/livestream"
    assert _json(simulator, path) == {"data": None}
    channel.go_live(viewers=None)
    assert _json(simulator, path)["data"]["viewers"] is None
    channel.set_viewers(9)
    assert _json(simulator, path)["data"]["viewers"] == 9


def test_current_viewers(simulator, channel):
    """Viewers are asked for by livestream ids, repeated; streams that are over are left out."""
    first = channel.go_live(viewers=4720)["livestream"]["id"]
    second = simulator.add_channel("quiet-newt", live=True)
    path = f"/current-viewers?ids[]={first}&ids[]={second.broadcast.id}"
    assert sorted(_json(simulator, path), key=lambda row: row["viewers"]) == [
        {"livestream_id": second.broadcast.id, "viewers": 10},
        {"livestream_id": first, "viewers": 4720},
    ]
    channel.go_offline()
    assert _json(simulator, f"/current-viewers?ids[]={first}") == []


def test_chatroom_and_settings_units(simulator, channel):
    """The same modes are minutes at one route and seconds at the other."""
    channel.update_settings(followers_only_minutes=720, rules="be kind")
    room = _json(simulator, "/api/v2/channels/amber-quokka/chatroom")
    assert room["followers_mode"] == {"enabled": True, "min_duration": 720}
    assert room["pinned_message"] is None
    settings = _json(simulator, f"/api/v1/channels/{channel.channel_id}/chat/settings")["data"]
    assert settings["followers_only_mode"] == {"enabled": True, "duration_seconds": 43200}
    rules = _json(simulator, "/api/v2/channels/amber-quokka/chatroom/rules")
    assert rules["data"]["rules"] == "be kind"


def test_polls_predictions_goals(simulator, channel):
    """What is running is served; a cancelled prediction is spelled differently over REST."""
    base = "/api/v2/channels/amber-quokka"
    assert _json(simulator, f"{base}/polls")["data"]["poll"] is None
    assert _json(simulator, f"{base}/predictions/latest")["data"]["prediction"] is None
    assert _json(simulator, f"{base}/goals")["data"] == []
    channel.poll("Where?", ["A", "B"])
    channel.predict("Boss?", state="CANCELLED")
    channel.goal(current=5)
    assert _json(simulator, f"{base}/polls")["data"]["poll"]["title"] == "Where?"
    latest = _json(simulator, f"{base}/predictions/latest")["data"]["prediction"]
    assert latest["state"] == "CANCELED"
    assert _json(simulator, f"{base}/goals")["data"][0]["current_value"] == 5


def test_leaderboards(simulator, channel):
    """Gifts and Kicks are counted on their leaderboards."""
    channel.gift_subs(["a", "b"], gifter="big_spruce")
    channel.gift_subs(["c"], gifter="tall_cedar")
    channel.gift_kicks(100, username="golden_moth")
    gifts = _json(simulator, "/api/v2/channels/amber-quokka/leaderboards")["gifts"]
    assert [(row["username"], row["quantity"]) for row in gifts] == [
        ("big_spruce", 2),
        ("tall_cedar", 1),
    ]
    kicks = _json(simulator, f"/api/v1/kicks/{channel.channel_id}/leaderboard")["data"]
    assert kicks["kicks_gifts_lifetime"][0]["quantity"] == 100
    unknown = _json(simulator, "/api/v1/kicks/1/leaderboard")
    assert unknown["data"]["type"] == "Not Found"


def test_pinned_gifts(simulator, channel):
    """A pinned gift is listed until its time is over; a plain one never is."""
    path = f"/api/v1/kicks/{channel.channel_id}/pinned-gifts"
    channel.gift_kicks(10)
    assert _json(simulator, path)["data"]["pinned_gifts"] == []
    gift = channel.gift_kicks(500)
    channel.gift_kicks(500, pinned_seconds=0.001)
    deadline = time.monotonic() + 5
    while len(found := _json(simulator, path)["data"]["pinned_gifts"]) > 1:
        assert time.monotonic() < deadline
    assert [g["gift_transaction_id"] for g in found] == [gift["gift_transaction_id"]]
    assert len(_json(simulator, "/api/v1/kicks/gifts")["data"]) == 5


def test_users(simulator, channel):
    """Those who have appeared are found by name or slug; others are not."""
    base = "/api/v2/channels/amber-quokka/users"
    channel.chat("hi", username="Maple_Harbor")
    assert _json(simulator, f"{base}/maple-harbor")["username"] == "Maple_Harbor"
    assert _json(simulator, f"{base}/amber_quokka")["is_channel_owner"] is True
    assert get(simulator, f"{base}/stranger").status_code == 404


def test_emotes(simulator, channel):
    """Emotes come in three sets, the channel's first."""
    own, everyone, emoji = _json(simulator, "/emotes/amber-quokka")
    assert own["user_id"] == channel.user_id
    assert (everyone["id"], emoji["id"]) == ("Global", "Emoji")


@pytest.mark.parametrize(
    "path",
    [
        "/stream/featured-livestreams/en",
        "/api/v1/subcategories",
        "/api/v1/categories",
        "/api/v1/categories/top",
        "/api/v1/channels/amber-quokka",
    ],
)
def test_lists_are_served(simulator, channel, path):
    """The plain lists answer with JSON that is not empty."""
    channel.go_live()
    assert _json(simulator, path)


def test_unknown_route_is_json_404(simulator):
    """What does not exist is a 404 with a message."""
    answer = get(simulator, "/nothing/here")
    assert answer.status_code == 404
    assert "message" in answer.json()


@pytest.fixture(params=["/api/v1/chat/{}/history", "/api/v2/channels/{}/messages"])
def history_path(request, channel):
    return request.param.format(channel.channel_id)


def test_history_items(simulator, channel, history_path):
    """History is newest first, with metadata as text, chat_id, and microseconds with Z."""
    parent = channel.chat("first", metadata=None)
    channel.reply("second", to=parent)
    body = _json(simulator, history_path)
    second, first = body["data"]["messages"]
    assert (first["content"], second["content"]) == ("first", "second")
    assert first["metadata"] == "null"
    assert json.loads(second["metadata"])["original_message"]["id"] == parent["id"]
    assert first["chat_id"] == channel.channel_id
    assert re.fullmatch(r"[-\dT:]{19}\.\d{6}Z", first["created_at"])
    assert first["id"] == parent["id"]
    assert body["message"] == "OK"


def test_history_pages():
    """The cursor, microseconds as text, leads back page by page without gap or repetition."""
    with KickSimulator(history_page_size=3) as simulator:
        channel = simulator.add_channel("amber-quokka")
        for number in range(8):
            channel.chat(str(number))
        path = f"/api/v1/chat/{channel.channel_id}/history"
        found, cursor = [], ""
        for _ in range(3):
            data = _json(simulator, path + cursor)["data"]
            found += [m["content"] for m in data["messages"]]
            cursor = f"?cursor={data['cursor']}"
        assert found == [str(n) for n in range(7, -1, -1)]
        assert data["cursor"] is None


def test_history_from_a_time(simulator, channel):
    """start_time gives the chat from that moment on."""
    for number in range(4):
        channel.chat(str(number))
    path = f"/api/v1/chat/{channel.channel_id}/history"
    third = _json(simulator, path)["data"]["messages"][1]
    rest = _json(simulator, f"{path}?start_time={quote(third['created_at'])}")["data"]["messages"]
    assert [m["content"] for m in rest] == ["3", "2"]


def test_history_is_keyed_by_channel(simulator, channel):
    """With a chatroom id the answer is a success with no messages."""
    channel.chat("x")
    body = _json(simulator, f"/api/v1/chat/{channel.chatroom_id}/history")
    assert body["data"]["messages"] == []


def test_history_knows_deletions_and_the_pin(simulator, channel):
    """A deleted message is gone; an unpublished one is there; the pin is shown."""
    channel.delete_message(channel.chat("gone"))
    kept = channel.chat("lost on the way", live=False)
    channel.pin(kept)
    data = _json(simulator, f"/api/v1/chat/{channel.channel_id}/history")["data"]
    assert [m["content"] for m in data["messages"]] == ["lost on the way"]
    assert data["pinned_message"]["message"]["id"] == kept["id"]
    assert isinstance(data["pinned_message"]["message"]["metadata"], str)


def test_negotiation_prefers_the_provider(simulator, channel):
    """With both accepted the simulator's provider is named, at both routes."""
    url = f"ws{simulator.url[4:]}/connection/websocket"
    expected = {
        "connections": [{"provider": "centrifugo", "credentials": {"url": url}}],
        "mode": "websocket",
    }
    assert negotiate(simulator) == expected
    assert negotiate(simulator, channel_id=channel.channel_id) == expected
    with KickSimulator(provider="pusher") as other:
        assert negotiate(other)["connections"][0]["provider"] == "pusher"


def test_negotiation_of_pusher_alone(simulator):
    """Who accepts only Pusher is told its key and cluster, also after a rotation."""
    simulator.rotate_pusher_key("n3wk3y")
    assert negotiate(simulator, BOTH[:1])["connections"] == [
        {"provider": "pusher", "credentials": {"app_key": "n3wk3y", "cluster": "us2"}}
    ]
    assert negotiate(simulator, [{"provider": "quic"}])["connections"] == []


@pytest.mark.parametrize("body", [{}, [], {"client": {}}])
def test_negotiation_wants_a_client(simulator, body):
    """Without a client id the answer is 422; a GET is 405."""
    assert post(simulator, "/api/v1/realtime/connection", body).status_code == 422
    assert get(simulator, "/api/v1/realtime/connection").status_code == 405


def test_token_is_a_jwt(simulator):
    """The token's subject is the guest, and it ends after the ttl."""
    _, claims, _ = token(simulator, "c1").split(".")
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert claims["sub"] == "guest:c1"
    assert abs(claims["exp"] - time.time() - 2700) < 60
    assert token(simulator, "c1") != token(simulator, "c1")
    assert post(simulator, "/api/v1/realtime/auth/connection", {}).status_code == 422
    answer = post(simulator, "/api/v1/realtime/auth/channel", {"channel": "x"})
    assert answer.json()["data"]["token"]


@pytest.mark.parametrize(
    "path", ["/api/v1/chat/x/history", "?cursor=soon", "?start_time=yesterday"]
)
def test_bad_values_are_422(simulator, channel, path):
    """A value that is no number or time is met with 422."""
    if path.startswith("?"):
        path = f"/api/v1/chat/{channel.channel_id}/history{path}"
    assert get(simulator, path).status_code == 422


def test_settings_of_an_unknown_channel(simulator):
    """An unknown id has no settings and no pinned gifts."""
    assert _json(simulator, "/api/v1/channels/1/chat/settings")["data"] is None
    assert _json(simulator, "/api/v1/kicks/1/pinned-gifts")["data"]["pinned_gifts"] == []
