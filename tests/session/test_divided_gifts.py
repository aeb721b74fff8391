"""Parts of a large gift that never come together."""

from __future__ import annotations

import json

import pytest

from kick_live import KickAPI, KickClient
from kick_live.events.gifts import GiftedSubscriptions
from kick_live.testing import KickSimulator


@pytest.mark.parametrize("with_topic", [True, False])
def test_a_gift_whose_other_parts_never_come_is_delivered(
    monkeypatch: pytest.MonkeyPatch, with_topic: bool
) -> None:
    """After a wait what is there counts, also where the frame names no topic."""
    monkeypatch.setattr("kick_live.session.gift_merger._WAIT", 0.2)
    with KickSimulator() as sim:
        channel = sim.add_channel("amber-quokka")
        payload = {
            "chatroom_id": channel.chatroom_id,
            "gifter_username": "Maple",
            "gifted_usernames": ["Copper"],
            "gifted_total": 2,
            "correlation_id": "9",
            "chunk_details": {"chunk_index": 0, "total_chunks": 2},
        }
        frame = {"event": "GiftedSubscriptionsEvent", "data": json.dumps(payload)}
        if with_topic:
            frame["channel"] = f"chatroom_{channel.chatroom_id}"
        with (
            KickAPI(sim.endpoints, min_interval=0) as api,
            KickClient("amber-quokka", transport="pusher", api=api) as client,
        ):
            client.connect(10)
            sim.publish_frame(json.dumps(frame))
            gift = client.wait_for(GiftedSubscriptions, 5)
    assert (gift.count, gift.gifted_usernames, gift.chunk) == (2, ("Copper",), None)
