import json
import socket
import ssl

import pytest

from kick_live import ConnectTimeout, RealtimeError, TransportError
from kick_live.cli.checks import check, hosts
from kick_live.net.endpoints import Endpoints


@pytest.fixture
def no_proxies(monkeypatch):
    """Without any that the environment of the tests has."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_all_is_well(run):
    """Each step is shown with its time, and the command ends with 0."""
    result = run("doctor", "amber-quokka")
    assert result.exit_code == 0, result.stdout
    for step in ("find", "look up", "read history", "negotiate", "centrifugo", "pusher"):
        assert any(line.startswith("✓") and step in line for line in result.stdout.splitlines())
    assert result.stdout.rstrip().endswith("Everything is well.")
    assert result.stderr == ""


def test_no_name_is_needed(run):
    """Without a name, the lookup is left out; both services are tried."""
    result = run("doctor", "--json")
    assert result.exit_code == 0, result.stdout
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["check"] for row in rows][-3:] == [
        "negotiate",
        "connect to centrifugo",
        "connect to pusher",
    ]
    assert all(row["ok"] and row["seconds"] >= 0 for row in rows)


def test_blocked(run, simulator):
    """A refusal of the lookup comes with ways out; the sockets are tried nevertheless."""
    simulator.block()
    result = run("doctor", "amber-quokka")
    assert result.exit_code == 1
    assert "✗ look up amber-quokka" in result.stdout
    assert "--impersonate" in result.stdout
    assert "Chat can be read over centrifugo and pusher" in result.stdout


def test_advice_is_given_once(run):
    """An unknown name is answered with one piece of advice, not with the same one twice."""
    result = run("doctor", "nobody-here")
    assert result.exit_code == 1
    assert result.stdout.count("address of the channel's page") == 1
    assert "→" not in result.stdout


@pytest.mark.parametrize("name", ["nobody-here", "no name"])
def test_the_services_are_well_without_the_channel(run, name):
    """A typing error in the name is not taken for trouble with the services."""
    result = run("doctor", name)
    assert result.exit_code == 1
    assert result.stdout.endswith(
        "Chat can be read over centrifugo and pusher, but there is no such channel.\n"
    )


def test_a_service_that_is_missing_is_no_missing_channel(run, simulator):
    """A 404 of the negotiation says nothing about the name."""
    simulator.fail("/api/v1/realtime", 404)
    result = run("doctor", "amber-quokka", "--connect-timeout", "3")
    assert result.stdout.endswith("over pusher, but not everything is well.\n")


def test_a_service_fails_besides(run, simulator):
    """Neither the name nor the service hides the other."""
    simulator.fail("/api/v1/realtime", 500)
    result = run("doctor", "nobody-here", "--connect-timeout", "3")
    assert result.stdout.endswith(
        "over pusher, but there is no such channel, and not everything else is well.\n"
    )


def test_connecting_may_take_as_long_as_elsewhere(run):
    """--connect-timeout has the same default as that of other commands."""
    helps = [run(command, "--help").output for command in ("doctor", "watch")]
    first, second = (text[text.index("--connect-timeout") :].split("--")[1] for text in helps)
    assert " ".join(first.split()) == " ".join(second.split())


def test_a_refused_service(run, simulator):
    """Where one service refuses, the other is named as the way."""
    simulator.rotate_pusher_key("another1key")
    simulator.fail("/api/v1/realtime", 500)
    result = run("doctor", "--connect-timeout", "3", "-q")
    assert result.exit_code == 1
    assert "✗ negotiate" in result.stdout
    assert "✓" not in result.stdout


def test_nothing_works(run, simulator):
    """Without a server everything fails, in sentences."""
    simulator.stop()
    result = run("doctor", "amber-quokka", "--connect-timeout", "1")
    assert result.exit_code == 1
    assert "No chat can be read from here." in result.stdout
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name server"),
        (ssl.SSLCertVerificationError(1, "self-signed certificate"), "virus scanner"),
        (OSError(111, "Connection refused"), "firewall"),
        (
            ConnectTimeout("late", stage="open", timeout=1, last_error=OSError(111, "refused")),
            "firewall",
        ),
        (RealtimeError("odd"), "newer kick-live"),
    ],
)
def test_advice(error, advice):
    """What goes wrong comes with what to do about it."""

    def fail():
        raise error

    outcome = check("something", fail)
    assert outcome.ok is False
    assert advice in outcome.advice


@pytest.mark.parametrize("name", ["ALL_PROXY", "http_proxy"])
def test_a_proxy_of_the_environment_is_left_to(run, no_proxies, name):
    """Whichever variable names it; what the proxy reaches need not be found from here."""
    result = run("doctor", "--json", "--connect-timeout", "0.3", **{name: "http://127.0.0.1:1"})
    first = json.loads(result.stdout.splitlines()[0])
    assert (first["check"], first["ok"]) == ("reach 127.0.0.1", None)
    assert first["detail"] == "left to the proxy 127.0.0.1:1"


def test_hosts_that_the_environment_spares_are_checked(run, no_proxies):
    """NO_PROXY counts for each host by itself."""
    result = run("doctor", ALL_PROXY="http://127.0.0.1:1", NO_PROXY="127.0.0.1")
    assert result.exit_code == 0, result.stdout
    assert "✓ find 127.0.0.1" in result.stdout
    assert "proxy" not in result.stdout


def test_a_proxy_of_the_environment_that_makes_no_sense(run, no_proxies):
    """It is told in its own words, without the password, and nothing is looked up past it."""
    result = run(
        "doctor", "--json", "--connect-timeout", "0.3", ALL_PROXY="ftp://marmot:s3cret@127.0.0.1:1"
    )
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert (rows[0]["check"], rows[0]["ok"]) == ("reach 127.0.0.1", False)
    assert "the scheme 'ftp'" in rows[0]["detail"]
    assert not any(row["check"].startswith("find") for row in rows)
    assert "s3cret" not in result.output


def test_what_says_itself_what_to_do_gets_no_other_advice():
    """A proxy that wants a password is reached well enough."""

    def fail():
        raise TransportError("The proxy wants a password: give it.", code=407, lasting=True)

    assert check("something", fail).advice == ""


def test_the_hosts_of_kick():
    """Three hosts have to be reached, all with TLS."""
    assert hosts(Endpoints()) == [
        ("kick.com", 443, True),
        ("web.kick.com", 443, True),
        ("ws-us2.pusher.com", 443, True),
    ]
