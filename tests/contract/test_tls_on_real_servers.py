"""TLS with a private authority, on the REST side and on both realtime servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kick_stages import CentrifugoStage, PusherStage, ServerStage
from servers.centrifugo import CentrifugoServer
from servers.fixtures import running
from servers.kick_rest import KickRestStub
from servers.soketi import SoketiServer
from servers.tls import TlsFiles, write_tls_files

from kick_live import ChatMessage, ConnectTimeout, TransportError, Unreachable

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", params=["soketi", "centrifugo"])
def server(
    request: pytest.FixtureRequest, tls_files: TlsFiles
) -> Iterator[SoketiServer | CentrifugoServer]:
    """Each realtime server, speaking TLS only."""
    make = SoketiServer if request.param == "soketi" else CentrifugoServer
    with running(lambda: make(tls=tls_files)) as started:
        yield started


@pytest.fixture
def stage(server: SoketiServer | CentrifugoServer, kick_rest: KickRestStub) -> ServerStage:
    """The server behind the REST stub."""
    if isinstance(server, SoketiServer):
        return PusherStage(server, kick_rest)
    return CentrifugoStage(server, kick_rest)


def test_trusts_the_authority_it_is_given(stage: ServerStage) -> None:
    """With ca_bundle the private certificate is accepted, and events come, large ones too."""
    channel = stage.add_channel()
    with stage.client(channel, ca_bundle=str(stage.server.ca_file)) as client:
        assert client.connect(timeout=10).transport == stage.provider
        texts = ["hello", "x" * 9000, *(str(number) for number in range(50))]
        for text in texts:
            stage.chat(channel, text)
        found = [client.wait_for(ChatMessage, timeout=5).content for _ in texts]
        assert found == texts
        client.close()


@pytest.mark.parametrize("trusted", ["the system's", "a stranger's"])
def test_refuses_a_certificate_it_cannot_check(
    stage: ServerStage, tmp_path: Path, trusted: str
) -> None:
    """Without the authority there is no connection, and the last error says what to do."""
    bundle = None if trusted == "the system's" else str(write_tls_files(tmp_path).ca)
    channel = stage.add_channel()
    with stage.client(channel, ca_bundle=bundle, transport=stage.provider) as client:
        with pytest.raises(ConnectTimeout) as caught:
            client.connect(timeout=0.8)
        assert caught.value.stage in ("open", "negotiate")
        assert isinstance(caught.value.last_error, TransportError)
        assert "certificate is not trusted" in str(caught.value.last_error)
        assert "ca_bundle" in str(caught.value.last_error)
        assert "certificate is not trusted" in str(caught.value)


def test_an_unreadable_bundle_is_named(stage: ServerStage, tmp_path: Path) -> None:
    """A file that holds no certificates is named in the error, which comes at once."""
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("no certificate", encoding="utf-8")
    channel = stage.add_channel()
    with (
        stage.client(channel, ca_bundle=str(nonsense), transport=stage.provider) as client,
        pytest.raises((TransportError, Unreachable), match=r"nonsense\.pem"),
    ):
        client.connect(timeout=10)
