"""Pages and their pictures on the command line."""

import io
import re
import signal

import pytest
from command_process import wait_until
from recording.recordings import message, payload, write

from kick_live.cli.counting import Fetching
from kick_live.recording.pictures import MODES


@pytest.fixture
def evening(tmp_path):
    """A recording with two emotes, one of them twice."""
    return str(
        write(
            tmp_path / "evening.jsonl",
            message(1, "hello [emote:39001:WaveHi]"),
            message(2, "[emote:39001:WaveHi] [emote:4100777:quokkaClap]", "Fern"),
            payload(3, "SubscriptionEvent", {"username": "copperkite", "months": 13}),
        )
    )


@pytest.fixture
def page(run, evening, tmp_path):
    """Exports it as a page: the result, and the page."""

    def page(*args, **env):
        out = tmp_path / "evening.html"
        result = run("export", evening, "-o", str(out), *args, **env)
        return result, out.read_text("utf-8") if out.exists() else ""

    return page


def test_pictures_are_embedded_by_default(page, simulator):
    """From the server in Kick's place; a line says how many, after that about the events."""
    result, text = page()
    assert result.exit_code == 0, result.stderr
    assert text.count("data:image/png;base64,") == 2
    lines = result.stderr.splitlines()
    assert re.fullmatch(r"3 events written to .*evening\.html", lines[-2])
    assert lines[-1] == "2 pictures put into the page"
    assert len(simulator.requests) == 2


def test_missing_pictures_are_told_in_one_line(page, simulator):
    """How many and why; the page is written all the same."""
    simulator.fail("/emotes/39001/", 404)
    result, text = page()
    assert result.exit_code == 0
    last = result.stderr.splitlines()[-1]
    assert last == "1 picture put into the page; 1 shown by name: 1 not found"
    assert ":WaveHi:" in text
    quiet, _ = page("--quiet")
    assert (quiet.exit_code, quiet.stderr) == (0, "")


def test_without_a_server_every_picture_is_a_name(page):
    """Soon, and without a failure."""
    result, text = page("--endpoints", "http://127.0.0.1:1")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == "2 shown by name: 2 not reachable"
    assert "data:" not in re.sub(r"img-src data:", "", text)


def test_links_and_names_on_request(page, simulator):
    """--pictures link, --pictures none, and --no-pictures, which is the same."""
    result, text = page("--pictures", "link")
    assert f'src="{simulator.url}/emotes/39001/fullsize"' in text
    assert "picture" not in result.stderr
    _, none = page("--pictures", "none")
    _, names = page("--no-pictures")
    assert "<img" not in none
    assert ":WaveHi:" in none
    assert none == names
    assert not simulator.requests


def test_another_way_of_pictures_is_2(page):
    """The ways there are, are named."""
    result, text = page("--pictures", "maybe")
    assert result.exit_code == 2
    assert all(mode in result.stderr for mode in MODES)
    assert text == ""


def test_a_proxy_is_used_for_pictures(page):
    """One that is not there keeps them out, unless it is turned off."""
    there, _ = page("--proxy", "")
    away, _ = page("--proxy", "http://127.0.0.1:1")
    assert "2 pictures put into the page" in there.stderr
    assert "2 not reachable" in away.stderr


def test_a_recording_of_the_demonstration_has_its_pictures(start, tmp_path):
    """Served, recorded and exported on this machine, the page has all of them inside."""
    demo = start("demo", "--serve", "--rate", "200")
    url = re.search(r"http://\S+", demo.wait_for("Serving an invented chat"))[0]
    path, out = tmp_path / "chat.jsonl", tmp_path / "chat.html"
    record = start("record", "amber-quokka", "-o", str(path), "--endpoints", url)
    wait_until(lambda: path.exists() and path.read_bytes().count(b"[emote:") > 20)
    assert record.end(signal.SIGTERM) == 0, record.err
    export = start("export", str(path), "-o", str(out), "--endpoints", url)
    assert export.end() == 0, export.err
    assert re.search(r"^\d+ pictures put into the page$", export.err, re.MULTILINE), export.err
    text = out.read_text("utf-8")
    assert "img-src data:;" in text
    assert text.count("data:image/png;base64,") > 1
    assert demo.end(signal.SIGTERM) == 0


def test_an_interrupted_export_leaves_no_file(start, simulator, evening, tmp_path):
    """Ctrl-C while a picture is waited for ends at once; the page of before stays."""
    out = tmp_path / "evening.html"
    out.write_text("the page of before", encoding="utf-8")
    simulator.hold("/emotes/")
    command = start("export", evening, "-o", str(out))
    wait_until(lambda: simulator.requests)
    assert command.end(signal.SIGINT) == 130, command.err
    assert out.read_text("utf-8") == "the page of before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evening.html", "evening.jsonl"]


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_how_far_it_is(monkeypatch):
    """And the cursor is there again at the end."""
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Fetching(visible=True) as fetching:
        fetching.update(0, 3)
        wait_until(lambda: "0 of 3 pictures" in terminal.getvalue())
        fetching.update(3, 3)
    assert terminal.getvalue().rindex("\x1b[?25h") > terminal.getvalue().rindex("\x1b[?25l")


def test_elsewhere_a_line_comes_now_and_then(monkeypatch, capsys):
    """At most one in ten seconds; none where it is not wanted."""
    times = iter((0.0, 9.0, 10.0, 10.0, 19.0, 21.0, 21.0))
    monkeypatch.setattr("kick_live.cli.counting.time.monotonic", lambda: next(times))
    with Fetching(visible=True) as fetching:
        for done in range(4):
            fetching.update(done, 1200)
    assert capsys.readouterr().err.splitlines() == ["1 of 1,200 pictures", "3 of 1,200 pictures"]
    monkeypatch.undo()
    with Fetching(visible=False) as fetching:
        fetching.update(1, 2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("chosen", "flags"),
    [
        (("--user", "nosuch"), "--user"),
        (("--only", "prediction_created"), "--only"),
        (("--only", "chat_message", "--grep", "zzz"), "--only with --grep"),
    ],
)
def test_nothing_that_matches_is_told(run, evening, tmp_path, chosen, flags):
    """The file is empty and the code 0, but what to check is named."""
    result = run("export", evening, "-o", str(tmp_path / "none.csv"), *chosen)
    assert result.exit_code == 0
    assert f"nothing in the recording matches {flags}" in result.stderr


@pytest.mark.parametrize("since", ["2026-10-06T03:00:02", "2026-10-05T18:00:02Z"])
def test_times_are_read_here_and_written_in_utc(start, evening, tmp_path, since):
    """A time without a zone is this machine's; a line of text says that its own is UTC."""
    out = tmp_path / "evening.txt"
    command = start("export", evening, "-o", str(out), "--since", since, TZ="Asia/Tokyo")
    assert command.end() == 0, command.err
    first = out.read_text("utf-8").splitlines()[0]
    assert first == "[2026-10-05 18:00:02 UTC] Fern: :WaveHi: :quokkaClap:"


@pytest.mark.parametrize("command", ["export", "search", "replay"])
def test_the_help_says_which_zone(run, command):
    """Of the times that it takes, and of those that it writes."""
    words = " ".join(run(command, "--help").stdout.split())
    assert "2026-10-01T18:00 (this machine's zone) or 2026-10-01T18:00Z (UTC)" in words
    assert "UTC." in words
