"""Pictures inside a page: once each, within limits, and names where there are none."""

from __future__ import annotations

import re
import tracemalloc
from collections import Counter

import pytest

from kick_live import BadgeV2, ChatMessage, Endpoints, Identity, PinnedMessageCreated, User
from kick_live.models.user import Badge, BadgeMetadata
from kick_live.recording import Pictures, export

CDN = "https://ext.cdn.kick.com/chat/badges/"
#: A picture of 16 by 16 pixels, as text, as which the simulator's scripted answers are given.
GIF = "GIF89a\x10\x00\x10\x00"


def said(*contents, **sender):
    return [
        ChatMessage(id=str(number), sender=User(username="Maple", **sender), content=content)
        for number, content in enumerate(contents)
    ]


def wearing(*addresses, **more):
    badges = [
        BadgeV2(
            name="level", image_url=address, selected=True, metadata=BadgeMetadata(level=7), **more
        )
        for address in addresses
    ]
    return said("hello", identity=Identity(badges_v2=tuple(badges)))


@pytest.fixture
def page(sim, tmp_path):
    """Exports messages with pictures from the simulator: the page, and what became of them."""

    def page(events, mode="embed", **limits):
        pictures = Pictures(mode, **{"endpoints": sim.endpoints, **limits})
        path = tmp_path / "chat.html"
        export(events, path, pictures=pictures)
        return path.read_text("utf-8"), pictures

    return page


def uris(text):
    return re.findall(r'url\("(data:[^"]*)"\)', text)


def shown(text):
    """The titles of emotes and badges: with a picture, and by their names."""
    with_picture = set(re.findall(r"\.(p\d+)\{width", text))
    found = {True: [], False: []}
    for classes, title in re.findall(r'<span class="(x[^"]*)" title="([^"]*)"', text):
        found[bool(with_picture & set(classes.split()))].append(title)
    return found[True], found[False]


def asked(sim):
    return Counter(request.path for request in sim.requests)


def test_a_picture_is_fetched_once_and_written_once(page, sim):
    """However often it is used; each use names it."""
    text, pictures = page(said(*["[emote:39001:WaveHi][emote:7:Seven]"] * 50))
    assert asked(sim) == {"/emotes/39001/fullsize": 1, "/emotes/7/fullsize": 1}
    assert len(uris(text)) == 2
    assert shown(text) == (["WaveHi", "Seven"] * 50, [])
    assert (pictures.embedded, pictures.missing) == (2, {})


def test_an_embedded_page_loads_nothing(page, sim):
    """No address of a server is in it, and its policy allows none."""
    text, _ = page([*said("[emote:39001:WaveHi]"), *wearing(CDN + "7.png")])
    assert "img-src data:;" in text
    assert "http" not in re.sub(r'http-equiv="[^"]*"', "", text)
    assert "<img" not in text


def test_badges_are_embedded_too(page, sim):
    """Their words stay, for those who cannot see them."""
    text, _ = page(wearing(CDN + "7.png"))
    assert asked(sim) == {"/chat/badges/7.png": 1}
    assert shown(text) == (["level 7"], [])
    assert ">level 7</span>" in text


def test_a_quoted_and_a_pinned_emote_have_their_picture(page, sim):
    """Wherever words are shown."""
    (message,) = said("[emote:39001:WaveHi]")
    text, _ = page([PinnedMessageCreated(message=message)])
    assert shown(text) == (["WaveHi"], [])


def test_a_picture_that_is_missing_is_a_name(page, sim):
    """The page tells how many at its end, and the reasons are there to be told."""
    sim.fail("/emotes/7/", 404)
    text, pictures = page(said("[emote:7:Seven] [emote:39001:WaveHi] [emote:7:Seven]"))
    assert shown(text) == (["WaveHi"], ["Seven", "Seven"])
    assert (pictures.embedded, pictures.missing) == (1, {"not found": 1})
    assert "1 picture was not to be had" in text
    assert ":Seven:</span>" in text


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (403, None, "refused by the server"),
        (500, None, "the server failed"),
        (429, None, "too many for the server"),
        (200, "<svg/>", "no picture, or too large a one"),
        (200, "just text", "no picture, or too large a one"),
        (200, GIF + "x" * 5000, "no picture, or too large a one"),
        (200, "GIF89a\x7f\x7f\x7f\x7f", "no picture, or too large a one"),
    ],
)
def test_why_a_picture_is_missing(page, sim, status, body, reason):
    """Refusals, failures, what is no picture, and what is too large in bytes or in pixels."""
    sim.fail("/emotes/", status, body=body)
    text, pictures = page(said("[emote:1:a]"), max_bytes=5000)
    assert pictures.missing == {reason: 1}
    assert uris(text) == []


def test_without_a_network_names_come_soon(page):
    """A server that is not there is asked three times, not once for every picture."""
    away = Endpoints.at("http://127.0.0.1:1")
    progress = []
    contents = [f"[emote:{number}:e{number}]" for number in range(40)]
    text, pictures = page(
        said(*contents), endpoints=away, on_progress=lambda done, of: progress.append((done, of))
    )
    assert pictures.missing == {"not reachable": 40}
    assert len(shown(text)[1]) == 40
    assert (progress[0], progress[-1]) == ((0, 40), (40, 40))


@pytest.mark.parametrize(("status", "requests"), [(500, 3), (429, 1), (403, 10), (404, 20)])
def test_a_server_that_gives_nothing_is_left_alone(page, sim, status, requests):
    """After some failures in a row; pictures that are gone are none."""
    sim.fail("/emotes/", status)
    _, pictures = page([*said(*[f"[emote:{n}:e]" for n in range(20)]), *wearing(CDN + "7.png")])
    assert len([path for path in asked(sim) if "/emotes/" in path]) == requests
    assert sum(pictures.missing.values()) == 20
    assert pictures.embedded == 1  # the other server is asked all the same


def test_a_silent_server_is_not_waited_for_long(page, sim):
    """Each wait ends by its time-out, and three of them are enough."""
    sim.hold("/emotes/")
    contents = [f"[emote:{number}:e]" for number in range(30)]
    _, pictures = page(said(*contents), timeout=0.2)
    assert pictures.missing == {"not reachable": 30}
    assert len(sim.requests) == 3
    sim.heal()


def test_a_success_in_between_counts_anew(page, sim):
    """Single failures do not add up."""
    sim.fail("/emotes/1", 500)
    contents = [f"[emote:{number}:e]" for number in (10, 11, 20, 12, 13, 21, 14)]
    _, pictures = page(said(*contents))
    assert (pictures.embedded, pictures.missing) == (2, {"the server failed": 5})


def test_those_used_most_come_first(page):
    """Where there are more than the limit."""
    text, pictures = page(said("[emote:1:a]", "[emote:2:b]", "[emote:2:b]"), max_pictures=1)
    assert shown(text) == (["b", "b"], ["a"])
    assert pictures.missing == {"beyond the 1 used most": 1}


@pytest.mark.parametrize("mode", ["embed", "link"])
def test_a_flood_of_different_pictures_needs_no_memory(page, sim, monkeypatch, mode):
    """Beyond a number that no chat has, new ones are names; the page is written all the same."""
    monkeypatch.setattr("kick_live.recording.gallery._MOST_KNOWN", 3)
    contents = [f"[emote:{number}:e{number}]" for number in range(5)]
    elsewhere = [f"https://example.org/{number}.png" for number in range(5)]
    text, pictures = page([*said(*contents), *wearing(*elsewhere)], mode)
    assert pictures.missing["not on Kick's servers"] == 5
    assert pictures.missing["beyond the first 3"] == (2 if mode == "embed" else 0)
    assert all(f":e{number}:" in text for number in range(5))


def test_the_bytes_of_all_are_limited(page, sim):
    """Nothing is fetched any more when they are used up."""
    sim.fail("/emotes/", 200, body=GIF + "x" * 990)
    _, pictures = page(said(*[f"[emote:{n}:e]" for n in range(9)]), max_total_bytes=3500)
    assert (pictures.embedded, pictures.missing) == (3, {"beyond 0.0035 MB": 6})
    assert len(sim.requests) == 4


def test_the_time_for_all_is_limited(page, sim):
    """None is begun after it."""
    sim.delay("/emotes/", 0.6)
    _, pictures = page(said("[emote:1:a]", "[emote:2:b]", "[emote:3:c]"), total_timeout=0.5)
    assert (pictures.embedded, pictures.missing) == (1, {"out of time": 2})


def test_badges_from_elsewhere_are_never_asked_for(page, sim):
    """Neither fetched nor linked: names, counted once each."""
    addresses = ("https://example.org/x.png", "http://127.0.0.1:1/x.png", sim.url + "/x.png")
    for mode in ("embed", "link"):
        text, pictures = page([*wearing(*addresses), *wearing(*addresses)], mode)
        assert pictures.missing == {"not on Kick's servers": 3}
        assert shown(text) == ([], ["level 7"] * 6)
        assert "x.png" not in text
    assert not sim.requests


def test_links_lead_where_the_endpoints_say(page, sim):
    """And the policy allows just that."""
    text, _ = page([*said("[emote:39001:WaveHi]"), *wearing(CDN + "7.png")], "link")
    assert f'src="{sim.url}/emotes/39001/fullsize"' in text
    assert f'src="{sim.url}/chat/badges/7.png"' in text
    assert f"img-src {sim.url};" in text


def test_a_password_of_the_endpoints_is_not_linked(page):
    """A page is handed on."""
    text, _ = page(
        said("[emote:1:a]"), "link", endpoints=Endpoints(emotes="https://marmot:secret@e.example")
    )
    assert "https://e.example/emotes/1/fullsize" in text
    assert "secret" not in text


def test_no_pictures_and_no_requests(page, sim):
    """Names, and a policy that allows nothing."""
    text, pictures = page([*said("[emote:1:a]"), *wearing(CDN + "7.png")], "none")
    assert shown(text) == ([], ["a", "level 7"])
    assert "img-src 'none';" in text
    assert (sim.requests, pictures.embedded, pictures.missing) == ([], 0, {})


def test_only_what_is_chosen_is_fetched(sim, tmp_path):
    """The pictures of messages that are left out are not wanted."""
    pictures = Pictures(endpoints=sim.endpoints)
    events = said("[emote:1:left]", "[emote:2:right]")
    export(events, tmp_path / "x.html", pattern="right", pictures=pictures)
    assert asked(sim) == {"/emotes/2/fullsize": 1}


def test_they_can_be_used_again(page, sim, tmp_path):
    """Each page has its own account."""
    pictures = Pictures(endpoints=sim.endpoints)
    sim.fail("/emotes/1/", 404)
    export(said("[emote:1:a][emote:2:b]"), tmp_path / "x.html", pictures=pictures)
    assert (pictures.embedded, pictures.missing) == (1, {"not found": 1})
    export(said("[emote:2:b]"), tmp_path / "y.html", pictures=pictures)
    assert (pictures.embedded, pictures.missing) == (1, {})
    assert repr(pictures) == "<Pictures 'embed' embedded=1 missing=0>"


def test_the_same_pictures_give_the_same_page(page):
    """Nothing of the moment is in it."""
    events = said("[emote:1:a][emote:2:b]", "[emote:2:b]")
    assert page(events)[0] == page(events)[0]


def test_pictures_are_not_held_in_memory(page, sim):
    """Fetching ten times as many takes no more of it."""
    sim.fail("/emotes/", 200, body=GIF + "x" * 300_000)

    def peak(count):
        events = said(*[f"[emote:{number}:e]" for number in range(count)])
        tracemalloc.start()
        pictures = Pictures(endpoints=sim.endpoints)
        total = sum(
            len(image.uri) for _, image in pictures.fetch([m.emotes[0].url for m in events])
        )
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total > 400_000 * count
        return most

    peak(1)
    assert peak(30) < 2 * peak(3) + 1_000_000


def test_a_wide_picture_keeps_its_shape(page, sim):
    """Its width follows from its height, but for what would fill the line."""
    sim.fail("/emotes/1/", 200, body="GIF89a\x20\x00\x10\x00")
    sim.fail("/emotes/2/", 200, body="GIF89a\x00\x01\x10\x00")
    text, _ = page(said("[emote:1:a][emote:2:b]"))
    assert "calc(var(--x)*2.000)" in text
    assert "calc(var(--x)*4.000)" in text


def test_names_are_escaped(page, sim):
    """Whether there is a picture or not."""
    sim.fail("/emotes/2/", 404)
    text, _ = page(said('[emote:1:<b>"x] [emote:2:<i>"y]'))
    assert "<b>&quot;" not in text
    assert "&lt;b&gt;&quot;x" in text
    assert "&lt;i&gt;&quot;y" in text


def test_badges_of_roles_are_part_of_the_page(page, sim):
    """Drawn, with their months; one that is not known by its name; whatever the pictures."""
    badges = (
        Badge(type="moderator", text="Moderator"),
        Badge(type="subscriber", text="Subscriber", count=1400),
        Badge(type="lantern", text='<Lantern of the "north">'),
    )
    text, _ = page(said("hi", identity=Identity(badges=badges)), "none")
    for kind, title in (("moderator", "Moderator"), ("subscriber", "Subscriber 1,400")):
        assert f'<i title="{title}"><svg' in text
        assert f'href="#r-{kind}"' in text
        assert f'<symbol id="r-{kind}"' in text
    assert (
        '<i class="o" title="&lt;Lantern of the &quot;north&quot;&gt;">&lt;Lantern of the</i>'
        in text
    )


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"mode": "all"}, "mode must be one of"),
        ({"mode": None}, "mode must be one of"),
        ({"proxy": 5}, "proxy must be text"),
        ({"max_bytes": 0.5}, "max_bytes must be a whole number"),
        ({"on_progress": "x"}, "on_progress must be callable"),
        ({"endpoints": "http://127.0.0.1:1"}, r"Endpoints\.at"),
        ({"timeout": 0}, "timeout"),
        ({"total_timeout": float("nan")}, "total_timeout"),
        ({"max_pictures": -1}, "max_pictures"),
    ],
)
def test_senseless_wishes_are_refused(options, error):
    """At once, by the name of what is wrong."""
    with pytest.raises((TypeError, ValueError), match=error):
        Pictures(**options)
