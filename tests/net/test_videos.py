"""Past broadcasts over REST, and the addresses of their videos."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from rest_server import RestServer, Say

from kick_live import InvalidChannel, InvalidResponse, KickAPI, NotFound
from kick_live.net.video_address import parse_video
from kick_live.testing import KickSimulator

UUID = "1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34"
START = datetime(2026, 10, 1, 18, tzinfo=timezone.utc)


@pytest.fixture
def server() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.stop()


@pytest.fixture
def api(server: RestServer) -> Iterator[KickAPI]:
    with KickAPI(server.endpoints, min_interval=0) as api:
        yield api


@pytest.mark.parametrize(
    "value",
    [
        UUID,
        UUID.upper(),
        f" https://kick.com/video/{UUID} ",
        f"kick.com/video/{UUID}?t=90",
        f"https://www.kick.com/amber-quokka/videos/{UUID}/",
    ],
)
def test_addresses(value: str) -> None:
    """A UUID and the addresses of a video's page name the video."""
    assert parse_video(value) == UUID


@pytest.mark.parametrize(
    "value",
    [
        "",
        "amber-quokka",
        "https://kick.com/amber-quokka",
        f"https://example.org/video/{UUID}",
        f"ftp://kick.com/video/{UUID}",
        f"https://kick.com/amber-quokka/clips/{UUID}",
        f"{UUID}/../../x",
        "https://[kick.com/video/",
        7,
    ],
)
def test_what_names_no_video(value: object) -> None:
    """Anything else is refused, and the message says what would do."""
    with pytest.raises(InvalidChannel, match="address of its page"):
        parse_video(value)


def test_video_and_list(api: KickAPI) -> None:
    """The two forms give the same values, times in UTC, and the duration in Python's terms."""
    with KickSimulator() as simulator, KickAPI(simulator.endpoints, min_interval=0) as api:
        channel = simulator.add_channel("amber-quokka")
        older = channel.add_video("first", START - timedelta(days=1), 60)
        made = channel.add_video("evening walk", START, timedelta(hours=2))
        video = api.video(f"https://kick.com/amber-quokka/videos/{made['uuid']}")
        listed = api.videos("amber-quokka")
        with pytest.raises(NotFound):
            api.video(UUID)
        with pytest.raises(NotFound):
            api.videos("nobody-here")
    assert video.title == "evening walk"
    assert (video.start_time, video.duration) == (START, timedelta(hours=2))
    assert video.end_time == START + timedelta(hours=2)
    assert (video.channel_id, video.channel_slug) == (channel.channel_id, "amber-quokka")
    assert video.channel is None  # the chatroom's id is not said
    assert [row.uuid for row in listed] == [made["uuid"], older["uuid"]]
    for name in ("uuid", "id", "livestream_id", "channel_id", "channel_slug", "start_time"):
        assert getattr(listed[0], name) == getattr(video, name)
    for name in ("duration", "title", "views", "playback_url", "thumbnail_url", "created_at"):
        assert getattr(listed[0], name) == getattr(video, name)


def test_odd_values_cost_their_field(server: RestServer, api: KickAPI) -> None:
    """Unusable values become None; rows without what a video needs are left out."""
    live = {"id": 5, "channel_id": "7733190", "start_time": "2026-10-01 18:00:00"}
    good = {**live, "duration": "long", "views": [], "categories": 3, "video": {"uuid": UUID}}
    server.on(
        "/api/v2/channels/amber-quokka/videos",
        Say([good, {**live, "video": None}, 7, {"video": {"uuid": UUID}}]),
    )
    (video,) = api.videos("amber-quokka")
    assert (video.channel_id, video.start_time) == (7733190, START)
    assert (video.duration, video.views, video.categories) == (None, None, ())


def test_a_video_with_its_chatroom_knows_its_channel(server: RestServer, api: KickAPI) -> None:
    """Where Kick sends the chatroom's id, nothing has to be asked for."""
    channel = {"id": 7733190, "slug": "amber-quokka", "chatroom": {"id": 7712045}}
    live = {"channel": channel, "start_time": "2026-10-01 18:00:00", "duration": 1500}
    server.on(f"/api/v1/video/{UUID}", Say({"uuid": UUID, "livestream": live}))
    video = api.video(UUID)
    assert video.channel is not None
    assert video.channel.chatroom_id == 7712045
    assert video.duration == timedelta(seconds=1.5)


@pytest.mark.parametrize("answer", [{}, [], {"uuid": UUID, "livestream": {"id": 5}}])
def test_an_answer_that_is_no_video(server: RestServer, api: KickAPI, answer: object) -> None:
    """Without a uuid, a channel and a beginning it is an InvalidResponse."""
    server.on(f"/api/v1/video/{UUID}", Say(answer))
    with pytest.raises(InvalidResponse):
        api.video(UUID)
