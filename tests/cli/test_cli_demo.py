import json
import signal
import subprocess
import sys
import time

import pytest
from command_process import environment


def test_shows_chat_within_seconds(start):
    """The first lines of chat come within seconds, and --seconds ends it with 0."""
    begin = time.monotonic()
    command = start("demo", "--seconds", "2", "--rate", "20")
    command.wait_for("connected to amber-quokka")
    command.wait_for("live now")
    command.wait_for(": ")
    assert time.monotonic() - begin < 10
    assert command.end() == 0
    assert len(command.out) > 10
    assert "invented" in command.err


@pytest.mark.parametrize("transport", ["centrifugo", "pusher"])
def test_json_and_transport(start, transport):
    """The demonstration takes watch's options."""
    command = start(
        "demo", "--json", "--max-messages", "5", "--transport", transport, "--rate", "50"
    )
    assert command.end() == 0
    events = [json.loads(line) for line in command.out]
    assert events[0]["transport"] == transport
    assert len([e for e in events if e["type"] not in ("connected", "error")]) == 5


def test_ends_by_itself_in_a_pipe(start, monkeypatch):
    """Without --seconds it ends by itself where standard output is no terminal."""
    code = (
        "import kick_live.cli.demo as demo; demo._SECONDS_IN_A_PIPE = 0.5\n"
        "from kick_live.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "demo"], capture_output=True, env=environment(), timeout=20
    )
    assert done.returncode == 0
    assert b"connected" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_ctrl_c(start):
    """Ctrl-C ends simulator and client with 130, without a traceback."""
    command = start("demo", "--quiet")
    command.wait_for("live now")
    assert command.end(signal.SIGINT) == 130
    assert command.err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_serve_keeps_a_simulator_for_other_commands(start):
    """--serve prints commands that work as they are, and Ctrl-C ends it."""
    server = start("demo", "--serve", "--rate", "50")
    server.wait_for('endpoints=Endpoints.at("http://127.0.0.1:')
    assert max(map(len, server.out)) < 80
    commands = [line for line in server.out if line.startswith("  ")]
    name, _, url = commands[0].split()[1].partition("=")
    line = next(command for command in commands if "kick-live watch" in command)
    watch = start(*line.split()[1:], "--max-messages", "5", "--timeout", "20", **{name: url})
    assert watch.end() == 0
    assert any("connected to amber-quokka" in shown for shown in watch.out)
    port = url.rpartition(":")[2]
    second = start("demo", "--serve", "--port", port)
    assert second.end() == 1
    assert port in second.err
    assert "another --port may be free" in second.err
    assert "port=0" not in second.err
    assert "Traceback" not in second.err
    assert server.end(signal.SIGINT) == 130


def test_serve_ends_after_its_seconds_and_owns_the_port(start):
    """--seconds ends it, and --port without --serve makes no sense."""
    assert start("demo", "--serve", "--seconds", "0.5").end() == 0
    alone = start("demo", "--port", "8080")
    assert alone.end() == 2
    assert "--serve" in alone.err


def test_missing_testing_extra_is_named():
    """Without the extra testing, one line names it."""
    code = "import sys; sys.modules['wsproto'] = None\nfrom kick_live.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "demo", "-q"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert 'pip install "kick-live[testing]"' in done.stderr
    assert len(done.stderr.splitlines()) == 1
