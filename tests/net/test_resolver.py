"""From names to ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_server import CHALLENGE, CHANNEL, RestServer, Say

from kick_live import errors
from kick_live.models.channel import Channel, ChannelRef
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.net.id_cache import IdCache
from kick_live.net.resolver import Resolver, parse_channel, slug_candidates

PATH = "/api/v2/channels/amber-quokka"
AMBER = Channel(slug="amber-quokka", channel_id=7733190, chatroom_id=7712045)
DAY = 86400


class Wall:
    """A wall clock that is set by hand."""

    now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class FakeAPI(KickAPI):
    """Named as if it were Kick, so that ids are remembered, but asking a local server."""

    def __init__(self, server: RestServer) -> None:
        super().__init__(server.endpoints, min_interval=0, retries=0)
        self._site_address = server.endpoints
        self.endpoints = Endpoints(site="https://kick.example")

    def channel(self, slug: Any) -> Any:
        named, self.endpoints = self.endpoints, self._site_address
        try:
            return super().channel(slug)
        finally:
            self.endpoints = named


@pytest.fixture
def server() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.stop()


@pytest.fixture
def api(server: RestServer) -> Iterator[FakeAPI]:
    with FakeAPI(server) as api:
        yield api


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def cache(tmp_path: Path, wall: Wall) -> IdCache:
    return IdCache(tmp_path, clock=wall)


@pytest.mark.parametrize(
    "value",
    [
        "amber_quokka",
        "  Amber_Quokka\n",
        "@AMBER_QUOKKA",
        "kick.com/amber_quokka",
        "KICK.com/Amber_Quokka",
        "www.kick.com/amber_quokka/",
        "//kick.com/amber_quokka",
        "http://kick.com/amber_quokka",
        "https://kick.com/amber_quokka?tab=chat#x",
        "https://kick.com/Amber_Quokka/chatroom",
        "https://kick.com/amber_quokka/videos/123",
        "https://kick.com/popout/amber_quokka/chat",
        "https://player.kick.com/amber_quokka",
        "https://kick.com/%61mber_quokka",
        "https://kick.com/@amber_quokka",
        ChannelRef(slug=" Amber_Quokka "),
        ChannelRef(slug="https://kick.com/amber_quokka"),
    ],
)
def test_ways_to_name_a_channel(value: Any) -> None:
    """Names, addresses and references all lead to the slug in lower case."""
    assert parse_channel(value) == ChannelRef(slug="amber_quokka")


def test_ids_are_kept() -> None:
    """References with ids, and channels, keep them."""
    ref = ChannelRef(slug="Amber", channel_id=1, chatroom_id=2)
    assert parse_channel(ref) == ChannelRef("amber", 1, 2)
    assert parse_channel(AMBER) == ChannelRef("amber-quokka", 7733190, 7712045)
    assert parse_channel(ChannelRef(channel_id=1)) == ChannelRef(channel_id=1)


def test_a_made_up_slug_is_no_name() -> None:
    """What stands for the name of a channel given by ids alone may be the name of another."""
    nameless = Channel(slug="channel-1", channel_id=1, chatroom_id=2)
    assert parse_channel(nameless) == ChannelRef(channel_id=1, chatroom_id=2)
    assert parse_channel(ChannelRef("Channel-1", 1, 2)) == ChannelRef(channel_id=1, chatroom_id=2)
    assert parse_channel(ChannelRef("channel-1", 5, 2)).slug == "channel-1"
    assert parse_channel("channel-1").slug == "channel-1"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "empty"),
        ("  @ ", "empty"),
        ("two words", "only letters"),
        ("amber.quokka", "only letters"),
        ("../api", "not an address at kick.com"),
        ("a" * 65, "64 at most"),
        ("ämber", "only letters"),
        ("amber\u0000", "only letters"),
        ("https://kick.com", "not a channel's"),
        ("kick.com", "not a channel's"),
        ("https://kick.com/", "not a channel's"),
        ("https://kick.com/categories/games", "not a channel's"),
        ("https://kick.com/video/123", "not a channel's"),
        ("https://kick.com/..%2Fapi", "only letters"),
        ("https://twitch.example/amber", "not an address at kick.com"),
        ("https://kick.com.example/amber", "not an address at kick.com"),
        ("ftp://kick.com/amber", "not an address at kick.com"),
        ("https://[kick.com/amber", "malformed"),
        (None, "not text"),
        (7733190, "not text"),
        (b"amber", "not text"),
        (ChannelRef(), "nothing"),
        (ChannelRef(chatroom_id=5), "chatroom id alone"),
        (ChannelRef(channel_id=0), "positive"),
        (ChannelRef(channel_id=True), "positive"),
        (ChannelRef(slug="x", chatroom_id="5"), "positive"),  # type: ignore[arg-type]
        (ChannelRef(slug=5), "not text"),  # type: ignore[arg-type]
    ],
)
def test_what_names_no_channel(value: Any, why: str) -> None:
    """InvalidChannel says why, and is a ValueError."""
    with pytest.raises(errors.InvalidChannel, match=why) as caught:
        parse_channel(value)
    assert isinstance(caught.value, ValueError)


def test_candidates() -> None:
    """The name as it is comes first, then with dashes; no slug twice."""
    assert slug_candidates("Amber_Quokka") == ("amber_quokka", "amber-quokka")
    assert slug_candidates("amber-quokka") == ("amber-quokka",)


def test_given_ids_need_no_request(server: RestServer, api: FakeAPI, cache: IdCache) -> None:
    """With both ids nothing is asked and nothing is remembered."""
    found = Resolver(api, cache).resolve(ChannelRef("amber", 1, 2))
    assert (found.source, found.channel.slug, found.info) == ("given", "amber", None)
    nameless = Resolver(api).resolve(ChannelRef(None, 1, 2))
    assert nameless.channel == Channel(slug="channel-1", channel_id=1, chatroom_id=2)
    assert server.asked == []
    assert cache.get("https://kick.example", "amber") is None


def test_a_name_is_looked_up_once(server: RestServer, api: FakeAPI, cache: IdCache) -> None:
    """The second time, also for the variant of the name, ids are remembered."""
    server.on(PATH, Say(CHANNEL))
    resolver = Resolver(api, cache)
    first = resolver.resolve("amber_quokka")
    assert (first.source, first.channel) == ("looked up", AMBER)
    assert first.info is not None
    assert first.info.is_live
    assert server.paths == ["/api/v2/channels/amber_quokka", PATH]
    for name in ("amber_quokka", "Amber-Quokka"):
        again = resolver.resolve(name)
        assert (again.source, again.channel, again.info) == ("remembered", AMBER, None)
    assert len(server.asked) == 2


def test_without_a_cache_every_time_is_asked(server: RestServer, api: FakeAPI) -> None:
    """A resolver without a cache remembers nothing."""
    server.on(PATH, Say(CHANNEL))
    resolver = Resolver(api)
    assert resolver.resolve("amber-quokka").source == "looked up"
    assert resolver.resolve("amber-quokka").source == "looked up"
    assert len(server.asked) == 2


def test_not_found_names_what_was_tried(server: RestServer, api: FakeAPI) -> None:
    """NotFound lists the slugs, in its message and as an attribute."""
    with pytest.raises(errors.NotFound, match="amber_quokka, amber-quokka") as caught:
        Resolver(api).resolve("Amber_Quokka")
    assert caught.value.tried == ("amber_quokka", "amber-quokka")
    assert isinstance(caught.value, LookupError)


@pytest.mark.parametrize(
    "answer", [{**CHANNEL, "is_banned": True}, {"id": 1, "slug": "x", "is_banned": True}]
)
def test_a_banned_channel_is_not_found(
    server: RestServer, api: FakeAPI, cache: IdCache, answer: Any
) -> None:
    """A banned streamer's channel is NotFound and says so; it is not remembered."""
    server.on(PATH, Say(answer))
    with pytest.raises(errors.NotFound, match="banned"):
        Resolver(api, cache).resolve("amber-quokka")
    assert cache.get("https://kick.example", "amber-quokka") is None


def test_old_ids_are_looked_up_again(
    server: RestServer, api: FakeAPI, cache: IdCache, wall: Wall
) -> None:
    """After thirty days a name is asked for again."""
    server.on(PATH, Say(CHANNEL))
    resolver = Resolver(api, cache)
    resolver.resolve("amber-quokka")
    wall.now += 29 * DAY
    assert resolver.resolve("amber-quokka").source == "remembered"
    wall.now += 2 * DAY
    assert resolver.resolve("amber-quokka").source == "looked up"


@pytest.mark.parametrize("answer", [Say(CHALLENGE, 403), Say({}, 500), Say("{"), Say({}, 429)])
def test_old_ids_serve_where_the_site_fails(
    server: RestServer, api: FakeAPI, cache: IdCache, wall: Wall, answer: Say
) -> None:
    """A refusal or failure is not raised while something is remembered, however old."""
    server.on(PATH, Say(CHANNEL), answer)
    resolver = Resolver(api, cache)
    resolver.resolve("amber-quokka")
    wall.now += 400 * DAY
    found = resolver.resolve("amber-quokka")
    assert (found.source, found.channel) == ("remembered", AMBER)


def test_a_refusal_without_memory_is_raised(
    server: RestServer, api: FakeAPI, cache: IdCache
) -> None:
    """Blocked reaches the caller when nothing is remembered, after one request."""
    server.on("/api/v2/channels/amber_quokka", Say(CHALLENGE, 403))
    with pytest.raises(errors.Blocked, match="ChannelRef"):
        Resolver(api, cache).resolve("amber_quokka")
    assert len(server.asked) == 1


def test_a_name_that_is_gone_is_forgotten(
    server: RestServer, api: FakeAPI, cache: IdCache, wall: Wall
) -> None:
    """When Kick no longer knows a name, its old ids are not used."""
    server.on(PATH, Say(CHANNEL), Say({}, 404))
    resolver = Resolver(api, cache)
    resolver.resolve("amber-quokka")
    wall.now += 40 * DAY
    with pytest.raises(errors.NotFound):
        resolver.resolve("amber-quokka")
    assert cache.get("https://kick.example", "amber-quokka") is None


def test_ids_that_belong_to_another_are_refused(
    server: RestServer, api: FakeAPI, cache: IdCache
) -> None:
    """A name with an id that is not its own is an error that shows the right ones."""
    server.on(PATH, Say(CHANNEL))
    resolver = Resolver(api, cache)
    resolver.resolve("amber-quokka")
    with pytest.raises(errors.InvalidChannel, match="7712045"):
        resolver.resolve(ChannelRef("amber-quokka", chatroom_id=7733190))


def test_a_channel_id_alone_is_enough(server: RestServer, api: FakeAPI, cache: IdCache) -> None:
    """The site also finds a channel by its id; the answer must be that channel."""
    server.on("/api/v2/channels/7733190", Say(CHANNEL))
    assert Resolver(api, cache).resolve(ChannelRef(channel_id=7733190)).channel == AMBER
    server.on("/api/v2/channels/41", Say(CHANNEL))
    with pytest.raises(errors.InvalidChannel):
        Resolver(api, cache).resolve(ChannelRef(channel_id=41))


def test_a_name_of_digits_is_not_taken_for_an_id(
    server: RestServer, api: FakeAPI, cache: IdCache
) -> None:
    """What is remembered of an id says nothing about the channel whose name it is."""
    other = {**CHANNEL, "id": 41, "slug": "7733190", "chatroom": {"id": 42}}
    server.on("/api/v2/channels/7733190", Say(CHANNEL), Say(other))
    resolver = Resolver(api, cache)
    assert resolver.resolve(ChannelRef(channel_id=7733190)).channel == AMBER
    assert resolver.resolve("7733190").channel.channel_id == 41
    for value, channel_id in (("7733190", 41), (ChannelRef(channel_id=7733190), 7733190)):
        again = resolver.resolve(value)
        assert (again.source, again.channel.channel_id) == ("remembered", channel_id)


def test_an_id_that_is_gone_is_forgotten(
    server: RestServer, api: FakeAPI, cache: IdCache, wall: Wall
) -> None:
    """When Kick no longer knows an id, what was remembered of it does not serve later."""
    server.on("/api/v2/channels/7733190", Say(CHANNEL), Say({}, 404), Say({}, 500))
    resolver = Resolver(api, cache)
    resolver.resolve(ChannelRef(channel_id=7733190))
    wall.now += 40 * DAY
    for error in (errors.NotFound, errors.ServerError):
        with pytest.raises(error):
            resolver.resolve(ChannelRef(channel_id=7733190))


def test_a_closed_api_is_not_hidden_by_memory(
    server: RestServer, api: FakeAPI, cache: IdCache, wall: Wall
) -> None:
    """Closing shows as ClientClosed, not as old ids."""
    server.on(PATH, Say(CHANNEL))
    resolver = Resolver(api, cache)
    resolver.resolve("amber-quokka")
    wall.now += 40 * DAY
    api.close()
    with pytest.raises(errors.ClientClosed):
        resolver.resolve("amber-quokka")
