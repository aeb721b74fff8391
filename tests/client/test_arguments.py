"""Wrong arguments are refused where they are given, in words that name them."""

import importlib.machinery
import math
import sys
import traceback
import types
from datetime import datetime, timedelta, timezone

import pytest

from kick_live import ChatMessage, Endpoints, KickAPI, KickClient, MissingExtra
from kick_live.recording import Pictures

#: A moment that is before the first one in UTC.
EARLY = datetime.min.replace(tzinfo=timezone(timedelta(hours=2)))


async def later(*_):
    """What a program for an event loop would pass."""


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("transport", 5, "one of 'auto', 'centrifugo', 'pusher'"),
        ("overflow", None, "one of 'drop_oldest', 'drop_newest', 'block'"),
        ("endpoints", "http://127.0.0.1:1", r"Endpoints\.at\('http://127.0.0.1:1'\)"),
        ("endpoints", None, "an Endpoints, not a NoneType"),
        ("api", "x", "a KickAPI or None"),
        ("proxy", 5, "text like 'http://host:3128'"),
        ("ca_bundle", 5, "text like 'certificates.pem'"),
        ("queue_size", "10", "a whole number of at least 1, not '10'"),
        ("queue_size", 1.5, "a whole number"),
        ("queue_size", True, "a whole number"),
        ("history", "10", "a whole number from 0 to 1000"),
        ("history", 2.0, "a whole number"),
        ("backfill", "no", "True or False, not 'no'"),
        ("remember_ids", 1, "True or False"),
        ("viewer_interval", "x", "a number of seconds, 0 or more"),
        ("viewer_interval", timedelta(seconds=60), "a number of seconds"),
        ("activity_timeout", "x", "a number of seconds, above 0"),
        ("pong_timeout", None, "a number of seconds"),
        ("ping_margin", True, "a number of seconds"),
        ("on_listener_error", 1, "callable"),
        ("on_listener_error", later, "async function"),
    ],
)
def test_an_option_of_another_type(option, value, expected):
    """TypeError from the constructor names the option, what was given and what is expected."""
    with pytest.raises(TypeError, match=expected) as caught:
        KickClient("amber-quokka", **{option: value})
    assert str(caught.value).startswith(option)


@pytest.mark.parametrize(
    "options",
    [
        {"viewer_interval": -1},
        {"viewer_interval": math.nan},
        {"viewer_interval": math.inf},
        {"activity_timeout": 0},
        {"pong_timeout": -0.5},
        {"ping_margin": math.nan},
        {"history": 1001},
        {"queue_size": -1},
    ],
)
def test_an_option_out_of_bounds(options):
    """ValueError from the constructor names the option."""
    with pytest.raises(ValueError, match=next(iter(options))):
        KickClient("amber-quokka", **options)


BAD_PROXIES = {
    "ftp://marmot:s3cret@127.0.0.1:9": "has the scheme 'ftp', which is none of a proxy: write http",
    "nonsense": "names neither scheme nor port: write http://host:port",
    "http://": "names no host: write http://host:port",
    "http://127.0.0.1:s3cret": "is malformed: write http://host:port, socks5://host:port or socks5h",
}


@pytest.mark.parametrize("proxy", BAD_PROXIES)
@pytest.mark.parametrize("make", [KickAPI, lambda **options: KickClient("x", **options), Pictures])
def test_a_proxy_that_cannot_be_used(make, proxy):
    """It is refused before anything is tried, in words that show no password."""
    with pytest.raises(ValueError, match=f"^proxy {BAD_PROXIES[proxy]}") as caught:
        make(proxy=proxy)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_spoken_to_through_tls():
    """Requests can, WebSockets cannot."""
    KickAPI(proxy="https://127.0.0.1:9").close()
    with pytest.raises(ValueError, match=r"proxy begins with https://.*written http://host:port"):
        KickClient("amber-quokka", proxy="https://127.0.0.1:9")


@pytest.mark.parametrize("make", [KickAPI, lambda **options: KickClient("x", **options), Pictures])
def test_a_socks_proxy_needs_its_extra(make, monkeypatch):
    """Without PySocks the constructor says what to install."""
    monkeypatch.setitem(sys.modules, "socks", None)
    with pytest.raises(MissingExtra, match=r'pip install "kick-live\[socks\]"') as caught:
        make(proxy="socks5h://127.0.0.1:9")
    assert caught.value.extra == "socks"
    there = types.ModuleType("socks")
    there.__spec__ = importlib.machinery.ModuleSpec("socks", None)
    monkeypatch.setitem(sys.modules, "socks", there)
    make(proxy="socks5h://127.0.0.1:9")


def test_who_makes_no_request_through_a_socks_proxy_needs_no_extra(api, monkeypatch):
    """WebSockets can speak to one by themselves, and so may a session that was handed in."""
    monkeypatch.setitem(sys.modules, "socks", None)
    KickClient("amber-quokka", api=api, proxy="socks5://127.0.0.1:9").close()
    KickAPI(session=object(), proxy="socks5://127.0.0.1:9").close()


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense:"])
def test_a_proxy_of_the_environment_is_not_looked_at_by_constructors(proxy, monkeypatch):
    """The program may never use it."""
    monkeypatch.setenv("https_proxy", proxy)
    KickAPI().close()
    KickClient("amber-quokka").close()


def test_whole_numbers_serve_as_seconds():
    """What is right is taken: whole numbers for seconds, 0 where it switches something off."""
    KickClient("amber-quokka", viewer_interval=0, activity_timeout=60, ping_margin=0).close()


def test_a_password_is_not_shown():
    """Neither a proxy of the wrong type nor endpoints as text put a password into the message."""
    for options in (
        {"proxy": b"http://marmot:secret@proxy.example"},
        {"endpoints": "http://marmot:secret@kick.example"},
    ):
        with pytest.raises(TypeError) as caught:
            KickClient("amber-quokka", **options)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("endpoints", "http://127.0.0.1:1", TypeError),
        ("proxy", 5, TypeError),
        ("impersonate", "chrome", TypeError),
        ("timeout", "10", TypeError),
        ("timeout", 0, ValueError),
        ("min_interval", math.nan, ValueError),
        ("retries", 1.5, TypeError),
        ("retries", -1, ValueError),
        ("ca_bundle", 5, TypeError),
    ],
)
def test_an_option_of_the_api(option, value, error):
    """KickAPI looks at its options the same way."""
    with pytest.raises(error, match=option):
        KickAPI(**{option: value})


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda api: api.history("abc"), TypeError, "channel_id must be a whole number, not 'abc'"),
        (lambda api: api.history(None), TypeError, "channel_id must be a whole number"),
        (
            lambda api: next(api.iter_history(channel_id="7")),
            TypeError,
            "channel_id must be a whole",
        ),
        (lambda api: api.history(1, cursor=5), TypeError, "cursor must be text like"),
        (lambda api: api.history(1, start_time="x"), TypeError, "start_time must be a datetime"),
        (lambda api: api.history(1, start_time=EARLY), ValueError, "start_time must be a moment"),
        (
            lambda api: api.history(1, channel="amber-quokka"),
            TypeError,
            "channel must be a Channel",
        ),
        (lambda api: api.pinned_gifts(1.5), TypeError, "channel_id must be a whole number"),
        (lambda api: api.kicks_leaderboard(True), TypeError, "channel_id must be a whole number"),
        (lambda api: api.chat_settings("7"), TypeError, "channel_id must be a whole number"),
        (
            lambda api: api.current_viewers(1, "x"),
            TypeError,
            "livestream_ids must be a whole number",
        ),
        (lambda api: api.featured_livestreams(None), TypeError, "language must be text like 'en',"),
        (lambda api: api.featured_livestreams(page="2"), TypeError, "page must be a whole number"),
        (
            lambda api: api.subcategories(page=0),
            ValueError,
            "page must be a whole number of at least",
        ),
        (lambda api: api.subcategories(limit=None), TypeError, "limit must be a whole number"),
    ],
)
def test_an_argument_of_a_request(ask, error, words):
    """What KickAPI cannot ask for is refused by name, and nothing is asked."""
    with (
        KickAPI(Endpoints.at("http://127.0.0.1:9"), retries=0) as api,
        pytest.raises(error, match=f"^{words}"),
    ):
        ask(api)


@pytest.mark.parametrize("field", ["site", "web", "pusher"])
def test_an_address_that_is_no_text(field):
    """Endpoints name the address that is none."""
    with pytest.raises(TypeError, match=f"{field} must be an address as text, not a int"):
        Endpoints(**{field: 5})


def test_a_base_address_that_is_no_text():
    """Endpoints.at says what it takes."""
    with pytest.raises(TypeError, match="base_url must be text"):
        Endpoints.at(5)


CALLS = {
    "connect": lambda client, value: client.connect(timeout=value),
    "run": lambda client, value: client.run(timeout=value),
    "poll": lambda client, value: client.poll(timeout=value),
    "events": lambda client, value: client.events(timeout=value),
    "wait_for": lambda client, value: client.wait_for(ChatMessage, timeout=value),
    "close": lambda client, value: client.close(timeout=value),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("5", TypeError),
        (True, TypeError),
        (timedelta(seconds=5), TypeError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        (10**400, ValueError),
    ],
)
def test_a_time_out_that_is_none(sim, make, call, value, error):
    """Every call looks at its time-out first, and nothing is begun or closed."""
    client = make()
    with pytest.raises(error, match="timeout must be a number of seconds"):
        CALLS[call](client, value)
    assert (sim.requests, client.closed) == ([], False)


@pytest.mark.parametrize("call", ["run", "poll", "wait_for", "events"])
def test_what_is_left_of_a_time_out_may_be_negative(make, call):
    """A difference that fell below 0 while it was computed counts as 0."""
    client = make()
    client.connect()
    if call == "wait_for":
        with pytest.raises(TimeoutError):
            client.wait_for(ChatMessage, timeout=-0.1)
    elif call == "events":
        list(client.events(timeout=-0.1))
    else:
        CALLS[call](client, -0.1)


@pytest.mark.parametrize(("where", "words"), [("x", "callable"), (later, "async function")])
def test_a_condition_that_is_none(make, where, words):
    """An async condition would be true for everything: its coroutine is."""
    with pytest.raises(TypeError, match=f"where .*{words}"):
        make().wait_for(ChatMessage, timeout=1, where=where)
