"""Files of certificates: what can be read, and why another cannot."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from kick_live.net.certificates import trust, unreadable


def test_a_file_of_certificates_is_trusted(tmp_path: Path) -> None:
    """What it holds is what the context trusts."""
    bundle = tmp_path / "private.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust(context, str(bundle))
    assert context.cert_store_stats()["x509_ca"] == 1
    assert unreadable(str(bundle)) is None


def test_a_directory_can_be_read(tmp_path: Path) -> None:
    """OpenSSL looks into it when it meets a certificate."""
    assert unreadable(str(tmp_path)) is None


@pytest.mark.parametrize("content", [None, "", "no certificates"])
def test_a_file_without_certificates_cannot(tmp_path: Path, content: str | None) -> None:
    """One that is not there, empty, or of another format; the reason fits into a line."""
    bundle = tmp_path / "private.pem"
    if content is not None:
        bundle.write_text(content)
    why = unreadable(str(bundle))
    assert why
    assert why.isprintable()
