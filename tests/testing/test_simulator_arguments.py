"""What a simulated channel makes of arguments that cannot be meant."""

import pytest

LIST = "must be a list"
SAID = {"id": "m-1", "content": "hi", "sender": {"id": 7, "username": "pebble"}}


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda c: c.chat("hi", badges="vip"), TypeError, f"badges {LIST}.*not 'vip'"),
        (lambda c: c.chat("hi", badges=[3]), TypeError, r"badges\[0\] must be a type like 'vip'"),
        (lambda c: c.chat("hi", badges=[("og", 1, 2)]), TypeError, r"badges\[0\] must be a type"),
        (lambda c: c.chat("hi", badges=["og", ("vip", "2")]), TypeError, r"badges\[1\] must be a"),
        (lambda c: c.reply("hi", to=SAID, badges="vip"), TypeError, f"badges {LIST}"),
        (lambda c: c.reply("hi", to="m-1"), ValueError, "to must be the id of a message in the h"),
        (lambda c: c.reply("hi", to=7), TypeError, r"to must be a payload that chat\(\) returned"),
        (lambda c: c.reply("hi", to={"text": "hi"}), ValueError, "to must be a payload that chat"),
        (lambda c: c.pin("m-1"), ValueError, "message must be the id of a message in the history"),
        (lambda c: c.pin(None), TypeError, "message must be a payload that"),
        (lambda c: c.delete_message(7), TypeError, "message must be an id, or a payload that"),
        (lambda c: c.delete_message({"text": "hi"}), ValueError, "message must be an id, or a pa"),
        (lambda c: c.delete_message("m-1", rules="is_spam-TRUE"), TypeError, f"rules {LIST}"),
        (lambda c: c.ban("spamlink", minutes=0), ValueError, "minutes must be a whole number of"),
        (lambda c: c.ban("spamlink", minutes="5"), TypeError, "minutes must be a whole number of"),
        (lambda c: c.celebrate(0), ValueError, "months must be a whole number of at least 1"),
        (lambda c: c.subscribe("ann_otter", months=-1), ValueError, "months must be a whole"),
        (lambda c: c.gift_subs("bob"), TypeError, f"usernames {LIST} of texts, not 'bob'"),
        (lambda c: c.gift_subs(5), TypeError, f"usernames {LIST} of texts, not 5"),
        (lambda c: c.gift_subs(["bo_finch", 5]), TypeError, r"usernames\[1\] must be text, not 5"),
        (lambda c: c.gift_subs(["bo_finch"], chunks=0), ValueError, "chunks must be a whole"),
        (lambda c: c.gift_kicks(-5), ValueError, "amount must be a whole number of at least 1"),
        (lambda c: c.gift_kicks("50"), TypeError, "amount must be a whole number of at least 1"),
        (lambda c: c.goal("reached"), ValueError, "what must be one of 'created', 'updated'"),
        (lambda c: c.poll("Where?", "ab"), TypeError, f"options {LIST} of texts"),
        (lambda c: c.poll("Where?", ["a"], votes=5), TypeError, f"votes {LIST} as long as options"),
        (lambda c: c.poll("Where?", ["a"], votes=[1, 2]), ValueError, "as options.*1 long"),
        (lambda c: c.poll("Where?", ["a"], votes=[-1]), ValueError, r"votes\[0\] must be a whole"),
        (lambda c: c.predict("Yes?", outcomes="ab"), TypeError, f"outcomes {LIST} of texts"),
        (lambda c: c.predict("Yes?", state="OVER"), ValueError, "state must be one of 'ACTIVE', "),
        (lambda c: c.predict("Yes?", winner=9), ValueError, "winner must be a whole number from 0"),
        (lambda c: c.predict("Yes?", winner="Yes"), TypeError, "winner must be a whole number fr"),
        (lambda c: c.predict("Yes?", votes=[(1, 1)]), ValueError, "votes must be a list as long"),
        (lambda c: c.predict("Yes?", votes=[1, 2]), TypeError, r"votes\[0\] must be a pair of"),
        (lambda c: c.predict("Yes?", votes=[(1, 2, 3), (1, 2)]), TypeError, r"votes\[0\] must be"),
    ],
    ids=lambda value: "",
)
def test_what_cannot_be_meant_is_refused(channel, act, error, words):
    """The argument and what is wanted are named, and nothing has happened."""
    channel.publish = lambda *_: pytest.fail("something was published")
    with pytest.raises(error, match=words):
        act(channel)
    assert not channel.history
    assert not channel.banned
    assert channel.pinned is channel.current_poll is channel.current_prediction is None
    assert channel.subscribers == 1109


def test_a_message_can_be_named_by_its_id(channel):
    """Answers and pins take the id of a message that is in the history, as deletions do."""
    said = channel.chat("hello")
    channel.chat("and more")
    answer = channel.reply("hi", to=said["id"])
    assert answer["metadata"]["original_message"] == {"id": said["id"], "content": "hello"}
    assert channel.pin(said["id"])["message"]["content"] == "hello"


def test_a_deleted_message_has_no_id_any_more(channel):
    """What is no longer in the history is answered by its payload only."""
    said = channel.chat("hello")
    channel.delete_message(said["id"])
    with pytest.raises(ValueError, match="history"):
        channel.reply("hi", to=said["id"])
    assert channel.reply("hi", to=said)["thread_parent_id"] == said["id"]


def test_a_prediction_that_goes_on_has_its_own_outcomes(channel):
    """The winner is one of those with which the prediction began."""
    channel.predict("Which?", outcomes=["A", "B", "C"])
    ended = channel.predict("Which?", state="RESOLVED", created=False, winner=2)["prediction"]
    assert ended["winning_outcome_id"] == ended["outcomes"][2]["id"]
    with pytest.raises(ValueError, match="winner must be a whole number from 0 to 2, not 3"):
        channel.predict("Which?", state="RESOLVED", created=False, winner=3)
