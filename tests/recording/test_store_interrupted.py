"""A Ctrl-C or SIGTERM at an awkward moment leaves a database that can be written to."""

from __future__ import annotations

import pytest

from kick_live import ChatMessage
from kick_live.recording import ChatStore
from kick_live.testing import make


class Interrupted:
    """A connection after whose BEGIN, or before whose COMMIT, Ctrl-C is pressed once."""

    def __init__(self, connection, moment):
        self._connection = connection
        self._moment = moment

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, sql, *arguments):
        due = self._moment is not None and sql.startswith(self._moment)
        if due:
            self._moment = None
        if due and sql.startswith("COMMIT"):
            raise KeyboardInterrupt
        result = self._connection.execute(sql, *arguments)
        if due:
            raise KeyboardInterrupt
        return result


@pytest.mark.parametrize("moment", ["BEGIN", "COMMIT"])
def test_an_interrupt_leaves_no_open_transaction(tmp_path, moment):
    """The same messages can be added afterwards, as a command does while it ends."""
    messages = [make(ChatMessage, content=word) for word in ("one", "two")]
    with ChatStore(tmp_path / "chat.db") as store:
        store._db._connection = Interrupted(store._db._connection, moment)
        with pytest.raises(KeyboardInterrupt):
            store.add_many(messages)
        store.add_many(messages)
        assert store.message_count == 2
