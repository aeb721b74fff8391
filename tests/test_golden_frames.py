"""Every golden frame means what its line says."""

from __future__ import annotations

from typing import Any

import pytest
from golden import LINES, prepared, run
from golden_facts import NOT_FACTS, SURVIVORS, actual

from kick_live.protocols.base import State

_FACTS = [
    pytest.param(line, key, id=f"{line['transport']}-{line['name']}-{key}")
    for line in LINES
    for key in line["expect"]
    if key not in NOT_FACTS
]
_BY_NAME = {line["name"]: line for line in LINES}


@pytest.mark.parametrize(("line", "key"), _FACTS)
def test_the_frame_means_what_is_expected(line: dict[str, Any], key: str) -> None:
    """The fact that the line names comes out of the protocol or the decoder."""
    assert actual(line, key) == line["expect"][key]


def test_every_line_is_checked() -> None:
    """No line is without a fact, and none of the malformed survivors is out of date."""
    assert len(LINES) == 148
    assert all(set(line["expect"]) - set(NOT_FACTS) for line in LINES)
    assert set(SURVIVORS) <= set(_BY_NAME)


@pytest.mark.parametrize("line", [line for line in LINES if line.get("malformed")])
def test_a_malformed_frame_leaves_the_connection_up(line: dict[str, Any]) -> None:
    """The protocol is as ready afterwards as before."""
    assert run(line).protocol.state is State.READY


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_frames_together_give_what_they_give_one_by_one(transport: str) -> None:
    """How many frames one read brings changes nothing."""
    lines = [
        line
        for line in LINES
        if line["transport"] == transport and line["expect"].get("kind") in _HARMLESS
    ]
    frames = [line["frame"] for line in lines]
    together, single = prepared(lines[0]), prepared(lines[0])
    together.feed(*frames)
    for frame in frames:
        single.feed(frame)
    assert len(together.happened) >= 10
    assert together.happened == single.happened
    # One answer may serve all pings of a read.
    assert set(together.sent) == set(single.sent)
    assert together.protocol.undecodable == single.protocol.undecodable


_HARMLESS = {
    *("message", "reply", "celebration", "kicks_gift", "gifted_subs", "live_on", "unknown"),
    *("ping", "push_join", "batch", "settings", "unpin", "drops", "poll_update"),
}
