"""A private certificate authority and a certificate for the loopback interface."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme

__all__ = ["TlsFiles", "write_tls_files"]


@dataclass(frozen=True)
class TlsFiles:
    """Three PEM files: the authority to trust, and a server's certificate with its key."""

    ca: Path
    cert: Path
    key: Path


def write_tls_files(directory: Path) -> TlsFiles:
    """Make an authority and a certificate for 127.0.0.1 and localhost.

    Args:
        directory: Where the files go; it must exist. Each call makes an authority of its own, so
            that a second one serves as the stranger whom a client must not trust.
    """
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    files = TlsFiles(directory / "ca.pem", directory / "cert.pem", directory / "key.pem")
    authority.cert_pem.write_to_path(str(files.ca))
    server.private_key_pem.write_to_path(str(files.key))
    for position, part in enumerate(server.cert_chain_pems):
        part.write_to_path(str(files.cert), append=position > 0)
    return files
