"""A short soak, with shorter waits and more faults than in earnest."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta, timezone

import pytest

from kick_live import Channel, ChatMessage, Reconnected, User
from kick_live.session import backoff

from .ledger import Ledger
from .soak import soak


@pytest.mark.skipif(
    os.environ.get("KICK_LIVE_SOAK") != "1",
    reason="takes half a minute of a machine of its own; run it with KICK_LIVE_SOAK=1, as .ci/run does",
)
@pytest.mark.timeout(240)
def test_every_message_is_accounted_for(monkeypatch) -> None:
    """Over 50 channels and both protocols nothing is lost silently, doubled or out of order."""
    monkeypatch.setattr(backoff, "_WINDOW", 5.0)
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")  # noqa: T201
    report = soak(25, seed, pause=1.0)
    print(report)  # noqa: T201
    assert all(account.is_clean for account in report.accounts.values()), str(report)
    assert all(account.live > 0 and account.recovered > 0 for account in report.accounts.values())
    assert sum(report.faults.values()) >= 5


def test_the_ledger_sees_what_is_wrong() -> None:
    """The account itself tells losses, doubles and disorder apart."""
    channel = Channel(slug="heron-1", channel_id=1, chatroom_id=2)
    ledger = Ledger()

    def hear(*numbers: int, historical: bool = False) -> None:
        for number in numbers:
            ledger.note(
                ChatMessage(
                    id=str(number),
                    content=str(number),
                    sender=User(username="Maple_Harbor", id=1),
                    channel=channel,
                    historical=historical,
                )
            )

    begin = datetime.now(timezone.utc)
    hear(1, 2, 4)
    hear(6, historical=True)
    ledger.note(Reconnected(channel=channel, gap=timedelta(seconds=1), complete=False))
    hear(8, 8, 7)
    soon = begin + timedelta(hours=1)
    account = ledger.account({"heron-1": [begin] * 8 + [soon]})
    assert (account.live, account.recovered) == (6, 1)
    # 3 was lost before the gap, 5 in it, 9 after it; 8 came twice, 7 late.
    assert (account.silent, account.announced, account.twice, account.disordered) == (2, 1, 1, 1)
    assert not account.is_clean
