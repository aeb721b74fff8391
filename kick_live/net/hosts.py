"""What a host's name alone tells."""

from __future__ import annotations

import ipaddress

__all__ = ["is_address", "is_loopback"]


def is_address(host: str) -> bool:
    """Whether it is an IP address instead of a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether it is this machine."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
