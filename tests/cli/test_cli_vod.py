import csv
import json
import signal
from datetime import datetime, timezone

import pytest
from command_process import wait_until

from kick_live import ChatMessage
from kick_live.recording import Replay, to_dataframe

START = datetime(2026, 10, 1, 18, tzinfo=timezone.utc)


@pytest.fixture
def video(channel):
    """A video of two hours with a message every minute."""
    messages = [(60 * n + 5, "Maple", f"line {n}") for n in range(120)]
    return channel.add_video("evening \x1b[2Jwalk", START, 7200, messages)["uuid"]


def contents(path):
    """The messages of a recording."""
    with Replay(path, speed=None) as replay:
        return [event.content for event in replay if isinstance(event, ChatMessage)]


def test_shows_the_chat_with_positions(run, video):
    """Each line has the position in the video; --start, --end and --grep choose."""
    result = run("vod", f"https://kick.com/video/{video}", "--start", "1:00:00", "--end", "1h03m")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines() == [f" 1:{n:02}:05 Maple: line {60 + n}" for n in range(3)]
    assert run("vod", video, "--grep", "LINE 7$").stdout == " 0:07:05 Maple: line 7\n"


def test_json_has_the_offset(run, video):
    """--json writes the usual keys, and the offset in seconds."""
    result = run("vod", video, "--json", "--end", "10")
    (message,) = (json.loads(line) for line in result.stdout.splitlines())
    assert (message["type"], message["offset"], message["content"]) == ("chat_message", 5, "line 0")


def test_a_file_is_continued(start, run, simulator, video, tmp_path):
    """Interrupted by Ctrl-C, the recording is whole; the next run goes on in it."""
    path = tmp_path / "walk.jsonl.gz"
    simulator.delay("/api/v1/chat/", 0.3)
    command = start("vod", video, "-o", str(path))
    wait_until(lambda: path.exists() and path.stat().st_size > 600)
    assert command.end(signal.SIGINT) == 130
    simulator.heal()
    some = contents(path)
    assert some == [f"line {n}" for n in range(len(some))]
    assert 0 < len(some) < 120
    result = run("vod", video, "-o", str(path))
    assert result.exit_code == 0, result.stderr
    assert "is continued at" in result.stderr
    assert contents(path) == [f"line {n}" for n in range(120)]


def test_exports_and_replays_keep_the_position(run, video, tmp_path):
    """In what is made of a video's file, time counts from the beginning of the video."""
    path, table = str(tmp_path / "walk.jsonl"), tmp_path / "walk.csv"
    assert run("vod", video, "-o", path, "--start", "10:00", "--end", "13:00").exit_code == 0
    assert run("export", path, "-o", str(table)).exit_code == 0
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [row["time_in_seconds"] for row in csv.DictReader(file)] == [
            "605.0",
            "665.0",
            "725.0",
        ]
    assert list(to_dataframe(path)["time_in_seconds"]) == [605.0, 665.0, 725.0]
    result = run("replay", path, "--speed", "max", "--start", "11:00", "--end", "12:00")
    assert "line 11" in result.stdout
    assert "line 10" not in result.stdout
    assert "line 12" not in result.stdout


def test_the_span_of_a_video_begins_with_the_video(run, video, tmp_path):
    """Where nothing is played of a video's chat, its span is told as positions in the video."""
    path = str(tmp_path / "walk.jsonl")
    assert run("vod", video, "-o", path, "--start", "1:00:00", "--end", "1:02:00").exit_code == 0
    past = run("replay", path, "--speed", "max", "--start", "3h")
    assert past.exit_code == 2
    assert "the recording lasts 1:01:05" in past.stderr
    before = run("replay", path, "--speed", "max", "--end", "30m")
    assert (before.exit_code, before.stdout) == (0, "")
    assert "nothing happened" in before.stderr


def test_lists_videos(run, channel, video):
    """With a channel's name, its videos are listed, harmlessly."""
    result = run("vod", "amber-quokka")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{video}  2026-10-01 ")
    assert result.stdout.rstrip().endswith("2:00:00  evening \ufffd[2Jwalk")
    (row,) = (json.loads(line) for line in run("vod", "amber-quokka", "--json").stdout.splitlines())
    assert (row["uuid"], row["duration"]) == (video, 7200)
    assert "there are no videos" in run("vod", "tidal-tom").stderr


@pytest.mark.parametrize(
    "args",
    [
        ("no such thing",),
        ("https://example.org/video/x",),
        ("VIDEO", "--start", "3h"),
        ("VIDEO", "--start", "1h", "--end", "1h"),
        ("VIDEO", "--start", "soon"),
        ("VIDEO", "-o", "x.jsonl", "--json"),
        ("amber-quokka", "-o", "x.jsonl"),
        ("amber-quokka", "--start", "1h"),
        ("amber-quokka", "--grep", "left"),
    ],
)
def test_senseless_commands_are_2(run, video, args):
    """What names no video, or no part of it, is refused."""
    args = [video if arg == "VIDEO" else arg for arg in args]
    assert run("vod", *args).exit_code == 2


def test_a_channel_has_no_recording(run, video):
    """-o with a channel's name is told what it needs."""
    words = " ".join(run("vod", "amber-quokka", "-o", "x.jsonl").stderr.split())
    assert "-o needs a video, not a channel" in words


def test_an_unknown_video_is_3(run):
    """A video that does not exist ends with 3, and with the way to those that do."""
    result = run("vod", "1f0a6ce0-23f2-4c71-9b1d-5e0c2b7a9d34")
    assert result.exit_code == 3
    assert "kick-live vod NAME lists" in result.stderr


@pytest.mark.parametrize("name", ["nonono", "no_no_no"])
def test_what_is_neither_video_nor_channel_is_told_what_is_expected(run, name):
    """It is named as it was written, with what was expected and an example."""
    result = run("vod", name)
    assert result.exit_code == 3
    for words in (repr(name), "https://kick.com/amber-quokka/videos/", "UUID", "channel's name"):
        assert words in result.stderr


def test_a_displayed_name_is_understood(run, video):
    """A name with an underscore is tried with a dash, as everywhere else."""
    assert run("vod", "Amber_Quokka").stdout.startswith(video)


def test_another_video_in_the_file_is_1(run, channel, video, tmp_path):
    """A file that holds another video's chat is left alone."""
    path = str(tmp_path / "walk.jsonl")
    other = channel.add_video("other", START, 60, [(1, "Maple", "hello")])["uuid"]
    assert run("vod", other, "-o", path).exit_code == 0
    before = contents(path)
    result = run("vod", video, "-o", path)
    assert result.exit_code == 1
    assert "something else" in result.stderr
    assert contents(path) == before
