"""Events for other programs."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from filled_events import filled

from kick_live import (
    EVENT_CLASSES,
    ChatMessage,
    KicksGifted,
    MissingExtra,
    PollUpdate,
    PredictionUpdated,
    Reconnected,
    RecordingError,
    UnknownEventName,
    User,
    UserBanned,
    decode,
)
from kick_live.cli.render import render
from kick_live.colors import name_color
from kick_live.events import Poll, PollOption
from kick_live.events.gifts import KicksGift
from kick_live.events.predictions import Outcome, Prediction
from kick_live.recording import Replay, export, to_dataframe
from kick_live.recording.describe import describe
from recording.recordings import CHANNEL, OTHER, at, marker, message, payload, write


@pytest.fixture
def file(tmp_path):
    """A small evening."""
    badges = [{"type": "moderator", "text": "Moderator"}, {"type": "subscriber", "count": 13}]
    return write(
        tmp_path / "chat.jsonl",
        marker(0, "connected", channels=[CHANNEL], transport="pusher"),
        message(1, "hello [emote:39001:WaveHi]", "Maple", id="x", user_id=5, badges=badges),
        message(2, "=1+1", "Fern", id="y"),
        payload(3, "SubscriptionEvent", {"username": "copperkite", "months": 13}),
        payload(3.5, "LuckyUsersWhoGotGiftSubscriptionsEvent", {"usernames": ["a"]}),
        message(4, "gone", "Birch", id="z"),
        payload(5, "MessageDeletedEvent", {"id": "d", "message": {"id": "z"}}),
    )


@pytest.fixture
def run(file, tmp_path):
    """Exports the evening, and gives what was written."""

    def run(to, source=file, **options):
        path = tmp_path / f"out.{to}"
        options.setdefault("pictures", "link")  # what is embedded has its own tests
        export(source, path, **options)
        return path.read_text("utf-8")

    return run


def said(*contents, username="Maple"):
    return [
        ChatMessage(id=str(n), sender=User(username=username, id=5), content=content)
        for n, content in enumerate(contents)
    ]


def test_csv(run):
    """One row an event, with a header."""
    rows = list(csv.DictReader(io.StringIO(run("csv"))))
    assert [row["type"] for row in rows][:3] == ["connected", "chat_message", "chat_message"]
    hello = rows[1]
    assert hello["username"] == "Maple"
    assert hello["message"] == "hello :WaveHi:"
    assert hello["content"] == "hello [emote:39001:WaveHi]"
    assert (hello["text"], hello["emotes"]) == ("hello", "WaveHi")
    assert (hello["badges"], hello["user_id"]) == ("moderator subscriber:13", "5")
    assert (hello["time_in_seconds"], hello["channel"]) == ("1.0", "amber-quokka")
    assert rows[3]["amount"] == "13"
    assert (rows[3]["message"], rows[3]["content"]) == ("subscribed for 13 months", "")
    assert rows[-1]["message_id"] == "z"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_csv_has_no_formulas(run, start):
    """A cell that a spreadsheet would compute begins with an apostrophe, names too."""
    text = run("csv", said(f"{start}cmd|x", username=f"{start}x"))
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["message"].startswith("'")
    assert row["username"].startswith("'")


def test_csv_keeps_numbers_and_odd_text(run):
    """Quotes, commas and line breaks are quoted; what no reader takes is replaced."""
    text = run("csv", said('a "b", c\nd', "x\x00\x1b[31m\ud83d"))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["message"] == 'a "b", c\nd'
    assert rows[1]["message"] == "x\ufffd\ufffd[31m\\ud83d"


def test_goals_have_their_arrival_and_their_progress(tmp_path, run):
    """A goal's time is not that of its making, and a row tells where it stands."""
    goal = {
        "id": "g",
        "type": "followers",
        "target_value": 2500,
        "current_value": 2124,
        "created_at": "2026-10-05T17:51:55Z",
    }
    path = write(
        tmp_path / "goal.jsonl",
        message(0, "hello"),
        payload(4, "GoalProgressUpdateEvent", goal),
        payload(5, "GoalAchievedEvent", goal),
    )
    rows = list(csv.DictReader(io.StringIO(run("csv", path))))
    assert [row["time_in_seconds"] for row in rows] == ["0.0", "4.0", "5.0"]
    assert rows[1]["time"] == rows[1]["received_at"]
    assert rows[1]["message"] == "goal: 2,124 of 2,500 followers"
    assert rows[2]["message"] == "goal reached: 2,124 of 2,500 followers"
    assert [row["amount"] for row in rows] == ["", "2124", "2124"]


def test_historical_tells_what_was_read_from_history(tmp_path, run):
    """Rows of a recording keep what the recording knows: recovered, or as it came."""
    path = write(
        tmp_path / "gap.jsonl",
        marker(0, "connected", channels=[CHANNEL], transport="pusher"),
        message(1, "live"),
        message(2, "recovered", historical=True),
    )
    rows = list(csv.DictReader(io.StringIO(run("csv", path))))
    told = {row["message"]: row["historical"] for row in rows}
    assert told == {
        "connected to amber-quokka": "False",
        "live": "False",
        "recovered": "True",
    }
    with Replay(path, speed=None) as replay:
        assert all(event.historical for event in replay)


def test_jsonl_has_the_usual_fields(run):
    """Messages carry the fields of chat-downloader, other events their own."""
    lines = [json.loads(line) for line in run("jsonl").splitlines()]
    hello = lines[1]
    assert hello["message_id"] == "x"
    assert hello["message_type"] == "chat_message"
    assert hello["timestamp"] == round(at(1).timestamp() * 1e6)
    assert hello["received_timestamp"] == hello["timestamp"]
    assert (hello["time_in_seconds"], hello["time_text"]) == (1.0, "0:01")
    assert hello["author"]["id"] == 5
    assert (hello["author"]["name"], hello["author"]["display_name"]) == ("maple", "Maple")
    assert hello["author"]["badges"][1] == {"name": "subscriber", "title": "", "count": 13}
    assert hello["author"]["colour"] == "#FFD899"
    assert hello["message"] == "hello :WaveHi:"
    assert hello["content"] == "hello [emote:39001:WaveHi]"
    assert hello["emotes"][0]["name"] == "WaveHi"
    picture = "https://files.kick.com/emotes/39001/fullsize"
    assert hello["emotes"][0]["images"] == [{"id": "source", "url": picture}]
    assert lines[3]["data"]["months"] == 13


def test_text(run):
    """One line an event, without the siblings that Kick sends."""
    assert run("txt").splitlines() == [
        "[2026-10-05 18:00:01 UTC] Maple: hello :WaveHi:",
        "[2026-10-05 18:00:02 UTC] Fern: =1+1",
        "[2026-10-05 18:00:03 UTC] * copperkite subscribed for 13 months",
        "[2026-10-05 18:00:04 UTC] Birch: gone",
        "[2026-10-05 18:00:05 UTC] * a message was deleted by a moderator",
    ]


def _polls(seconds, remaining):
    poll = {"title": "Best?", "options": [], "remaining": remaining, "duration": 30}
    return payload(seconds, "PollUpdateEvent", {"poll": poll})


def _predictions(seconds, state, points=0, kind="Updated", number="p"):
    outcome = {"id": "a", "title": "Yes", "total_vote_amount": points}
    prediction = {"id": number, "title": "Win?", "state": state, "outcomes": [outcome]}
    if state == "RESOLVED":
        prediction["winning_outcome_id"] = "a"
    return payload(seconds, f"Prediction{kind}", {"prediction": prediction})


def _goals(seconds, what, value):
    goal = {"id": "g", "type": "followers", "current_value": value, "target_value": 100}
    return payload(seconds, f"Goal{what}Event", goal)


@pytest.fixture
def results(tmp_path):
    """What has a beginning, steps and an end, and what is told by several events."""
    slow = {"slow_mode": {"enabled": True, "message_interval": 30}}
    settings = {"settings": {"slow_mode": {"enabled": True, "duration_seconds": 30}}}
    return write(
        tmp_path / "results.jsonl",
        marker(0, "connected", channels=[CHANNEL], transport="pusher"),
        _predictions(1, "ACTIVE", kind="Created"),
        _predictions(2, "ACTIVE", 10),
        _predictions(3, "LOCKED", 20),
        _predictions(4, "RESOLVED", 20),
        _predictions(5, "ACTIVE", kind="Created", number="q"),
        _predictions(6, "CANCELLED", number="q"),
        payload(7, "PredictionDeleted", {}),
        _goals(8, "Created", 0),
        _goals(9, "ProgressUpdate", 50),
        _goals(10, "Updated", 50),
        _goals(11, "Achieved", 100),
        _goals(12, "Canceled", 100),
        payload(13, "ChatroomUpdatedEvent", slow),
        payload(14, "ChatSettingsChanged", settings),
        _polls(15, 30),
        payload(16, "PollDeleteEvent", {}),
        _polls(17, 30),
        _polls(18, 0),
        payload(19, "PollDeleteEvent", {}),
        payload(20, "PinnedMessageDeletedEvent", {}),
        payload(21, "MessageDeletedEvent", {"id": "d", "message": {"id": "z"}}),
        payload(22, "MoonPhaseChangedEvent", {"phase": "full"}),
    )


RESULTS = [
    "prediction: Win? · Yes 0 points",
    "prediction locked: Win? · Yes 20 points",
    "prediction decided: Win? · Yes 20 points (won)",
    "prediction: Win? · Yes 0 points",
    "prediction cancelled: Win? · Yes 0 points",
    "the prediction was removed",
    "goal set: 0 of 100 followers",
    "goal reached: 100 of 100 followers",
    "goal given up: 100 of 100 followers",
    "chat rules: slow 30 s",
    "poll: Best? (30 s left)",
    "the poll was taken down",
    "poll: Best? (30 s left)",
    "poll ended: Best?",
    "the pinned message was taken down",
]


def test_results_are_told_once(results, run):
    """Beginnings and ends, changed rules and deletions have lines; bets, steps and siblings none."""
    lines = [line.partition("] * ")[2] for line in run("txt", results).splitlines()]
    assert lines == [*RESULTS, "a message was deleted by a moderator"]


def test_results_are_on_a_page(results, run):
    """The same as in text, but for deletions, which cross out what was deleted; each has its icon."""
    text = run("html", results)
    assert re.findall(r'<bdi class="t">(.*?)</bdi>', text) == RESULTS
    used = set(re.findall(r'href="#k-(\w+)"', text))
    assert used <= set(re.findall(r'<symbol id="k-(\w+)"', text))
    assert "deleted by a moderator" in run("html", results, kinds="message_deleted")


def test_text_by_a_template(run):
    """A template shapes the lines."""
    text = run("txt", template="{time_text} <{username}> {text}", kinds="chat_message")
    assert text.splitlines()[0] == "0:01 <Maple> hello"
    text = run("txt", template="{message} | {content}", kinds="chat_message")
    assert text.splitlines()[0] == "hello :WaveHi: | hello [emote:39001:WaveHi]"


def test_emotes_are_names_in_whatever_happened(tmp_path, run):
    """Also those of pinned messages and in the words of an announcement."""
    pinned = {"message": json.loads(message(1, "see [emote:1:Map]")["raw"]), "duration": "60"}
    said = {"id": "1", "action": "subscribe", "optional_message": "[emote:1:a][emote:2:b]"}
    path = write(
        tmp_path / "pin.jsonl",
        payload(1, "PinnedMessageCreatedEvent", pinned),
        payload(2, "ChatMessageSentEvent", {"message": said, "user": {"id": 1, "username": "M"}}),
    )
    assert [line.partition("] ")[2] for line in run("txt", path).splitlines()] == [
        "* pinned Maple: see :Map:",
        "* M says on subscribing: :a: :b:",
    ]


def test_a_gift_is_by_somebody(tmp_path, run):
    """Lines say who gave, in the words of watch, also where Kick does not; cells leave it empty."""
    gift = {"chatroom_id": 7712045, "gifted_usernames": ["acorn_001"], "gifter_username": None}
    path = write(tmp_path / "gift.jsonl", payload(1, "GiftedSubscriptionsEvent", gift))
    words = "an anonymous viewer gave 1 subscription to acorn_001"
    assert run("txt", path).partition("] ")[2] == f"* {words}\n"
    assert f'<bdi class="t">{words}</bdi>' in run("html", path)
    (row,) = csv.DictReader(io.StringIO(run("csv", path)))
    assert (row["username"], row["message"]) == ("", words)
    free = KicksGifted(gift=KicksGift(amount=5))
    assert describe(free).text == "somebody gave 5 Kicks"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (UserBanned(user=User(username="Fern"), duration=timedelta(days=7)), "for 7 d"),
        (Reconnected(gap=timedelta(minutes=90), complete=True), "back after 1 h 30 min"),
        (KicksGifted(gift=KicksGift(amount=50_000)), "50,000 Kicks"),
    ],
)
def test_numbers_read_as_on_the_command_line(event, words):
    """Durations in their largest units, and thousands apart."""
    assert words in describe(event).text
    assert words in render(event).plain


OUTCOMES = (
    Outcome(id="a", title="Yes", total_vote_amount=1000),
    Outcome(id="b", title="No", total_vote_amount=500),
)


@pytest.mark.parametrize(
    ("state", "winner", "words"),
    [
        ("ACTIVE", None, "prediction: Win? · Yes 1,000 points · No 500 points"),
        ("LOCKED", None, "prediction locked: Win? · Yes 1,000 points · No 500 points"),
        ("RESOLVED", "a", "prediction decided: Win? · Yes 1,000 points (won) · No 500 points"),
        ("RESOLVED", "z", "prediction decided: Win? · Yes 1,000 points · No 500 points"),
        ("CANCELLED", None, "prediction cancelled: Win? · Yes 1,000 points · No 500 points"),
        ("CANCELED", None, "prediction cancelled: Win? · Yes 1,000 points · No 500 points"),
        ("MOONLIT", None, "prediction moonlit: Win? · Yes 1,000 points · No 500 points"),
        (None, None, "prediction: Win? · Yes 1,000 points · No 500 points"),
    ],
)
def test_a_prediction_says_where_it_stands_and_who_won(state, winner, words):
    """The same words in exports and on the command line: state, points, winner."""
    prediction = Prediction(
        id="p", title="Win?", state=state, outcomes=OUTCOMES, winning_outcome_id=winner
    )
    event = PredictionUpdated(prediction=prediction)
    assert describe(event).text == words
    assert render(event).plain == f"🔮 {words}"


@pytest.mark.parametrize(
    ("remaining", "words"),
    [
        (timedelta(seconds=20), "poll: Best? · A 1,200 · B 4 (20 s left)"),
        (timedelta(0), "poll ended: Best? · A 1,200 (won) · B 4"),
        (None, "poll: Best? · A 1,200 · B 4"),
    ],
)
def test_a_poll_says_whether_it_ended_and_what_won(remaining, words):
    """The same words in exports and on the command line."""
    options = (PollOption(id=0, label="A", votes=1200), PollOption(id=1, label="B", votes=4))
    event = PollUpdate(poll=Poll(title="Best?", options=options, remaining=remaining))
    assert describe(event).text == words
    assert render(event).plain == f"📊 {words}"


@pytest.mark.parametrize("votes", [0, 3])
def test_a_poll_with_equal_votes_has_no_winner(votes):
    """Where all have as many, or none at all, none is named."""
    options = (
        PollOption(id=0, label="A", votes=votes),
        PollOption(id=1, label="B", votes=votes),
    )
    poll = Poll(title="Best?", options=options, remaining=timedelta(0))
    assert describe(PollUpdate(poll=poll)).text == f"poll ended: Best? · A {votes} · B {votes}"


@pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
def test_every_event_says_what_happened(cls):
    """No row has an empty message, and no line is without words."""
    assert describe(filled(cls, "maple")).text


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "ChatroomUpdatedEvent",
            {
                "slow_mode": {"enabled": True, "message_interval": 30},
                "followers_mode": {"enabled": True, "min_duration": 10_080},
                "subscribers_mode": {"enabled": False},
            },
            "chat rules: slow 30 s, followers only 7 d",
        ),
        ("ChatroomUpdatedEvent", {"id": 7712045}, "chat rules: everybody may write"),
        (
            "ChatSettingsChanged",
            {
                "settings": {
                    "slow_mode": {"enabled": True, "duration_seconds": 30},
                    "subscribers_only_mode": {"enabled": True},
                    "followers_only_mode": {"enabled": True, "duration_seconds": 604_800},
                }
            },
            "chat rules: slow 30 s, subscribers only, followers only 7 d",
        ),
        ("MoonPhaseChangedEvent", {"phase": "full"}, 'MoonPhaseChangedEvent {"phase": "full"}'),
        (
            "MoonPhaseChangedEvent",
            {"phase": "x" * 100},
            'MoonPhaseChangedEvent {"phase": "' + "x" * 68 + "…",
        ),
        (
            "StreamHostEvent",
            {"host_username": "Fern", "optional_message": "hi"},
            "hosts this stream: hi",
        ),
        (
            "StreamHostedEvent",
            {
                "message": {"optionalMessage": "hi", "numberOfViewers": 3},
                "user": {"id": 1, "username": "Fern"},
            },
            "hosts this stream with 3 viewers: hi",
        ),
        (
            "MessageDeletedEvent",
            {
                "id": "d",
                "message": {"id": "z"},
                "aiModerated": True,
                "violatedRules": ["is_spam-TRUE"],
            },
            "a message was deleted by Kick's moderation (is_spam-TRUE)",
        ),
        (
            "MessageDeletedEvent",
            {"id": "d", "message": {"id": "z"}},
            "a message was deleted by a moderator",
        ),
    ],
)
def test_messages_say_what_happened(name, data, words):
    """A message says as much as the line on the command line, which has the same words."""
    event = decode(name, json.dumps(data))
    assert describe(event).text == words
    assert words.rstrip("…") in render(event).plain


def test_text_is_safe_to_show(run):
    """No escape sequence and no line break of a stranger gets into a line."""
    assert run("txt", said("one\ntwo \x1b[2J")).count("\n") == 1
    assert "\x1b" not in run("txt", said("one\ntwo \x1b[2J"))


@pytest.mark.parametrize(
    "template", ["{nothing}", "{", "{0}", "{username!z}", "{username:d}", "{username.x}"]
)
def test_senseless_templates_are_refused(run, template):
    """A template that cannot be filled raises ValueError, listing the fields."""
    with pytest.raises(ValueError, match="time_text"):
        run("txt", template=template)


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_html_reads_like_chat(run):
    """Names in colour, emotes as pictures with their names, removed messages crossed out."""
    text = run("html")
    page = _Page(text)
    (emote,) = [image for image in page.all("img") if image.get("class") == "x"]
    assert emote["src"] == "https://files.kick.com/emotes/39001/fullsize"
    assert emote["alt"] == ":WaveHi:"
    (gone,) = [item for item in page.all("li") if "gone" in item["class"].split()]
    assert re.search(r'gone">.*Birch.*gone.*deleted', text)
    # The name's own colour, as dark as a light page needs.
    assert f"color:{name_color('Maple', '#FFD899')}" in text
    assert re.search(r'title="subscriber 13"><svg[^>]*><use href="#r-subscriber"/></svg>13<', text)
    assert "copperkite" in text
    assert gone


def test_html_escapes_everything(run):
    """Nothing that people write becomes a tag, an attribute, a script or a style."""
    evil = '<script>alert(1)</script>"\'><img src=x onerror=y> [emote:1:<b>"x] https://a.b/"><i>'
    sender = User(username='<u onclick="x">', id=1)
    text = run("html", [ChatMessage(id="1", sender=sender, content=evil)])
    page = _Page(text)
    usual = {"html", "head", "meta", "title", "style", "body", "header", "h1", "p", "main", "ol"}
    usual |= {"li", "time", "div", "span", "b", "i", "img", "a", "footer", "bdi"}
    usual |= {"svg", "symbol", "use", "g", "path", "rect", "circle"}
    assert {tag for tag, _ in page.tags} <= usual
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    assert [image["src"] for image in page.all("img")] == [
        "https://files.kick.com/emotes/1/fullsize"
    ]
    assert not page.all("script")


def test_html_loads_nothing_but_pictures_from_kick(run):
    """Badges from elsewhere are names, and a policy forbids everything but Kick's pictures."""
    kicks = "https://ext.cdn.kick.com/chat/badges"
    identity = {
        "color": "red;background:url(x)",
        "badges_v2": [
            {"name": "a", "image_url": "javascript:x", "selected": True},
            {"name": "b", "image_url": "http://example.org/x.png", "selected": True},
            {"name": "c", "image_url": "https://example.org/c.png", "selected": True},
            {"name": "d", "image_url": f"{kicks}/d.png", "selected": False},
            {"name": "e", "image_url": f"{kicks}/e.png", "selected": True},
        ],
    }
    from kick_live import decode

    sender = {"id": 1, "username": "M", "identity": identity}
    event = decode("ChatMessageEvent", {"id": "1", "content": "x", "sender": sender})
    text = run("html", [event])
    assert [image["src"] for image in _Page(text).all("img")] == [f"{kicks}/e.png"]
    names = [span["title"] for span in _Page(text).all("span") if span.get("class") == "x"]
    assert names == ["a", "b", "c"]
    assert "url(x)" not in text
    assert "example.org" not in text
    (policy,) = [m["content"] for m in _Page(text).all("meta") if "http-equiv" in m]
    assert policy.startswith("default-src 'none'")
    assert "img-src https://files.kick.com https://ext.cdn.kick.com;" in policy


def test_html_without_pictures_loads_nothing(run):
    """Emotes are their names, and the page is forbidden to load anything."""
    text = run("html", pictures=False)
    assert text == run("html", pictures="none")
    assert not _Page(text).all("img")
    assert ":WaveHi:" in text
    assert "https://files.kick.com" not in text
    (policy,) = [m["content"] for m in _Page(text).all("meta") if "http-equiv" in m]
    assert "img-src 'none'" in policy


def test_html_is_deterministic(run, file):
    """The same recording gives the same page."""
    assert run("html") == run("html", list(Replay(file, speed=None)))


def test_html_marks_bans_whatever_is_chosen(file, tmp_path, run):
    """A ban that is not among the chosen kinds still crosses messages out."""
    user = {"id": 9, "username": "Birch"}
    path = write(
        tmp_path / "ban.jsonl",
        message(1, "rude", "Birch", user_id=9),
        message(1, "there", "Birch", user_id=9, channel=OTHER),
        payload(2, "UserBannedEvent", {"id": "b", "user": user, "permanent": True}),
        message(3, "later", "Birch", user_id=9),
    )
    text = run("html", path, kinds=ChatMessage)
    assert text.count("the author was banned") == 1
    assert "copper-heron" in text


def test_parquet(file, tmp_path):
    """Typed columns, read back with pyarrow."""
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "chat.parquet"
    assert export(file, path) == 7
    rows = parquet.read_table(path).to_pylist()
    assert rows[1]["time"] == at(1)
    assert rows[1]["emotes"] == ["WaveHi"]
    assert rows[3]["amount"] == 13


def test_what_is_chosen(run, file):
    """Kinds, users, times and a pattern choose, alone and together."""

    def messages(**options):
        return [json.loads(line)["message"] for line in run("jsonl", **options).splitlines()]

    assert messages(kinds=["chat_message"], users=["@maple"]) == ["hello :WaveHi:"]
    assert messages(users=5) == ["hello :WaveHi:"]
    assert messages(pattern="hello :wavehi:$") == ["hello :WaveHi:"]
    assert messages(pattern="emote|39001") == []
    assert messages(pattern="GO.E") == ["gone"]
    assert messages(pattern=re.compile("GO.E")) == []
    assert messages(kinds=ChatMessage, since=at(2), until=at(4)) == ["=1+1"]
    assert messages(kinds=ChatMessage, since=at(4).replace(tzinfo=None)) == ["gone"]


def test_a_count_is_returned(file, tmp_path):
    """export says how many events it wrote."""
    assert export(file, tmp_path / "x.csv") == 7
    assert export(file, tmp_path / "x.txt", kinds="subscription") == 1


def test_wrong_wishes_are_refused(file, tmp_path):
    """An unknown format, suffix, kind, pattern or a template without lines raise at once."""
    with pytest.raises(ValueError, match="no format 'doc'"):
        export(file, tmp_path / "x.csv", "doc")
    with pytest.raises(ValueError, match="does not tell the format"):
        export(file, tmp_path / "x.doc")
    with pytest.raises(UnknownEventName, match="chat_message"):
        export(file, tmp_path / "x.csv", kinds="chat_mesage")
    with pytest.raises(ValueError, match="no regular expression"):
        export(file, tmp_path / "x.csv", pattern="(")
    with pytest.raises(ValueError, match="pictures must be one of 'embed'"):
        export(file, tmp_path / "x.html", pictures="all")
    with pytest.raises(TypeError, match="pictures must be one of 'embed'"):
        export(file, tmp_path / "x.html", pictures=None)
    with pytest.raises(ValueError, match="csv has none"):
        export(file, tmp_path / "x.csv", template="{time}")
    assert not list(tmp_path.glob("x.*"))


@pytest.mark.parametrize("as_replay", [False, True], ids=["path", "replay"])
def test_a_recording_is_not_replaced_by_its_export(tmp_path, as_replay):
    """The recording itself, a further part and another name of it are refused as the output."""
    path = write(tmp_path / "chat.jsonl", message(1, "one"))
    part = write(tmp_path / "chat.0002.jsonl", message(2, "two"))
    alias = tmp_path / "alias.jsonl"
    alias.symlink_to(path)
    before = path.read_bytes(), part.read_bytes()
    source = Replay(path, speed=None) if as_replay else path
    for target in (path, part, alias):
        with pytest.raises(ValueError, match="is the recording that is read"):
            export(source, target, "csv")
    assert (path.read_bytes(), part.read_bytes()) == before
    assert alias.is_symlink()


def test_a_failed_export_leaves_the_old_file(file, tmp_path):
    """A damaged recording raises, and what was exported before stays."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    bad = write(tmp_path / "bad.jsonl", message(1, "x"), "{", message(2, "y"))
    with pytest.raises(RecordingError) as info:
        export(bad, path)
    assert info.value.line == 3
    assert path.read_text() == "old"
    with pytest.raises(RecordingError, match="cannot be written"):
        export(file, tmp_path / "no" / "x.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.jsonl", "chat.jsonl", "out.csv"]


def test_pandas(file):
    """A typed table; empty ones have the same columns."""
    pytest.importorskip("pandas")
    frame = to_dataframe(file)
    assert len(frame) == 7
    hello = frame.iloc[1]
    assert hello["time"].to_pydatetime() == at(1)
    assert (hello["user_id"], hello["badges"]) == (5, ["moderator", "subscriber:13"])
    assert frame["amount"].dropna().tolist() == [13]
    assert str(frame["user_id"].dtype) == "Int64"
    assert list(to_dataframe([]).columns) == list(frame.columns)
    assert (frame.dtypes == to_dataframe(Replay(file, speed=None)).dtypes).all()


def test_polars(file):
    """The same table for polars."""
    polars = pytest.importorskip("polars")
    frame = to_dataframe(file, "polars")
    assert frame["time"][1] == at(1)
    assert frame.schema["emotes"] == polars.List(polars.String)
    assert to_dataframe([], "polars").schema == frame.schema


def test_odd_values_fit_into_tables(tmp_path):
    """Ids beyond 64 bits and halves of surrogate pairs do not end an export."""
    pytest.importorskip("pandas")
    odd = [ChatMessage(id="1", sender=User(username="a\ud83d", id=2**70), content="\ud83d")]
    assert to_dataframe(odd)["user_id"].isna().all()
    for to in ("csv", "jsonl", "txt", "html"):
        assert export(odd, tmp_path / f"odd.{to}", pictures="none") == 1


@pytest.mark.parametrize(
    ("library", "extra"), [("pandas", "export"), ("polars", "polars")], ids=str
)
def test_missing_libraries_are_named(file, monkeypatch, library, extra):
    """Without the library, the error names the extra."""
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(MissingExtra, match=library) as info:
        to_dataframe(file, library)
    assert info.value.extra == extra
    assert f'pip install "kick-live[{extra}]" (in a checkout: pip install ".[{extra}]")' in str(
        info.value
    )
    with pytest.raises(ValueError, match="must be"):
        to_dataframe(file, "numpy")


def test_parquet_without_its_library(file, tmp_path, monkeypatch):
    """Without pyarrow, the error names the extra, and no file is left."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtra) as info:
        export(file, tmp_path / "x.parquet")
    assert info.value.extra == "export"
    assert not list(tmp_path.glob("x*"))


def test_html_says_why_a_message_is_gone(tmp_path, run):
    """Deletion before ban before clearing; the ban that came next counts; what came later stays."""
    user = {"id": 9, "username": "Birch"}

    def banned(seconds, permanent):
        data = {"id": f"b{seconds}", "user": user, "permanent": permanent}
        return payload(seconds, "UserBannedEvent", data)

    path = write(
        tmp_path / "gone.jsonl",
        message(1, "one", "Birch", user_id=9),
        message(2, "two", "Birch", user_id=9, id="two"),
        banned(3, False),
        message(4, "three", "Birch", user_id=9),
        banned(5, True),
        message(6, "four", "Birch", user_id=9),
        message(7, "five", "Fern"),
        payload(8, "MessageDeletedEvent", {"id": "d", "message": {"id": "two"}}),
        payload(9, "ChatroomClearEvent", {"id": "c"}),
        message(10, "six", "Fern"),
        message(11, "seven", "Fern", channel=OTHER),
    )
    text = run("html", path, kinds=ChatMessage)
    items = re.findall(r'<bdi class="t">(\w+)</bdi>(?:<span class="w">([^<]*))?', text)
    assert items == [
        ("one", "the author was timed out"),
        ("two", "deleted"),
        ("three", "the author was banned"),
        ("four", "the chat was cleared"),
        ("five", "the chat was cleared"),
        ("six", ""),
        ("seven", ""),
    ]


def test_html_needs_no_memory_for_messages(tmp_path):
    """A chat ten times as long takes no more memory, but for the names of those who write."""

    def peak(count):
        messages = (
            ChatMessage(id=str(n), sender=User(username=f"u{n % 50}", id=n % 50 + 1), content="gg")
            for n in range(count)
        )
        tracemalloc.start()
        assert export(messages, tmp_path / "long.html", pictures="none") == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(5000) < 2 * peak(500) + 100_000


def test_html_of_a_lively_evening(run, tmp_path):
    """Replies quote, celebrations tell the months, a poll is told twice, errors are left out."""
    reply = json.loads(message(2, "sure", "Fern")["raw"])
    reply["type"] = "reply"
    reply["metadata"] = {
        "original_sender": {"id": 5, "username": "Maple"},
        "original_message": {"id": "x", "content": "really? [emote:1:Hm]"},
    }
    party = json.loads(message(3, "a year", "Birch")["raw"])
    party["type"] = "celebration"
    party["metadata"] = {"celebration": {"id": "c", "total_months": 12}}

    def poll(seconds, votes, remaining):
        options = [{"id": 0, "label": "Desert", "votes": votes}]
        data = {"title": "Where next?", "options": options, "remaining": remaining}
        return payload(seconds, "PollUpdateEvent", {"poll": {**data, "duration": 30}})

    path = write(
        tmp_path / "evening.jsonl",
        payload(2, "ChatMessageEvent", reply),
        payload(3, "ChatMessageEvent", party),
        poll(4, 0, 30),
        poll(5, 3, 20),
        poll(6, 7, 0),
        message(90_000, "[emote:1:Hm]"),
        payload(90_001, "ChatroomClearEvent", {"id": "c"}),
        marker(90_002, "error", error="a topic was refused", type="RealtimeError"),
    )
    text = run("html", path)
    assert re.search(r"↪ <b>Maple</b> really\?", text)
    assert "12 months" in text
    assert text.count("Where next?") == 2
    assert "Desert 7" in text
    assert text.count('class="day"') == 2
    assert "the chat was cleared" in text
    assert "a topic was refused" not in text
