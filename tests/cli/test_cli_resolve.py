import json


def test_offline(run, channel):
    """A channel that is offline is shown with its ids."""
    result = run("resolve", "@Amber-Quokka")
    assert result.exit_code == 0
    rows = dict(
        line.split(maxsplit=1) for line in result.stdout.replace(" id ", "_id ").splitlines()
    )
    assert rows == {
        "slug": "amber-quokka",
        "username": "amber_quokka",
        "channel_id": str(channel.channel_id),
        "chatroom_id": str(channel.chatroom_id),
        "user_id": str(channel.user_id),
        "live": "no",
        "found": "looked up",
    }


def test_live_as_json(run, channel):
    """--json writes one object; a live channel has a title and viewers."""
    channel.go_live("late ride", viewers=412)
    result = run("resolve", "amber-quokka", "--json")
    assert json.loads(result.stdout) == {
        "slug": "amber-quokka",
        "channel_id": channel.channel_id,
        "chatroom_id": channel.chatroom_id,
        "user_id": channel.user_id,
        "username": "amber_quokka",
        "live": True,
        "title": "late ride",
        "viewers": 412,
        "source": "looked up",
    }


def test_titles_are_neutralised(run, channel):
    """A title cannot write to the terminal, neither as text nor as JSON."""
    channel.go_live("late\x1b[2J\nride\u202e\x9b", viewers=1200)
    plain = run("resolve", "amber-quokka")
    assert "title        late\ufffd[2J ride\ufffd" in plain.stdout
    assert "yes, 1,200 viewers" in plain.stdout
    printed = run("resolve", "amber-quokka", "--json").stdout
    assert printed.rstrip("\n").isprintable()
    assert json.loads(printed)["title"] == "late\x1b[2J\nride\u202e\x9b"


def test_remembered_ids_are_told_and_can_be_ignored(run, channel, monkeypatch, tmp_path):
    """Ids known from before are said to be remembered, and --fresh asks nevertheless."""
    monkeypatch.setenv("KICK_LIVE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("kick_live.net.id_cache._is_local", lambda site: False)
    assert json.loads(run("resolve", "amber-quokka", "--json").stdout)["source"] == "looked up"
    channel.go_live("late ride", viewers=5)
    again = json.loads(run("resolve", "amber-quokka", "--json").stdout)
    assert (again["source"], again["live"], again["title"]) == ("remembered", True, "late ride")
    assert (
        json.loads(run("resolve", "amber-quokka", "--json", "--fresh").stdout)["source"]
        == "looked up"
    )


def test_remembered_while_kick_refuses(run, channel, simulator, monkeypatch, tmp_path):
    """With remembered ids a refusal costs only whether it is live."""
    monkeypatch.setenv("KICK_LIVE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("kick_live.net.id_cache._is_local", lambda site: False)
    run("resolve", "amber-quokka")
    simulator.block()
    result = run("resolve", "amber-quokka", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["live"] is None
    assert "could not be asked" in result.stderr
