import csv
import gzip
import io
import json
import signal
from pathlib import Path

import pytest
from command_process import wait_until

from kick_live import ChatMessage, User
from kick_live.cli.values import rotation
from kick_live.recording import ChatStore, Replay


def record(start, simulator, *args):
    """Start recording, and wait until the chat is followed."""
    command = start("record", "amber-quokka", *args)
    simulator.wait_for_subscribers("amber-quokka", timeout=20)
    wait_until(lambda: "recording amber-quokka" in command.err)
    return command


def contents(path):
    """The messages of a recording."""
    with Replay(path, speed=None) as replay:
        return [event.content for event in replay if isinstance(event, ChatMessage)]


@pytest.fixture
def recording(start, simulator, channel, tmp_path):
    """A recording of three messages and a gift."""
    path = tmp_path / "chat.jsonl"
    command = record(start, simulator, "-o", str(path))
    channel.chat("go left", username="pebble")
    channel.gift_kicks(50, username="copperkite")
    channel.chat("go right", username="Maple_Harbor")
    channel.chat("=1+1", username="pebble")
    wait_until(lambda: path.read_bytes().count(b"ChatMessageEvent") == 3)
    assert command.end(signal.SIGTERM) == 0
    return str(path)


def test_export_refuses_to_replace_its_recording(run, recording):
    """The recording as the output is a wrong command, and stays as it is."""
    before = Path(recording).read_bytes()
    for extra in (["--to", "csv"], ["--grep", "left"], []):
        result = run("export", recording, "-o", recording, *extra)
        assert result.exit_code == 2
        assert "is the recording that is read" in result.stderr
    assert Path(recording).read_bytes() == before


@pytest.mark.parametrize("packed", [False, True])
def test_watch_adds_nothing_to_a_recording(run, channel, recording, tmp_path, packed):
    """--output refuses a recording, which lines of another kind would damage; replay as well."""
    path = Path(recording)
    if packed:
        path = tmp_path / "chat.jsonl.gz"
        path.write_bytes(gzip.compress(Path(recording).read_bytes()))
    before = path.read_bytes()
    for command in (["watch", "amber-quokka", "--timeout", "1"], ["replay", recording]):
        result = run(*command, "--output", str(path))
        assert result.exit_code == 1
        assert "is a recording" in result.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_closes_the_recording(start, simulator, channel, tmp_path, number, code):
    """Ctrl-C and SIGTERM lose nothing, neither in the file nor in the database."""
    path, database = tmp_path / "chat.jsonl.gz", tmp_path / "chat.db"
    command = record(start, simulator, "-o", str(path), "--sqlite", str(database))
    for n in range(20):
        channel.chat(f"message {n}")
    wait_until(lambda: path.stat().st_size > 1000)
    assert command.end(number) == code, command.err
    assert contents(path) == [f"message {n}" for n in range(20)]
    with ChatStore(database) as store:
        assert store.message_count == 20
    assert f"recording amber-quokka to {path} and {database}; Ctrl-C ends it" in command.err
    assert f" lines recorded in {path}\n20 messages stored in {database}" in command.err
    assert command.out == []


def test_a_recording_is_continued_and_divided(start, simulator, channel, tmp_path):
    """Recording to the same file goes on in it; --rotate begins new files at a size."""
    path = tmp_path / "chat.jsonl"
    for round in range(2):
        command = start("record", "amber-quokka", "-q", "-o", str(path), "--rotate", "1kB")
        simulator.wait_for_subscribers("amber-quokka", timeout=20)
        for n in range(10):
            channel.chat(f"{round} {n}")
        wait_until(lambda round=round: f"{round} 9" in contents(path))
        assert command.end(signal.SIGTERM) == 0
        assert command.err == ""
        simulator.wait_for_connections(0)
    assert contents(path) == [f"{round} {n}" for round in range(2) for n in range(10)]
    assert (tmp_path / "chat.0002.jsonl").exists()


def test_timeout_ends_a_recording(start, simulator, tmp_path):
    """--timeout ends it with 0."""
    command = record(start, simulator, "--sqlite", str(tmp_path / "chat.db"), "--timeout", "1")
    assert command.end() == 0


def test_replay_shows_the_recording(run, recording):
    """replay shows the same lines as watch, and --grep, --only and --json choose."""
    result = run("replay", recording, "--speed", "max")
    assert result.exit_code == 0, result.stderr
    lines = [line.split(" ", 1)[1] for line in result.stdout.splitlines()]
    assert "pebble: go left" in lines
    assert "↶" not in result.stdout
    assert any("copperkite gave 50 Kicks" in line for line in lines)
    result = run("replay", recording, "--speed", "max", "--grep", "RIGHT", "--json")
    (message,) = (json.loads(line) for line in result.stdout.splitlines())
    assert (message["content"], message["historical"]) == ("go right", True)


def test_replay_from_a_moment(run, recording):
    """--start and --end count from the beginning of the recording, or are times."""
    assert "go left" in run("replay", recording, "--speed", "max", "--end", "1:00:00").stdout
    times = ("--start", "2020-01-01T00:00", "--end", "2040-01-02T00:00Z")
    assert "go left" in run("replay", recording, "--speed", "max", *times).stdout


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (("--start", "1h"), "--start is past the end: the recording lasts 0:00:"),
        (("--start", "2040-01-01T00:00"), "--start is past the end"),
        (("--end", "2020-01-01T00:00"), "--end is before the beginning"),
        (("--start", "5", "--end", "5"), "--end must be behind --start"),
        (("--start", "2026-01-02T00:00", "--end", "2026-01-01T00:00"), "--end must be behind"),
    ],
)
def test_replay_of_no_part_of_the_recording_is_2(run, recording, times, words):
    """What lies outside of the recording makes no sense, and its span is told."""
    result = run("replay", recording, "--speed", "max", *times)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_replay_of_a_pause_says_so(run, tmp_path):
    """Between two messages there may be nothing; that is no mistake, but is said."""
    path = tmp_path / "chat.jsonl"
    line = (
        '{"at":"2026-10-05T18:0%d:00.000000+00:00","channel":{"slug":"amber-quokka",'
        '"channel_id":7733190,"chatroom_id":7712045},"topic":"chatrooms.7712045.v2",'
        '"name":"SubscriptionEvent","raw":"{\\"username\\":\\"copperkite\\",\\"months\\":2}"}\n'
    )
    header = '{"kick_live_recording":1,"created_at":"2026-10-05T18:00:00.000000+00:00"}\n'
    path.write_text(header + line % 0 + line % 9)
    result = run("replay", str(path), "--speed", "max", "--start", "3:00", "--end", "8:00")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing happened between --start and --end" in result.stderr
    assert "lasts 0:09:00" in result.stderr
    quiet = run("replay", str(path), "--speed", "max", "--start", "3:00", "--end", "8:00", "-q")
    assert quiet.stderr == ""


def test_half_a_copy_is_not_taken_for_a_whole_one(run, recording, tmp_path):
    """Every command that reads recordings says how far it read one that ends in the middle."""
    whole, half = Path(recording).read_bytes(), tmp_path / "half.jsonl.gz"
    half.write_bytes(gzip.compress(whole)[:-40])
    out, database = str(tmp_path / "x.csv"), str(tmp_path / "x.db")
    for args in (
        ("export", str(half), "-o", out),
        ("store", str(half), "--sqlite", database),
        ("replay", str(half), "--speed", "max"),
    ):
        result = run(*args)
        assert result.exit_code == 0, result.stderr
        line = next(line for line in result.stderr.splitlines() if "ends in the middle" in line)
        assert line.startswith(f"kick-live: {half} ends in the middle, after line ")
        assert "copy" in line
        assert "killed" in line
        assert "ends in the middle" not in run(*args, "-q").stderr


def test_replay_keeps_the_pace(start, recording):
    """At a tenth of the pace it takes long enough to be interrupted by Ctrl-C."""
    command = start("replay", recording, "--speed", "0.001")
    wait_until(lambda: command.out)
    assert command.end(signal.SIGINT) == 130


def test_export_to_csv_is_safe_for_spreadsheets(run, recording, tmp_path):
    """CSV has the chosen events, and no cell is a formula."""
    out = tmp_path / "chat.csv"
    result = run("export", recording, "-o", str(out), "--only", "chat_message", "--user", "pebble")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [row["username"] for row in rows] == ["pebble", "pebble"]
    assert not any(cell.startswith("=") for row in rows for cell in row.values() if cell)
    assert "2 events written" in result.stderr


@pytest.mark.parametrize("form", ["jsonl", "txt", "html", "parquet"])
def test_export_to_other_formats(run, recording, tmp_path, form):
    """--to chooses the format whatever the file's name; filters apply."""
    out = tmp_path / "out.data"
    result = run("export", recording, "-o", str(out), "--to", form, "--grep", "go left")
    assert result.exit_code == 0, result.stderr
    assert "1 event written" in result.stderr
    assert b"go left" in out.read_bytes()
    assert b"go right" not in out.read_bytes()


def test_store_puts_recordings_into_a_database(run, recording, tmp_path):
    """Once each, whenever it is called; search finds them there, and says so of a recording."""
    database = str(tmp_path / "chat.db")
    for new in ("3 new messages", "0 new messages"):
        result = run("store", recording, "--sqlite", database)
        assert result.exit_code == 0
        assert new in result.stderr
    assert "go left" in run("search", database, "left").stdout
    wrong = run("search", recording, "left")
    assert wrong.exit_code == 1
    assert "kick-live store" in wrong.stderr


def test_the_best_matches_come_first(run, recording, tmp_path):
    """With --best in the order of the match, otherwise the newest last."""
    database = str(tmp_path / "chat.db")
    with ChatStore(database) as store:
        for number, content in enumerate(("left", "left or right, who knows", "nothing")):
            store.add(ChatMessage(id=str(number), sender=User(username="Fern"), content=content))
    lines = run("search", database, "left", "--best").stdout.splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["left", "left or right, who knows"]
    assert run("search", database, "left").stdout.splitlines() == lines


def test_a_recording_is_no_database(run, recording):
    """A recording where a database belongs is refused in the command line's words, and stays."""
    before = Path(recording).read_bytes()
    for args in (
        ("store", recording, "--sqlite", recording),
        ("record", "amber-quokka", "--sqlite", recording, "--timeout", "0.1"),
    ):
        result = run(*args)
        assert result.exit_code == 2
        assert "is a recording; choose another file for the database" in " ".join(
            result.stderr.split()
        )
    assert Path(recording).read_bytes() == before


def test_damaged_lines_are_left_out_of_an_export_on_request(run, recording, tmp_path):
    """Otherwise the error names file, line and remedy, and no file is written."""
    lines = Path(recording).read_bytes().splitlines(keepends=True)
    damaged, out = tmp_path / "damaged.jsonl", tmp_path / "out.txt"
    place = next(n for n, line in enumerate(lines) if b"go left" in line)
    damaged.write_bytes(b"".join([*lines[:place], b"{broken\n", *lines[place + 1 :]]))
    failed = run("export", str(damaged), "-o", str(out))
    assert failed.exit_code == 1
    assert f"line {place + 1}" in failed.stderr
    assert "--skip-damaged" in failed.stderr
    assert not out.exists()
    done = run("export", str(damaged), "-o", str(out), "--skip-damaged")
    assert done.exit_code == 0
    assert "1 line could not be read" in done.stderr
    assert "go right" in out.read_text("utf-8")


def test_export_advises_the_option_for_an_unknown_suffix(run, recording, tmp_path):
    """A suffix that is no format is refused, with the option that names one."""
    for name in ("x.xlsx", "x.jsonl.gz"):
        result = run("export", recording, "-o", str(tmp_path / name))
        assert result.exit_code == 2
        assert "or add --to." in result.stderr
        assert "to=" not in result.stderr
        assert not (tmp_path / name).exists()


def test_search_finds_messages(run, start, simulator, channel, tmp_path):
    """search finds words, by channel and user, marks what was removed, and speaks JSON."""
    database = str(tmp_path / "chat.db")
    command = record(start, simulator, "--sqlite", database)
    channel.chat("take the left path", username="pebble")
    bad = channel.chat("left \x1b[2J spam", username="spamlink")
    channel.delete_message(bad)
    channel.chat("right", username="pebble")

    def stored():
        with ChatStore(database) as store:
            return store.message_count == 3 and store.search("spam", removed=True)

    wait_until(stored)
    assert command.end(signal.SIGTERM) == 0
    lines = run("search", database, "left").stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(" pebble: take the left path")
    assert "\ufffd[2J spam (removed: moderator)" in lines[1]
    result = run("search", database, "left", "--standing", "--user", "PEBBLE", "--json")
    assert [json.loads(line)["content"] for line in result.stdout.splitlines()] == [
        "take the left path"
    ]
    nothing = run("search", database, "nowhere")
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "nothing was found" in nothing.stderr
    assert run("search", database, "nowhere", "--json", "-q").exit_code == 1


@pytest.mark.parametrize(
    "args",
    [
        ("record", "amber-quokka"),
        ("record", "-o", "x.jsonl"),
        ("record", "amber-quokka", "--sqlite", "x.db", "--rotate", "1h"),
        ("record", "amber-quokka", "-o", "x.jsonl", "--rotate", "often"),
        ("record", "amber-quokka", "-o", "x.jsonl", "--rotate", "100"),
        ("replay", "missing.jsonl"),
        ("replay", __file__, "--speed", "0"),
        ("replay", __file__, "--start", "noon"),
        ("export", "missing.jsonl", "-o", "x.csv"),
        ("export", __file__, "-o", "x.unknown"),
        ("export", __file__, "-o", "x.csv", "--template", "{x}"),
        ("search", "missing.db", "left"),
    ],
)
def test_senseless_commands_are_2(run, tmp_path, monkeypatch, args):
    """What makes no sense is refused, and no file appears."""
    monkeypatch.chdir(tmp_path)
    result = run(*args)
    assert result.exit_code == 2, result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("replay",), ("export", "-o", "x.csv"), ("search",)])
def test_what_is_no_recording_is_1(run, tmp_path, monkeypatch, command):
    """A file of another kind is named in a sentence."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").write_text("something else\n" * 100)
    result = run(command[0], "other", *command[1:])
    assert result.exit_code == 1
    assert "other" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "line", ['{"type":"chat_message","channel":"amber-quokka"}', '{"message_id":null,"message":""}']
)
@pytest.mark.parametrize(
    "command",
    [("replay",), ("export", "-o", "x.csv"), ("search",), ("store", "--sqlite", "x.db")],
)
def test_lines_of_json_are_no_recording(run, tmp_path, monkeypatch, command, line):
    """What --json and exports write is recognised, and what writes recordings is named."""
    monkeypatch.chdir(tmp_path)
    Path("lines.jsonl").write_text(line + "\n", encoding="utf-8")
    result = run(command[0], "lines.jsonl", *command[1:])
    assert result.exit_code == 1
    assert result.stderr.startswith("kick-live: lines.jsonl holds events for programs")
    assert "kick-live record" in result.stderr


def test_unknown_channels_are_3(run, tmp_path):
    """record ends with 3 where there is no such channel, and leaves no file behind."""
    result = run("record", "nobody-here", "-o", str(tmp_path / "x.jsonl"))
    assert result.exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "value"), [("100MB", 100_000_000), ("1.5 kb", 1500), ("2GiB", 2_000_000_000)]
)
def test_sizes(text, value):
    """Sizes are read with their unit."""
    assert rotation(text) == value


def test_search_names_an_unknown_channel(run, recording, tmp_path):
    """A channel that the database does not have ends with 3; one without a match with 1."""
    database = str(tmp_path / "chat.db")
    assert run("store", recording, "--sqlite", database).exit_code == 0
    unknown = run("search", database, "left", "--channel", "amber-quoka")
    assert unknown.exit_code == 3
    assert "no channel 'amber-quoka'" in unknown.stderr
    assert "amber-quokka" in unknown.stderr
    known = run("search", database, "absent", "--channel", "@Amber-Quokka")
    assert known.exit_code == 1
    assert "nothing was found" in known.stderr


def test_record_says_what_it_does_with_the_file(run, channel, tmp_path):
    """Continuing, and a suffix that asks for nothing, are told."""
    path, odd = str(tmp_path / "chat.jsonl"), str(tmp_path / "chat.foo")
    first = run("record", "amber-quokka", "-o", path, "--timeout", "0.1")
    assert "continued" not in first.stderr
    assert "suffix" not in first.stderr
    second = run("record", "amber-quokka", "-o", path, "--timeout", "0.1")
    assert f"{path} is there already and is continued" in second.stderr
    assert f"more line recorded in {path}" in second.stderr
    assert "more" not in first.stderr
    other = run("record", "amber-quokka", "-o", odd, "--timeout", "0.1")
    assert f"{odd} becomes plain lines of JSON" in other.stderr
    assert [result.exit_code for result in (first, second, other)] == [0, 0, 0]
