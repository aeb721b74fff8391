import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from simulator_peers import Centrifugo, Pusher, get, wait_until

import kick_live.testing
from kick_live.errors import InvalidChannel, KickLiveError, MissingExtra, WaitTimeout
from kick_live.net.endpoints import Endpoints
from kick_live.testing import KickSimulator, Settings

ROOT = str(Path(kick_live.testing.__file__).parents[2])


def test_nothing_listens_before_start():
    """A simulator that was only constructed has no thread and no address."""
    simulator = KickSimulator()
    assert not [t for t in threading.enumerate() if t.name.startswith("kick-live-simulator")]
    with pytest.raises(KickLiveError, match="start"):
        _ = simulator.url


def test_stop_ends_threads_and_sockets(simulator, channel):
    """stop() leaves neither a thread nor an open port, with peers of both kinds connected."""
    with Pusher(simulator, channel.chat_topic), Centrifugo(simulator, channel.chat_topic):
        names = {t.name for t in threading.enumerate()}
        assert any(n.startswith("kick-live-simulator-pusher") for n in names)
        assert any(n.startswith("kick-live-simulator-centrifugo") for n in names)
        simulator.stop()
        assert not any(t.name.startswith("kick-live-sim") for t in threading.enumerate())
        host, port = simulator.url.removeprefix("http://").split(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), 1)


def test_stop_says_goodbye(simulator):
    """A stop is announced as the real servers do: 3001 here, 4200 there."""
    with Pusher(simulator) as pusher, Centrifugo(simulator) as centrifugo:
        simulator.stop()
        assert pusher.next()["data"]["code"] == 4200
        assert pusher.close_code()[0] == 4200
        assert centrifugo.close_code() == (3001, "shutdown")


def test_stop_is_quick_and_idempotent(simulator):
    """stop() may be called twice, does not wait for deaf peers, and releases held requests."""
    simulator.hold("/api")
    with Pusher(simulator), socket.create_connection(("127.0.0.1", int(simulator.url[17:]))) as raw:
        raw.sendall(b"GET /api/v2/channels/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert wait_until(lambda: simulator.requests)
        begin = time.monotonic()
        simulator.stop()
        simulator.stop()
        assert time.monotonic() - begin < 2


def test_starts_again_on_the_same_port(simulator, channel):
    """After stop() the same channels are served again at the same address."""
    url = simulator.url
    simulator.stop()
    simulator.start()
    assert simulator.url == url
    assert get(simulator, "/api/v2/channels/amber-quokka").json()["id"] == channel.channel_id


def test_start_twice_is_one_server(simulator):
    """start() on a running simulator changes nothing."""
    url = simulator.url
    simulator.start()
    assert simulator.url == url


def test_taken_port_is_explained(simulator):
    """A port that is in use raises the library's own error."""
    port = int(simulator.url.rpartition(":")[2])
    with pytest.raises(KickLiveError, match="port=0"):
        KickSimulator(port=port).start()


def test_endpoints_point_here(simulator):
    """endpoints names this server for REST and both sockets."""
    assert simulator.endpoints == Endpoints.at(simulator.url)


def test_invented_ids_differ():
    """No two of a channel's numbers are equal, nor those of two channels, even around given ones."""
    simulator = KickSimulator()
    channels = [
        simulator.add_channel("first", chatroom_id=7733197),
        simulator.add_channel("second", user_id=7733211),
        simulator.add_channel("third"),
    ]
    ids = [n for c in channels for n in (c.channel_id, c.chatroom_id, c.user_id)]
    assert len(set(ids)) == len(ids)


def test_given_ids_are_kept():
    """Ids and the name that were given are served as they are."""
    channel = KickSimulator().add_channel("a_b", 1, 2, 3, "A_B")
    assert (channel.channel_id, channel.chatroom_id, channel.user_id) == (1, 2, 3)
    assert channel.username == "A_B"


def test_channels_are_a_read_only_mapping(simulator, channel):
    """channels maps slugs, channel() finds by slug, and neither can be used to add one."""
    assert simulator.channels["amber-quokka"] is channel
    with pytest.raises(TypeError):
        simulator.channels["x"] = channel
    with pytest.raises(InvalidChannel, match="add_channel"):
        simulator.channel("nobody")
    with pytest.raises(InvalidChannel, match="already"):
        simulator.add_channel("Amber-Quokka")


def test_waiting_times_out(simulator, channel):
    """Waiting for subscribers or connections ends with WaitTimeout."""
    with pytest.raises(WaitTimeout):
        simulator.wait_for_subscribers(channel, timeout=0.02)
    with pytest.raises(WaitTimeout):
        simulator.wait_for_connections(1, timeout=0.02)


def test_waiting_for_all_topics(simulator, channel):
    """all_topics waits for the six of them, the default for chat alone."""
    with Pusher(simulator, channel.chat_topic) as pusher:
        simulator.wait_for_subscribers("amber-quokka")
        with pytest.raises(WaitTimeout):
            simulator.wait_for_subscribers(channel, timeout=0.02, all_topics=True)
        for topic in channel.topics[1:]:
            pusher.subscribe(topic)
        simulator.wait_for_subscribers(channel, all_topics=True)
        simulator.wait_for_subscribers(channel.topics[-1])


def test_connections_are_described(simulator, channel):
    """connections is a snapshot with protocol and topics, and forgets closed sockets."""
    with Pusher(simulator, channel.chat_topic) as pusher:
        (found,) = simulator.connections
        assert found.protocol == "pusher"
        assert found.topics == {channel.chat_topic}
        assert found.id == json.loads(pusher.greeting["data"])["socket_id"]
    simulator.wait_for_connections(0)
    assert simulator.connections == []
    assert len(simulator.connection_attempts) == 1


def test_requests_are_recorded(simulator):
    """Each REST request is kept with method, path, query, headers and body."""
    get(simulator, "/current-viewers?ids[]=5", headers={"X-Test": "yes"})
    (found,) = simulator.requests
    assert (found.method, found.path) == ("GET", "/current-viewers")
    assert "5" in found.query
    assert found.headers["x-test"] == "yes"


@pytest.mark.parametrize("wrong", [{"ping_interval": 0}, {"provider": "carrier-pigeon"}])
def test_senseless_settings_are_refused(wrong):
    """A number or provider that makes no sense raises ValueError at once."""
    with pytest.raises(ValueError, match=r"provider|ping_interval"):
        KickSimulator(**wrong)


def test_settings_object_takes_precedence():
    """The rarer numbers are reached through settings=."""
    with (
        KickSimulator(settings=Settings(stale_timeout=0.05)) as simulator,
        Centrifugo(simulator, connected=False) as peer,
    ):
        assert peer.close_code() == (3502, "stale")


def _run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT
    )


@pytest.mark.parametrize("name", ["werkzeug", "wsproto"])
def test_missing_extra_is_named(name):
    """Without a library of the extra, the first use says what to install."""
    done = _run(
        f"import sys; sys.modules[{name!r}] = None\n"
        "try:\n    from kick_live.testing import KickSimulator\n"
        "except ImportError as e: print(type(e).__name__, e.extra, e)"
    )
    assert done.stdout.startswith(f"{MissingExtra.__name__} testing"), done
    assert "kick-live[testing]" in done.stdout


def test_plugin_loads_nothing_heavy():
    """Loading the pytest plugin imports neither of the servers' libraries."""
    done = _run(
        "import sys, kick_live.testing.pytest_plugin\n"
        "print(sorted({'werkzeug', 'wsproto'} & sys.modules.keys()))"
    )
    assert done.stdout.strip() == "[]", done


def test_plugin_fixture(tmp_path):
    """The plugin's fixture is a running simulator with a channel."""
    (tmp_path / "test_it.py").write_text(
        "def test_it(kick_simulator):\n"
        "    assert kick_simulator.url.startswith('http://127.0.0.1:')\n"
        "    assert 'amber-quokka' in kick_simulator.channels\n"
    )
    plugin = ["-p", "kick_live.testing.pytest_plugin", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert "1 passed" in done.stdout, done


def test_unknown_name_of_the_package():
    """The lazy package still has ordinary attribute errors, and lists its names."""
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = kick_live.testing.Nonsense
    assert "KickSimulator" in dir(kick_live.testing)


def test_stop_frees_a_thread_that_is_stuck_in_a_write(simulator, channel):
    """A peer that reads nothing while megabytes are published does not delay stop()."""
    with Pusher(simulator, channel.chat_topic):
        for _ in range(60):
            channel.publish("Big", "x" * 200_000)
        begin = time.monotonic()
        simulator.stop()
        assert time.monotonic() - begin < 3


def test_repr_shows_where_and_what(simulator, channel):
    """The reprs name the address, the channels and the ids."""
    assert simulator.url in repr(simulator)
    assert "amber-quokka" in repr(simulator)
    assert str(channel.chatroom_id) in repr(channel)
    simulator.stop()
    assert "stopped" in repr(simulator)
