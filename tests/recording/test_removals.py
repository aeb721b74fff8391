"""What deletions, bans and clearings take away, in databases and in transcripts alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kick_live import Channel, ChatMessage, ChatroomClear, MessageDeleted, User, UserBanned
from kick_live.events.chat import MessageRef
from kick_live.recording import ChatStore, export
from kick_live.recording.removals import HIDDEN, Removals
from recording.recordings import CHANNEL, OTHER, START

HOUR = HIDDEN.total_seconds()
CHANNELS = (Channel(**CHANNEL), Channel(**OTHER))


def at(seconds):
    return START + timedelta(seconds=seconds)


def said(seconds, content="hello", *, user=1, id=None, channel=0):
    sender = User(id=user, username=f"user{user}")
    return ChatMessage(
        id=id or f"m{seconds}",
        sender=sender,
        content=content,
        created_at=at(seconds),
        received_at=at(seconds),
        channel=CHANNELS[channel],
    )


def banned(seconds, *, user=1, permanent=False, channel=0):
    return UserBanned(
        id=f"b{seconds}",
        user=User(id=user, username=f"user{user}"),
        permanent=permanent,
        received_at=at(seconds),
        channel=CHANNELS[channel],
    )


def deleted(seconds, message_id, *, ai=False, channel=0):
    return MessageDeleted(
        id=f"d{seconds}",
        message=MessageRef(id=message_id),
        ai_moderated=ai,
        received_at=at(seconds),
        channel=CHANNELS[channel],
    )


def cleared(seconds, channel=0):
    return ChatroomClear(received_at=at(seconds), channel=CHANNELS[channel], raw=f'"{seconds}"')


def reasons(store):
    return {message.id: message.removed_by for message in store.search(limit=1000)}


@pytest.mark.parametrize("permanent", [False, True])
def test_a_ban_hides_the_last_hour(store, permanent):
    """What somebody wrote in the months before a time-out is left standing."""
    store.add_many(
        [said(0, id="old"), said(1.5, id="hour"), said(5000, id="new"), said(3000, id="x", user=2)]
    )
    store.add(banned(1.5 + HOUR - 1, permanent=permanent))
    why = "ban" if permanent else "timeout"
    assert reasons(store) == {"old": None, "hour": why, "new": None, "x": None}


def test_a_clearing_hides_the_last_hour(store):
    """A clearing concerns what is on the screens, not the whole evening."""
    store.add_many([said(0, id="old"), said(HOUR, id="new"), said(HOUR, id="there", channel=1)])
    store.add(cleared(HOUR + 1))
    assert reasons(store) == {"old": None, "new": "clear", "there": None}


def test_a_deletion_counts_before_a_ban(store):
    """What a moderator deleted is told apart from what a ban hid, whichever came first."""
    store.add_many([said(1, id="one"), said(2, id="two"), banned(3), deleted(4, "one")])
    assert reasons(store) == {"one": "moderator", "two": "timeout"}
    assert [m.removed_at for m in store.search()] == [at(3), at(4)]


def test_a_transcript_strikes_out_the_last_hour_alone(tmp_path):
    """The page shows what the database says."""
    events = [said(0, "long ago"), said(4000, "just now"), banned(4001)]
    export(events, tmp_path / "chat.html")
    page = (tmp_path / "chat.html").read_text("utf-8")
    gone = [line for line in page.splitlines() if "the author was timed out" in line]
    assert len(gone) == 1
    assert "just now" in gone[0]


moments = st.integers(0, 12).map(lambda n: n * HOUR / 4)
users, channels = st.integers(1, 2), st.integers(0, 1)
events = st.one_of(
    st.builds(said, moments, user=users, channel=channels),
    st.builds(banned, moments, user=users, permanent=st.booleans(), channel=channels),
    st.builds(deleted, moments, moments.map(lambda n: f"m{n}"), ai=st.booleans(), channel=channels),
    st.builds(cleared, moments, channel=channels),
)


@given(chat=st.lists(events, max_size=14), cut=st.integers(0, 14), data=st.data())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_marks_are_the_same_everywhere_and_in_any_order(tmp_path_factory, chat, cut, data):
    """A database marks what a transcript strikes out, in whatever order and parts it was stored."""
    chat = list({(e.kind, getattr(e, "id", e.raw), e.channel): e for e in chat}.values())
    removals = Removals()
    for event in chat:
        removals.see(event)
    expected = {
        (m.id, m.channel.slug): removals.why(m.created_at, m.channel.channel_id, m.sender.id, m.id)
        for m in chat
        if isinstance(m, ChatMessage)
    }
    shuffled = data.draw(st.permutations(chat))
    with ChatStore(tmp_path_factory.mktemp("any") / "chat.db") as store:
        store.add_many(shuffled[:cut])
        store.add_many(shuffled[cut:])
        found = {(m.id, m.channel): m.removed_by for m in store.search(limit=1000)}
        gone = {(m.id, m.channel) for m in store.search("hello", removed=True, limit=1000)}
    assert found == expected
    assert gone == {key for key, why in expected.items() if why}
