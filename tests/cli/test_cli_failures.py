import re
import sys

import pytest

from kick_live import EVENT_CLASSES
from kick_live.cli.app import app


@pytest.mark.parametrize("command", ["watch", "resolve"])
def test_not_found_is_3(run, command):
    """A channel that does not exist ends with 3 and a sentence, without a traceback."""
    result = run(command, "nobody-here")
    assert result.exit_code == 3
    assert "Kick knows no channel 'nobody-here'" in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_verbose_shows_where(run):
    """With --verbose an error comes with its traceback."""
    result = run("resolve", "nobody-here", "-v")
    assert result.exit_code == 3
    assert "Traceback" in result.stderr


@pytest.mark.parametrize("command", ["watch", "resolve"])
def test_blocked_is_4(run, simulator, command):
    """A refusal by Kick's protection ends with 4 and names ways out."""
    simulator.block()
    result = run(command, "amber-quokka")
    assert result.exit_code == 4
    assert "--channel-id" in result.stderr
    assert "Traceback" not in result.stderr


def test_unreachable_is_1(run, simulator):
    """A server that is not there any more ends with 1."""
    simulator.stop()
    result = run("resolve", "amber-quokka")
    assert result.exit_code == 1
    assert result.stderr.startswith("kick-live: ")


@pytest.mark.parametrize(
    "args",
    [
        ("watch",),
        ("watch", "no such name"),
        ("watch", "amber-quokka", "--only", "chat_mesage"),
        ("watch", "amber-quokka", "--not", "nonsense"),
        ("watch", "amber-quokka", "--channel-id", "1"),
        ("watch", "amber-quokka", "--chatroom-id", "1"),
        ("watch", "a", "b", "--channel-id", "1", "--chatroom-id", "2"),
        ("watch", "amber-quokka", "--endpoints", "elsewhere"),
        ("watch", "amber-quokka", "--transport", "pigeon"),
        ("resolve", "https://example.org/x"),
        ("demo", "--seconds", "0"),
        ("fly",),
    ],
)
def test_usage_errors_are_2(run, args):
    """What makes no sense ends with 2 and says why on standard error."""
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


@pytest.mark.parametrize("value", ["inf", "nan", "1e300"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("watch", "--timeout"),
        ("watch", "--inactivity-timeout"),
        ("watch", "--connect-timeout"),
        ("record", "--timeout"),
        ("stats", "--connect-timeout"),
        ("doctor", "--connect-timeout"),
        ("demo", "--seconds"),
    ],
)
def test_a_time_that_cannot_be_waited_for(run, command, option, value):
    """It is a mistake of the command line, not one of kick-live."""
    names = () if command == "demo" else ("amber-quokka",)
    result = run(command, *names, option, value)
    assert result.exit_code == 2
    assert f"Invalid value for '{option}'" in result.stderr


@pytest.mark.parametrize(
    ("command", "proxy"),
    [
        *((command, "ftp://u:s3cret@h:9") for command in ("watch", "record", "stats", "doctor")),
        *((command, "nonsense") for command in ("resolve", "vod", "export")),
        ("watch", "https://127.0.0.1:9"),
    ],
)
def test_a_proxy_that_cannot_be_used(run, command, proxy):
    """It is a mistake of the command line, told before anything is tried."""
    result = run(command, "amber-quokka", "--proxy", proxy)
    assert result.exit_code == 2
    assert "Invalid value for '--proxy'" in result.stderr
    assert "http://host:port" in result.stderr
    assert "s3cret" not in result.stderr


def test_requests_can_speak_to_a_proxy_through_tls(run):
    """So commands that open no WebSocket take one; here nobody is there."""
    result = run("resolve", "amber-quokka", "--proxy", "https://127.0.0.1:1", "--fresh")
    assert result.exit_code == 1
    assert "proxy 127.0.0.1:1" in result.stderr


def test_unknown_kind_suggests_the_nearest(run):
    """A misspelt kind of event is answered with the right one."""
    assert "Did you mean 'chat_message'?" in run("watch", "x", "--only", "chat_mesage").stderr


def test_a_kind_like_no_other_is_answered_with_all(run):
    """Where nothing is near, the error lists what there is."""
    result = run("watch", "x", "--only", "qqqqqq")
    assert result.exit_code == 2
    assert all(cls.kind in result.stderr for cls in EVENT_CLASSES)


@pytest.mark.parametrize("command", [(), ("watch",), ("demo",), ("resolve",)])
def test_help_has_examples(run, command):
    """Every --help shows examples."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output


@pytest.mark.parametrize("command", [None, *app.commands])
def test_help_fits(run, command):
    """No line of a --help exceeds 80 columns."""
    args = () if command is None else (command,)
    lines = run(*args, "--help", COLUMNS="80").output.splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_commands_are_described_in_a_line(run):
    """Also in 60 columns: no description is cut or goes on in another line."""
    lines = run("--help", COLUMNS="60").output.partition("Commands:\n")[2].splitlines()
    described = lines[: lines.index("")]
    assert [line.split()[0] for line in described] == sorted(app.commands)
    assert not any("..." in line for line in described)


def test_version(run):
    """--version names the program."""
    result = run("--version")
    assert result.exit_code == 0
    assert result.output.startswith("kick-live, version ")


def test_mistakes_of_ours_are_told_without_traceback(run, monkeypatch):
    """An exception that is none of the library's ends with 1 and a sentence."""

    def broken(*args, **kwargs):
        raise RuntimeError("oh\x1b[2J")

    monkeypatch.setattr("kick_live.cli.watch.show", broken)
    result = run("watch", "amber-quokka")
    assert result.exit_code == 1
    assert "unexpected error: RuntimeError: oh\ufffd[2J" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "args", [("watch", "amber-quokka", "--timeout", "0.1"), ("resolve", "amber-quokka")]
)
def test_impersonate_names_its_extra(run, monkeypatch, args):
    """--impersonate without its extra ends with 1 and says what to install."""
    monkeypatch.setitem(sys.modules, "curl_adapter", None)
    monkeypatch.setitem(sys.modules, "curl_cffi", None)
    result = run(*args, "--impersonate")
    assert result.exit_code == 1
    assert 'pip install "kick-live[impersonate]"' in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("watch", "no such name"),
        ("watch", "amber-quokka", "--only", "nonsense"),
        ("watch", "amber-quokka", "--format", "{nope}"),
        ("resolve", "https://example.org/x"),
        ("vod", "nonono"),
        ("export", "FILE", "-o", "OUT.foo"),
        ("export", "FILE", "-o", "OUT.csv", "--template", "{message}"),
        ("export", "FILE", "-o", "OUT.txt", "--template", "{nope}"),
        ("export", "FILE", "-o", "OUT.csv"),
        ("replay", "FILE"),
        ("search", "FILE", "left"),
    ],
    ids=" ".join,
)
def test_the_command_line_speaks_its_own_words(run, tmp_path, args):
    """No message tells somebody who types commands of arguments and classes."""
    file = tmp_path / "damaged.jsonl"
    header = '{"kick_live_recording": 1, "created_at": "2026-10-05T18:00:00.000000+00:00"}'
    file.write_text(f"{header}\n{{broken\n")
    places = {"FILE": str(file)}
    result = run(*(places.get(arg, arg.replace("OUT", str(tmp_path / "out"))) for arg in args))
    assert result.exit_code
    assert not re.search(r"\w+=|[A-Za-z]\(|EVENT_CLASSES|ChannelRef|add_recording", result.stderr)


def test_ways_around_a_block_are_options(run, simulator):
    """Kick's refusal is answered with options, not with what programs would write."""
    simulator.block()
    for args in (("watch", "amber-quokka"), ("resolve", "amber-quokka")):
        error = run(*args).stderr
        assert "--impersonate" in error
        assert "KickAPI" not in error
        assert "ChannelRef" not in error


def test_an_unknown_field_is_named(run):
    """A template's mistake is told as what it is, with the fields that there are."""
    for args in (
        ("export", __file__, "-o", "x.txt", "--template", "{nope}"),
        ("watch", "amber-quokka", "--format", "{nope}"),
    ):
        error = " ".join(run(*args).stderr.split())
        assert "There is no field {nope}. The fields are {" in error
        assert "a brace itself is written twice" in error
