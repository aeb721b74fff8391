"""Builders of the payloads that Kick sends, in their shapes of autumn 2026."""

from typing import Any

__all__ = ["Payload"]

#: A payload before it is written as JSON.
Payload = dict[str, Any]
