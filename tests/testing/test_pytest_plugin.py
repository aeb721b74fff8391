import subprocess
import sys

from kick_live import ChatMessage

SUITE = """
from kick_live import ChatMessage

seen = []

def test_client(kick_client, kick_simulator):
    kick_simulator.channel("amber-quokka").chat("hi")
    assert kick_client.wait_for(ChatMessage, timeout=5).content == "hi"
    seen.append(kick_client)

def test_closed():
    assert seen[0].closed
"""


def test_kick_client_is_connected(kick_client, kick_simulator):
    """The client receives the fixture's channel without further ado."""
    kick_simulator.channel("amber-quokka").chat("hi", username="pebble")
    assert kick_client.wait_for(ChatMessage, timeout=5).sender.username == "pebble"


def test_kick_client_makes_no_pauses(kick_client, kick_simulator):
    """A gap is filled without the polite second between requests."""
    kick_simulator.drop_connections()
    kick_simulator.channel("amber-quokka").chat("missed", live=False)
    assert kick_client.wait_for(ChatMessage, timeout=20).historical


def run(tmp_path, suite, *arguments):
    (tmp_path / "test_bot.py").write_text(suite)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_fixtures_are_known_in_any_suite(tmp_path):
    """A user's tests need no import for them, and the client is closed after the test."""
    done = run(tmp_path, SUITE)
    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_nothing_is_imported_in_suites_that_do_not_use_them(tmp_path):
    """The plugin costs other test suites nothing."""
    suite = (
        "import sys\n\n"
        "def test_light():\n"
        "    heavy = ('kick_live.testing.simulator', 'werkzeug', 'wsproto', 'requests', 'websocket')\n"
        "    assert [name for name in heavy if name in sys.modules] == []\n"
    )
    done = run(tmp_path, suite)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
