"""The chat of past broadcasts: complete, in order, once, whatever a page of history means."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from kick_live import ChatMessage, KickAPI, ServerError, User
from kick_live.errors import RecordingError
from kick_live.models.video import Video
from kick_live.net.results import HistoryPage
from kick_live.recording import VodChat, VodFile, VodPosition
from kick_live.recording.replay import Replay
from kick_live.testing import KickSimulator, SimulatedChannel

START = datetime(2026, 10, 1, 18, tzinfo=timezone.utc)
VIDEO = Video(
    uuid="1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34",
    channel_id=7733190,
    start_time=START,
    duration=timedelta(minutes=30),
)


class ScriptedHistory:
    """Stands for the API; answers to a moment in one of the ways that Kick might."""

    def __init__(self, seconds: list[float], mode: str, size: int = 10) -> None:
        self.messages = [
            ChatMessage(id=f"m{i}", sender=User(username="Maple"), created_at=START + _s(second))
            for i, second in enumerate(sorted(seconds))
        ]
        self.mode = mode
        self.size = size
        self.requests = 0

    def history(
        self,
        channel_id: int,
        cursor: str | None = None,
        start_time: datetime | None = None,
        *,
        channel: object = None,
    ) -> HistoryPage:
        self.requests += 1
        rows, size = self.messages, self.size
        if cursor is not None:
            at = datetime.fromtimestamp(int(cursor) / 1e6, timezone.utc)
            page = [m for m in rows if m.created_at < at][-size:]
        elif start_time is not None:
            later = [m for m in rows if m.created_at >= start_time]
            earlier = [m for m in rows if m.created_at < start_time]
            window = [m for m in later if m.created_at < start_time + _s(5)]
            half = size // 2
            page = {
                "after": later[:size],
                "around": earlier[-half:] + later[:half],
                "before": earlier[-size:],
                "window": window[:size],
                "window, newest": window[-size:],
            }[self.mode]
        more = bool(page) and page[0] is not rows[0]
        return HistoryPage(
            messages=tuple(page),
            cursor=str(round(page[0].created_at.timestamp() * 1e6)) if more else None,
        )


def _s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def chances(seed: int) -> list[float]:
    """Seconds of messages: before, in and after the video, with bursts and silence."""
    dice = random.Random(seed)
    calm = [dice.uniform(-60, 1860) for _ in range(dice.choice((0, 1, 5, 150)))]
    starts = (0.0, 700.0, 1700.0, 1799.0)[: dice.randint(2, 4)]
    bursts = [dice.uniform(start, start + 3) for start in starts for _ in range(45)]
    return [round(second, 6) for second in calm + bursts]


@pytest.fixture
def simulator() -> Iterator[KickSimulator]:
    with KickSimulator(history_page_size=5) as simulator:
        yield simulator


@pytest.fixture
def channel(simulator: KickSimulator) -> SimulatedChannel:
    return simulator.add_channel("amber-quokka")


@pytest.fixture
def api(simulator: KickSimulator) -> Iterator[KickAPI]:
    with KickAPI(simulator.endpoints, min_interval=0, retries=0) as api:
        yield api


def said(channel: SimulatedChannel, count: int = 23) -> Video:
    """Add a video of ten minutes with a message every 20 seconds."""
    messages = [(20 * i + 0.25, "Maple", f"line {i}") for i in range(count)]
    return channel.add_video("evening walk", START, 600, [(-5, "Fern", "early"), *messages])


@pytest.mark.parametrize("mode", ["after", "around", "before", "window", "window, newest"])
@pytest.mark.parametrize("seed", range(8))
def test_complete_in_order_and_once(mode: str, seed: int) -> None:
    """Every message of the video comes once, in order, however history takes a moment."""
    history = ScriptedHistory(chances(seed), mode)
    read = list(VodChat(history, VIDEO))
    expected = [m.id for m in history.messages if START <= m.created_at < VIDEO.end_time]
    assert [item.message.id for item in read] == expected
    assert all(item.offset == item.message.created_at - START for item in read)


@pytest.mark.parametrize("mode", ["after", "around"])
def test_few_requests_are_made(mode: str) -> None:
    """Busy chat takes about a page's worth of messages a request; silence takes few."""
    busy = ScriptedHistory([*(i * 0.5 for i in range(2000)), 1900], mode, size=25)
    assert len(list(VodChat(busy, VIDEO))) == 2000
    assert busy.requests < (100 if mode == "after" else 200)
    silent = ScriptedHistory([1.0, 1700.0], mode)
    assert len(list(VodChat(silent, VIDEO))) == 2
    assert silent.requests < 10


def test_many_messages_in_one_moment() -> None:
    """More messages with one time than a page holds are neither lost nor read for ever."""
    history = ScriptedHistory([10.0] * 8 + [10.5] * 9 + [11.0], "after")
    assert len(list(VodChat(history, VIDEO))) == 18


def test_reads_from_the_simulator(channel: SimulatedChannel, api: KickAPI) -> None:
    """Messages are historical, know their channel, and carry the time of writing."""
    video = api.video(said(channel)["uuid"])
    offset, first = next(iter(VodChat(api, video)))
    assert (offset, first.content) == (_s(0.25), "line 0")
    assert first.historical
    assert first.received_at == first.created_at == START + offset
    assert first.channel is not None
    assert first.channel.chatroom_id == channel.chatroom_id


def test_start_and_end(channel: SimulatedChannel, api: KickAPI) -> None:
    """Only what was said from the start on, and before the end, is read."""
    video = api.video(said(channel)["uuid"])
    read = list(VodChat(api, video, start=_s(40.25), end=_s(100.25)))
    assert [m.content for _, m in read] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(("start", "end"), [(10, 10), (-1, 5), (600, None)])
def test_senseless_spans_are_refused(start: float, end: float | None) -> None:
    """An end that is not after the start is a ValueError."""
    video = Video(uuid="x", channel_id=1, start_time=START, duration=_s(600))
    with pytest.raises(ValueError, match="end"):
        VodChat(ScriptedHistory([], "after"), video, start=_s(start), end=end and _s(end))


def test_progress_reaches_the_end(channel: SimulatedChannel, api: KickAPI) -> None:
    """After each page the position and the number of messages are told; they only grow."""
    told = []
    chat = VodChat(api, api.video(said(channel)["uuid"]), on_progress=told.append)
    count = len(list(chat))
    assert [p.messages for p in told] == sorted(p.messages for p in told)
    assert [p.offset for p in told] == sorted(p.offset for p in told)
    assert (told[-1].offset, told[-1].messages) == (told[-1].end, count)
    assert told[-1].end == _s(600)


def test_goes_on_after_an_error(
    simulator: KickSimulator, channel: SimulatedChannel, api: KickAPI
) -> None:
    """An error leaves the iteration where it can be continued, in the same object or another."""
    video = api.video(said(channel)["uuid"])
    chat, read = VodChat(api, video), []
    simulator.fail("/api/v1/chat/", status=500, times=1)
    with pytest.raises(ServerError):
        list(chat)
    for item in chat:
        read.append(item)
        if len(read) == 7:
            break
    read += VodChat(api, video, resume=chat.position)
    assert [item.message.content for item in read] == [f"line {i}" for i in range(23)]


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("torn", [0, 1, 30])
def test_a_file_is_continued(
    channel: SimulatedChannel, api: KickAPI, tmp_path, ending: str, torn: int
) -> None:
    """A file that was cut off anywhere is mended and continued without gap or repetition."""
    video, path = api.video(said(channel)["uuid"]), tmp_path / f"chat{ending}"
    with VodFile(path, video) as file:
        for item in VodChat(api, video, end=_s(200)):
            file.write(item)
    path.write_bytes(path.read_bytes()[: -torn or None])
    with VodFile(path, video) as file:
        for item in VodChat(api, video, resume=file.position):
            file.write(item)
    with Replay(path, speed=None) as replay:
        messages = [event for event in replay if isinstance(event, ChatMessage)]
    assert [m.content for m in messages] == [f"line {i}" for i in range(23)]
    assert messages[5].received_at == START + _s(100.25)


def test_lines_have_offset_and_video(channel: SimulatedChannel, api: KickAPI, tmp_path) -> None:
    """Each line says where in which video it belongs."""
    video = api.video(said(channel, 1)["uuid"])
    with VodFile(tmp_path / "chat.jsonl", video) as file:
        for item in VodChat(api, video):
            file.write(item)
    line = json.loads((tmp_path / "chat.jsonl").read_text("utf-8").splitlines()[1])
    assert (line["offset"], line["video"]) == (0.25, video.uuid)
    assert json.loads(line["raw"])["content"] == "line 0"


def test_other_files_are_not_continued(channel: SimulatedChannel, api: KickAPI, tmp_path) -> None:
    """The chat of another video is refused, and left as it is."""
    first, second = (api.video(said(channel, 1)["uuid"]) for _ in range(2))
    path = tmp_path / "chat.jsonl"
    with VodFile(path, first) as file:
        file.write(next(iter(VodChat(api, first))))
    with pytest.raises(RecordingError, match="something else"):
        VodFile(path, second)
    with VodFile(path, first) as file:
        assert file.position == VodPosition(
            offset=_s(0.25), ids=(next(iter(VodChat(api, first))).message.id,)
        )


def test_a_running_broadcast_is_read_until_now(channel: SimulatedChannel, api: KickAPI) -> None:
    """Without a duration, the video ends now."""
    begin = datetime.now(timezone.utc) - timedelta(minutes=5)
    made = channel.add_video("late ride", begin, 0, [(30, "Maple", "hello")])
    video = api.video(made["uuid"])
    assert video.duration is None
    assert [m.content for _, m in VodChat(api, video)] == ["hello"]
