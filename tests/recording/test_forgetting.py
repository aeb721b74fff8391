"""What somebody wrote is taken out of a store again."""

from __future__ import annotations

from recording.recordings import (
    START,
    fill,
    found,
    message,
    payload,
    said_by,
    write,
)


def test_forgetting_somebody(store, file):
    """Nothing that the user wrote is left, not even in the file's free pages."""
    fill(
        store,
        file,
        message(1, "very personal", "Old", user_id=5),
        message(2, "gg", "New", user_id=5),
    )
    fill(store, file, message(3, "other"))
    assert store.forget("old") == 2
    assert found(store) == ["other"]
    assert found(store, "personal") == []
    assert store.forget(5) == 0
    store.close()
    assert b"very personal" not in store.path.read_bytes()


def test_forgotten_messages_are_not_found_among_the_removed(store, tmp_path):
    """What somebody wrote leaves the index of removed messages as well."""
    path = tmp_path / "chat.jsonl"
    deletion = payload(2, "MessageDeletedEvent", {"id": "d", "message": {"id": "1"}})
    write(path, message(1, "left path", "user1", id="1"), deletion)
    store.add_recording(path)
    assert [m.id for m in store.search("left", removed=True)] == ["1"]
    store.forget("user1")
    assert store.search("left", removed=True) == []
    assert store.search(removed=True) == []


def test_no_word_of_a_forgotten_user_stays_in_the_index(store):
    """The index holds words apart from messages: those of theirs leave it, whenever they wrote."""
    store.add_many(said_by(7 * n, f"other words {n}", START) for n in range(3000))
    mine = "zebrasecret[emote:1:OwlSecret]?!"
    store.add(said_by(7 * 5000 + 1, mine, START))
    store.add_many(said_by(7 * n, f"more words {n}", START) for n in range(6000, 9000))
    assert found(store, "zebra*") == [mine]
    assert store.forget("user1") == 1
    assert store.message_count == len(found(store, "words", limit=10_000)) == 6000
    store.close()
    data = store.path.read_bytes()
    for word in (b"zebra", b"owlsecret", b"OwlSecret"):
        assert word not in data
