import json
import signal
import subprocess
import sys

import pytest
from command_process import environment, wait_until

import kick_live

NASTY = "[bold red]hi[/] \x1b[31mred\x07 \x9b2J \u202egnp.exe\u202c one\ntwo\ttab :smile:"


def follow(start, simulator, *args, **env):
    """Start watching, and wait until the chat is followed."""
    command = start("watch", *args, **env)
    for name in args:
        if name in simulator.channels:
            simulator.wait_for_subscribers(name, timeout=20)
    return command


@pytest.mark.parametrize("transport", ["auto", "centrifugo", "pusher"])
def test_shows_chat_until_enough(start, simulator, channel, transport):
    """Messages are shown as "name: text", and --max-messages ends the command with 0."""
    command = follow(
        start, simulator, "amber-quokka", "--max-messages", "2", "--transport", transport
    )
    channel.chat("good evening", username="Maple_Harbor")
    channel.chat("[emote:39001:WaveHi] you", username="pebble", badges=["vip", ("subscriber", 14)])
    assert command.end() == 0
    assert command.out[0].endswith(
        "● connected to amber-quokka over " + {"auto": "centrifugo"}.get(transport, transport)
    )
    assert command.out[1].endswith(" Maple_Harbor: good evening")
    assert command.out[2].endswith(" vip ★14 pebble: :WaveHi: you")
    assert command.err == ""


def test_chat_is_neutralised_and_plain_in_a_pipe(start, simulator, channel):
    """No control or override character and no colour gets out; markup and line breaks are text."""
    command = follow(start, simulator, "amber-quokka", "--max-messages", "1")
    channel.chat(NASTY, color="#FF0000")
    assert command.end() == 0
    line = command.out[-1]
    assert line.endswith(
        ": [bold red]hi[/] \ufffd[31mred\ufffd \ufffd2J gnp.exe one two tab :smile:"
    )
    assert not any(char < " " or "\x7f" <= char < "\xa0" for char in "".join(command.out))


def test_json_has_the_documented_keys(start, simulator, channel):
    """--json writes one object a line, with the documented keys and the event's fields."""
    command = follow(start, simulator, "amber-quokka", "--json", "--max-messages", "3")
    sent = channel.chat(NASTY, username="Maple_Harbor")
    channel.ban("spamlink", minutes=5)
    channel.publish("App\\Events\\MoonPhaseEvent", {"phase": "full"})
    assert command.end() == 0
    connected, message, ban, moon = (json.loads(line) for line in command.out)
    assert connected["type"] == "connected"
    assert connected["channels"][0]["slug"] == "amber-quokka"
    assert list(message)[:4] == ["type", "channel", "received_at", "historical"]
    assert message["type"] == "chat_message"
    assert message["subtype"] == "message"
    assert message["channel"] == "amber-quokka"
    assert message["historical"] is False
    assert message["received_at"].endswith("+00:00")
    assert message["id"] == sent["id"]
    assert message["content"] == NASTY
    assert message["sender"]["username"] == "Maple_Harbor"
    assert ban["duration"] == 300
    assert ban["permanent"] is False
    assert moon["type"] == "unknown_event"
    assert moon["data"] == {"phase": "full"}
    assert all(char.isprintable() for char in "".join(command.out))


def test_json_is_utf8_wherever_the_terminal_stands(start, simulator, channel):
    """JSON is UTF-8, and text replaces what the character set lacks, under an ASCII locale."""
    command = follow(
        start, simulator, "amber-quokka", "--json", "--max-messages", "1", PYTHONIOENCODING="ascii"
    )
    channel.chat("楽しかった 🎶")
    assert command.end() == 0
    assert json.loads(command.out[-1])["content"] == "楽しかった 🎶"
    command = follow(
        start, simulator, "amber-quokka", "--max-messages", "1", PYTHONIOENCODING="ascii"
    )
    channel.chat("楽 ok")
    assert command.end() == 0
    assert command.out[-1].endswith("? ok")


def test_only_and_not(start, simulator, channel):
    """--only shows nothing else, and --not takes away from it, under any spelling."""
    command = follow(
        start, simulator, "amber-quokka",
        "--only", "UserBanned", "--only", "goal", "--not", "goalCanceled", "--max-messages", "2",
    )  # fmt: skip
    channel.chat("not this")
    channel.goal("canceled", current=1, target=10)
    channel.ban("spamlink")
    channel.goal("achieved", current=10, target=10)
    assert command.end() == 0
    assert len(command.out) == 2
    assert "spamlink was banned" in command.out[0]
    assert "goal of followers reached: 10 of 10" in command.out[1]


def test_readers_get_a_digest(start, simulator, channel):
    """A subscription is one line, a running poll is not repeated; --all shows everything."""
    for args, is_all in (((), False), (("--all",), True)):
        command = follow(start, simulator, "amber-quokka", *args)
        channel.subscribe("drumline99", months=3)
        for votes in ([0, 1], [1, 1], [2, 1]):
            channel.poll("Where next?", ["Desert", "Forest"], votes, remaining=20)
        channel.poll("Where next?", ["Desert", "Forest"], [2, 1], remaining=0)
        channel.chat("the end")
        command.wait_for("the end")
        assert command.end(signal.SIGTERM) == 0
        text = "\n".join(command.out)
        assert ("activity feed" in text) is is_all
        assert text.count("poll: ") == (3 if is_all else 1)
        assert text.count("poll ended: Where next? · Desert 2 (won) · Forest 1") == 1
        simulator.wait_for_connections(0)


def test_several_channels_are_tagged(start, simulator, channel):
    """Each line names its channel if there are several."""
    command = follow(start, simulator, "amber-quokka", "tidal-tom", "--max-messages", "2")
    channel.chat("one", username="pebble")
    command.wait_for("one")
    simulator.channel("tidal-tom").chat("two", username="pebble")
    assert command.end() == 0
    assert command.out[-2].endswith(" amber-quokka │ pebble: one")
    assert command.out[-1].endswith(" tidal-tom    │ pebble: two")


def test_ids_save_the_lookup(start, simulator, channel):
    """With --channel-id and --chatroom-id the site is not asked for the channel."""
    ids = ("--channel-id", str(channel.channel_id), "--chatroom-id", str(channel.chatroom_id))
    command = start("watch", "amber-quokka", *ids, "--max-messages", "1")
    simulator.wait_for_subscribers(channel, timeout=20)
    channel.chat("hello")
    assert command.end() == 0
    assert not [r for r in simulator.requests if r.path.startswith("/api/v2/channels")]


def test_timeout_ends_quietly(start, simulator):
    """--timeout ends the command with 0, and --quiet says nothing about the connection."""
    command = start("watch", "amber-quokka", "--timeout", "0.5", "--quiet")
    assert command.end() == 0
    assert command.out == []
    assert command.err == ""


def test_viewers_on_request(start, simulator):
    """--viewers shows how many people watch; nobody asks otherwise."""
    simulator.channel("tidal-tom").set_viewers(1234)
    command = start("watch", "tidal-tom", "--viewers", "--max-messages", "1")
    assert command.end() == 0
    assert command.out[-1].endswith("👀 1,234 viewers")


def test_reconnects(start, simulator, channel):
    """A lost connection is told, what was missed is shown, and the command goes on."""
    command = follow(start, simulator, "amber-quokka", "--max-messages", "2")
    channel.chat("before")
    command.wait_for("before")
    simulator.drop_connections()
    channel.chat("during")
    assert command.end() == 0
    assert command.wait_for("disconnected")
    assert command.out[-1].endswith("during")


@pytest.mark.parametrize("choice", [("--only", "chat_message"), ("--grep", "before|during")])
@pytest.mark.parametrize(("option", "told"), [((), True), (("-q",), False), (("--json",), False)])
def test_an_outage_is_told_beside_what_was_chosen(start, simulator, channel, choice, option, told):
    """On standard error, so that the output has what was chosen and nothing else."""
    command = follow(start, simulator, "amber-quokka", *choice, *option, "--max-messages", "2")
    channel.chat("before")
    command.wait_for("before")
    simulator.drop_connections()
    channel.chat("during")
    assert command.end() == 0
    assert len(command.out) == 2
    assert ("connected to amber-quokka" in command.err) is told
    assert ("disconnected" in command.err) is told


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_signals_close_cleanly(start, simulator, channel, number, code):
    """Ctrl-C ends with 130, SIGTERM with 0; both say goodbye to the server, without a traceback."""
    command = follow(start, simulator, "amber-quokka")
    command.wait_for("connected")
    assert command.end(number) == code
    assert command.err == ""
    simulator.wait_for_connections(0)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_ctrl_c_while_connecting(start, simulator):
    """Ctrl-C ends a connection in the making, too."""
    simulator.hold("/api/v2/channels")
    command = start("watch", "amber-quokka")
    wait_until(lambda: simulator.requests)
    assert command.end(signal.SIGINT) == 130
    assert command.err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break differently there")
def test_a_broken_pipe_is_no_error(simulator, channel):
    """Once nobody reads its output, the command ends without a word."""
    for args in ([], ["--json"]):
        process = subprocess.Popen(
            [sys.executable, "-m", "kick_live", "watch", "amber-quokka", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(KICK_LIVE_ENDPOINTS=simulator.url),
        )
        try:
            assert b"connected" in process.stdout.readline()
            process.stdout.close()
            channel.chat("anybody there?")
            assert process.wait(20) == 0
            assert process.stderr.read() == b""
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


def test_importing_the_library_loads_neither_click_nor_rich():
    """`import kick_live` works without the extra."""
    code = "import sys, kick_live; print({'click', 'rich'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
    assert kick_live.__name__ == "kick_live"


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_a_missing_extra_is_named(missing):
    """Without the extra, the command prints one line that names it, and ends with 1."""
    code = (
        f"import sys; sys.modules[{missing!r}] = None\nfrom kick_live.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert 'pip install "kick-live[cli]" (in a checkout: pip install ".[cli]")' in done.stderr
    assert len(done.stderr.splitlines()) == 1
