import json
import re
import signal

import pytest
from command_process import wait_until

from kick_live import ChatMessage, User
from kick_live.cli.template import FIELDS, Template


def follow(start, simulator, *args, **env):
    """Start watching, and wait until the chat is followed."""
    command = start("watch", "amber-quokka", *args, **env)
    simulator.wait_for_subscribers("amber-quokka", timeout=20)
    return command


def test_grep_shows_only_what_matches(start, simulator, channel):
    """--grep looks through names and texts, in any case, and hides everything else."""
    command = follow(start, simulator, "--grep", "LEFT|pebble", "--max-messages", "2")
    channel.chat("go right")
    channel.chat("go left")
    channel.chat("hm", username="pebble")
    assert command.end() == 0
    assert [line.split(" ", 1)[1] for line in command.out] == [
        "Maple_Harbor: go left",
        "pebble: hm",
    ]


def test_format_gives_lines_their_shape(start, simulator, channel):
    """--format fills fields, neutralised, for every kind of event."""
    template = "{channel}|{kind}|{name}|{text}|{amount}|{{}}"
    command = follow(start, simulator, "-q", "--format", template, "--max-messages", "2")
    channel.chat("a \x1b[2J {name} b[emote:39001:WaveHi]", username="pebble")
    channel.gift_kicks(50, username="copperkite")
    assert command.end() == 0
    assert command.out[0] == "amber-quokka|chat_message|pebble|a \ufffd[2J {name} b:WaveHi:||{}"
    assert command.out[1].startswith("amber-quokka|kicks_gifted|copperkite|")
    assert command.out[1].endswith("|50|{}")


@pytest.mark.parametrize(
    "template", ["{nothing}", "{name.__class__}", "{name!r}", "{name:>10}", "{", "a } b", "{}"]
)
def test_templates_execute_nothing(template):
    """Whatever is not one of the fields is refused, with the fields named."""
    with pytest.raises(ValueError, match=re.escape("{kind}")):
        Template(template)


def test_every_field_can_be_filled():
    """Each documented field has a value for a message without a channel."""
    message = ChatMessage(id="7", sender=User(username="Maple"), content="gg")
    filled = {name: Template(f"{{{name}}}").fill(message) for name in FIELDS}
    assert filled["name"] == "Maple"
    assert filled["line"] == "Maple: gg"
    assert (filled["channel"], filled["amount"], filled["id"]) == ("", "", "7")


def test_history_comes_first_and_once(start, simulator, channel):
    """--history shows the last messages, marked, before what is live, without repetition."""
    for number in range(40):
        channel.chat(f"old {number}")
    command = follow(start, simulator, "--history", "30", "--max-messages", "31")
    command.wait_for("old 39")
    channel.chat("new")
    assert command.end() == 0
    chat = [line for line in command.out if "Maple_Harbor" in line]
    assert [line.rsplit(": ", 1)[1] for line in chat] == [
        *(f"old {n}" for n in range(10, 40)),
        "new",
    ]
    assert all("↶" in line for line in chat[:-1])
    assert "↶" not in chat[-1]


def test_history_that_cannot_be_read_is_told(start, simulator, channel):
    """Without history the live chat is shown nevertheless."""
    simulator.fail("/api/v1/chat/", 404)
    command = follow(start, simulator, "--history", "5", "--max-messages", "1")
    wait_until(lambda: "history of amber-quokka could not be read" in command.err)
    channel.chat("hello")
    assert command.end() == 0
    assert command.out[-1].endswith("hello")


def test_waits_until_live(start, simulator, channel):
    """--wait-live shows nothing before a broadcast runs."""
    command = follow(start, simulator, "--wait-live", "--max-messages", "1")
    wait_until(lambda: "waiting until amber-quokka goes live" in command.err)
    channel.chat("too early")
    channel.go_live()
    channel.chat("in time")
    assert command.end() == 0
    assert command.out[-1].endswith("in time")
    assert "too early" not in "\n".join(command.out)


def test_does_not_wait_for_what_is_live(start, simulator):
    """--wait-live goes on at once if a broadcast runs."""
    command = start("watch", "tidal-tom", "--wait-live", "--max-messages", "1")
    command.wait_for("connected to tidal-tom")
    simulator.channel("tidal-tom").chat("hello")
    assert command.end() == 0


def test_ids_alone_are_enough_to_know_what_is_live(start, simulator, channel):
    """--wait-live asks by the channel's id where no name was given."""
    channel.go_live()
    ids = ("--channel-id", str(channel.channel_id), "--chatroom-id", str(channel.chatroom_id))
    command = start("watch", *ids, "--wait-live", "--max-messages", "1")
    command.wait_for("connected to")
    channel.chat("hello")
    assert command.end() == 0


def test_a_channel_that_cannot_be_asked_for_is_told(start, simulator, channel):
    """--wait-live says that the id's answer was a stranger's, and goes on to wait."""
    simulator.add_channel(str(channel.channel_id))
    ids = ("--channel-id", str(channel.channel_id), "--chatroom-id", str(channel.chatroom_id))
    command = start("watch", *ids, "--wait-live", "--max-messages", "1")
    wait_until(lambda: "goes live" in command.err)
    assert f"Kick does not find the channel id {channel.channel_id}" in command.err
    channel.go_live()
    channel.chat("in time")
    assert command.end() == 0


def test_ends_when_nothing_happens(start, simulator, channel):
    """--inactivity-timeout ends the command with 0; each event puts the end off."""
    command = follow(start, simulator, "--inactivity-timeout", "1.5")
    channel.chat("hello")
    assert command.end() == 0
    assert command.out[-1].endswith("hello")


def test_output_files_get_the_same(start, simulator, channel, tmp_path):
    """--output adds to files, as text or JSON, what is shown; SIGTERM loses nothing."""
    text, lines = tmp_path / "chat.txt", tmp_path / "chat.jsonl"
    text.write_text("before\n")
    command = follow(start, simulator, "-q", "--output", str(text), "--output", str(lines))
    channel.chat("hello [bold]you[/]")
    command.wait_for("hello")
    assert command.end(signal.SIGTERM) == 0
    assert text.read_text("utf-8").splitlines() == ["before", command.out[-1]]
    assert json.loads(lines.read_text("utf-8"))["content"] == "hello [bold]you[/]"


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".html", ".zst", ".CSV"])
def test_an_output_is_what_its_suffix_says(run, tmp_path, suffix):
    """Lines in a file that is called otherwise are refused, and what writes such files is told."""
    path = tmp_path / f"chat{suffix}"
    result = run("watch", "amber-quokka", "--output", str(path))
    assert result.exit_code == 2
    words = " ".join(result.stderr.split())
    assert "would hold plain lines" in words
    assert "kick-live record packs" in words
    assert not path.exists()


def test_an_output_that_cannot_be_written_ends_with_1(run, tmp_path):
    """A file in a directory that does not exist is named in the error."""
    result = run("watch", "amber-quokka", "--output", str(tmp_path / "no" / "chat.txt"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("args", [("--grep", "("), ("--format", "{x}"), ("--history", "-1")])
def test_senseless_options_are_2(run, args):
    """A pattern or template that makes no sense is refused before anything is asked."""
    assert run("watch", "amber-quokka", *args).exit_code == 2
