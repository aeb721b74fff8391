"""TLS is verified by default, and nothing talks its way around it."""

from __future__ import annotations

import datetime
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from kick_live import ChannelRef, Endpoints, KickAPI, KickClient, TransportError
from kick_live.errors import Unreachable
from kick_live.net.websocket import WebSocket
from kick_live.testing import KickSimulator

REF = ChannelRef("amber-quokka", 7, 8)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@contextmanager
def serving(certificate: trustme.LeafCert, newest: ssl.TLSVersion | None = None) -> Iterator[str]:
    """A simulator behind TLS; gives its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if newest is not None:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = newest
        context.set_ciphers("ALL:@SECLEVEL=0")
    certificate.configure_cert(context)
    with KickSimulator(ssl_context=context) as simulator:
        simulator.add_channel("amber-quokka", channel_id=7, chatroom_id=8)
        yield simulator.url


def _open(url: str, bundle: str | None) -> None:
    websocket = WebSocket(Endpoints.at(url).pusher + "?protocol=7", ca_bundle=bundle, proxy="")
    try:
        websocket.open(5)
    finally:
        websocket.close()


def _ask(url: str, bundle: str | None) -> None:
    with KickAPI(Endpoints.at(url), min_interval=0, retries=0, ca_bundle=bundle) as api:
        api.channel("amber-quokka")


def test_a_certificate_of_the_given_authority_is_accepted(
    authority: trustme.CA, bundle: str
) -> None:
    """With ca_bundle a client connects to a private server and receives."""
    with serving(authority.issue_cert("127.0.0.1")) as url:
        endpoints = Endpoints.at(url)
        with KickClient(REF, transport="pusher", endpoints=endpoints, ca_bundle=bundle) as client:
            assert client.connect(10).transport == "pusher"


@pytest.mark.parametrize(
    "kind", ["unknown authority", "wrong host", "wrong name", "expired", "not yet"]
)
def test_a_certificate_that_proves_nothing_is_refused(
    authority: trustme.CA, bundle: str, kind: str
) -> None:
    """A stranger's, another host's, and one whose time is over or has not begun."""
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    certificate = {
        "unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
        "wrong host": lambda: authority.issue_cert("127.0.0.2"),
        "wrong name": lambda: authority.issue_cert("kick.com", "*.kick.com"),
        "expired": lambda: authority.issue_cert("127.0.0.1", not_after=now - day),
        "not yet": lambda: authority.issue_cert("127.0.0.1", not_before=now + day),
    }[kind]()
    with serving(certificate) as url:
        with pytest.raises(TransportError, match=r"certificate is not trusted.*ca_bundle"):
            _open(url, bundle)
        with pytest.raises(Unreachable, match=r"TLS.*ca_bundle") as caught:
            _ask(url, bundle)
        assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)


def test_requests_accept_a_certificate_of_the_given_authority(
    authority: trustme.CA, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ca_bundle they do, whatever the environment says; a client hands it to its own API."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    with serving(authority.issue_cert("127.0.0.1")) as url:
        _ask(url, bundle)
        with KickClient(
            "amber-quokka",
            transport="centrifugo",
            endpoints=Endpoints.at(url),
            ca_bundle=bundle,
            remember_ids=False,
        ) as client:
            assert client.connect(20).channels[0].channel_id == 7


@pytest.mark.parametrize("content", [None, "no certificates"])
def test_a_bundle_that_cannot_be_read_is_named(
    authority: trustme.CA, tmp_path: Path, content: str | None
) -> None:
    """Instead of a word about the network, or the advice to pass one."""
    bundle = tmp_path / "private.pem"
    if content is not None:
        bundle.write_text(content)
    with serving(authority.issue_cert("127.0.0.1")) as url:
        with pytest.raises(Unreachable, match=r"was not asked.*private\.pem.*PEM") as caught:
            _ask(url, str(bundle))
        assert caught.value.lasting
        with pytest.raises(TransportError, match=r"private\.pem.*PEM"):
            _open(url, str(bundle))


@pytest.mark.parametrize("content", [None, "no certificates"])
@pytest.mark.parametrize(
    ("transport", "kind"), [("centrifugo", Unreachable), ("pusher", TransportError)]
)
def test_connect_does_not_wait_for_a_bundle(
    authority: trustme.CA,
    tmp_path: Path,
    transport: str,
    kind: type[Exception],
    content: str | None,
) -> None:
    """Whichever needs it first, a request or a socket, connect ends at once, with what it said."""
    bundle = tmp_path / "private.pem"
    if content is not None:
        bundle.write_text(content)
    with serving(authority.issue_cert("127.0.0.1")) as url:
        options = {"endpoints": Endpoints.at(url), "ca_bundle": str(bundle)}
        with KickClient(REF, transport=transport, **options) as client:
            began = time.monotonic()
            with pytest.raises(kind, match=r"private\.pem"):
                client.connect(30)
            assert time.monotonic() - began < 10


def test_the_systems_authorities_do_not_trust_a_private_one(authority: trustme.CA) -> None:
    """Without ca_bundle neither the WebSocket nor REST talks to a private server."""
    with serving(authority.issue_cert("127.0.0.1")) as url:
        with pytest.raises(TransportError, match="certificate is not trusted"):
            _open(url, None)
        with pytest.raises(Unreachable, match="TLS"):
            _ask(url, None)


def test_an_empty_bundle_switches_nothing_off(authority: trustme.CA) -> None:
    """It stands for the system's authorities: requests itself would trust anybody."""
    with serving(authority.issue_cert("127.0.0.1")) as url:
        with pytest.raises(TransportError, match="certificate is not trusted"):
            _open(url, "")
        with pytest.raises(Unreachable, match="TLS") as caught:
            _ask(url, "")
        assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)


@pytest.mark.parametrize(
    "name", ["PYTHONHTTPSVERIFY", "WEBSOCKET_CLIENT_NO_VERIFY", "CURL_INSECURE"]
)
def test_no_variable_switches_verification_off(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The environment can name another bundle; it cannot make anything trusted."""
    monkeypatch.setenv(name, "0")
    with (
        serving(authority.issue_cert("127.0.0.1")) as url,
        pytest.raises(TransportError, match="certificate is not trusted"),
    ):
        _open(url, None)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_before_1_2_is_refused(authority: trustme.CA, bundle: str) -> None:
    """A server that offers only TLS 1.1 is not talked to; one with 1.2 is."""
    certificate = authority.issue_cert("127.0.0.1")
    with serving(certificate, ssl.TLSVersion.TLSv1_2) as url:
        _open(url, bundle)
    with (
        serving(certificate, ssl.TLSVersion.TLSv1_1) as url,
        pytest.raises(TransportError) as caught,
    ):
        _open(url, bundle)
    assert isinstance(caught.value.__cause__, ssl.SSLError)


def test_a_server_without_tls_is_not_talked_to_instead(bundle: str) -> None:
    """wss:// to a plain server fails; there is no second try without TLS."""
    with KickSimulator() as simulator:
        url = Endpoints.at(simulator.url).pusher.replace("ws://", "wss://")
        websocket = WebSocket(url, ca_bundle=bundle, proxy="")
        with pytest.raises(TransportError):
            websocket.open(5)
        websocket.close()


def test_a_bundle_replaces_the_systems_authorities(authority: trustme.CA, tmp_path: Path) -> None:
    """Only what is in the bundle is trusted."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with (
        serving(authority.issue_cert("127.0.0.1")) as url,
        pytest.raises(TransportError, match="certificate is not trusted"),
    ):
        _open(url, str(other))
