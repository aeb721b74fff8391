"""Badges of roles, drawn for the transcript: part of the page, so that they need no server."""

from __future__ import annotations

from html import escape
from typing import Final

from kick_live.models.user import Badge
from kick_live.safe import neutralise

__all__ = ["ROLE_SYMBOLS", "role_badge"]

#: On a square of 16 by 16: the colour behind, and white shapes.
_DRAWN: Final[dict[str, tuple[str, str]]] = {
    # A camera.
    "broadcaster": (
        "#b3263c",
        '<rect x="2.5" y="5" width="7.5" height="6.5" rx="1.2"/><path d="M11 7.6l2.6-1.8v5L11 9z"/>',
    ),
    # A lightning.
    "staff": ("#2a2f33", '<path d="M9.4 2L4 9.2h3.2L6.6 14 12 6.6H8.6z" fill="#53fc18"/>'),
    # A shield.
    "moderator": (
        "#0d6e93",
        '<path d="M8 2.6l4.6 1.7v3.5c0 2.7-1.9 4.6-4.6 5.7-2.7-1.1-4.6-3-4.6-5.7V4.3z"/>',
    ),
    # A gem.
    "vip": ("#94309e", '<path d="M5 3.6h6L13.4 7 8 13 2.6 7z"/>'),
    # The two letters.
    "og": (
        "#7a5c12",
        '<path d="M7.1 8a2.1 2.4 0 1 1-4.2 0 2.1 2.4 0 0 1 4.2 0zM13 6.5a2.1 2.4 0 1 0 .2 2.1h-1.9" '
        'fill="none" stroke="#fff" stroke-width="1.3" stroke-linecap="round"/>',
    ),
    # A flag that was put up.
    "founder": (
        "#8a5a0a",
        '<path d="M4.4 2.8h1.4v10.6H4.4zM6.6 3.4h6L11 6.1l1.6 2.7h-6z"/>',
    ),
    # A tick.
    "verified": (
        "#1f7a1b",
        '<path d="M3.8 8.4l2.8 2.8 5.6-6" fill="none" stroke="#fff" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round"/>',
    ),
    # A face of metal.
    "bot": (
        "#3a5aa8",
        '<path d="M7.4 2.2h1.2v2.2H7.4z"/><rect x="3" y="4.4" width="10" height="8.4" rx="1.8"/>'
        '<g fill="#3a5aa8"><circle cx="6" cy="7.6" r="1.1"/><circle cx="10" cy="7.6" r="1.1"/>'
        '<path d="M5.6 10.2h4.8v1.2H5.6z"/></g>',
    ),
    # Two who belong together.
    "sidekick": (
        "#a8471e",
        '<circle cx="5.6" cy="5.6" r="2.1"/><path d="M2.2 12.8c0-2.6 1.4-4 3.4-4s3.4 1.4 3.4 4z"/>'
        '<circle cx="11" cy="6.6" r="1.7"/><path d="M9.9 12.8c0-1.8-.4-2.8-1-3.6 2.6-1 4.9.6 4.9 3.6z"/>',
    ),
    # A star.
    "subscriber": (
        "#8a6400",
        '<path d="M8 2.4l1.7 3.5 3.9.6-2.8 2.7.7 3.9L8 11.3l-3.5 1.8.7-3.9-2.8-2.7 3.9-.6z"/>',
    ),
    # A parcel.
    "sub_gifter": (
        "#8f2f73",
        '<path d="M3 5.2h10v2H3zM3.7 8h3.6v5H3.7zM8.7 8h3.6v5H8.7zM7.3 5.2C5 5.2 4.4 4.5 4.6 3.6c.3-1.2'
        ' 2.4-1 3.4.9 1-1.9 3.1-2.1 3.4-.9.2.9-.4 1.6-2.7 1.6z"/>',
    ),
}
#: The most characters of a badge that this library does not know.
_LONGEST: Final = 16

#: The drawings, once, for the beginning of a page; ``role_badge`` refers to them.
ROLE_SYMBOLS: Final = "".join(
    f'<symbol id="r-{kind}" viewBox="0 0 16 16"><rect width="16" height="16" rx="3.5" '
    f'fill="{back}"/><g fill="#fff">{shape}</g></symbol>\n'
    for kind, (back, shape) in _DRAWN.items()
)


def role_badge(badge: Badge) -> str:
    """A badge of a role as HTML, with its months or gifts; one without a drawing by its name.

    Example:
        >>> role_badge(Badge(type="lantern", text="Lantern"))
        '<i class="o" title="Lantern">Lantern</i>'
    """
    words = neutralise(badge.text or badge.type.replace("_", " "))
    name = escape(words)
    number = f"{badge.count:,}" if badge.count else ""
    title = f"{name} {number}".rstrip()
    if badge.type not in _DRAWN:
        short = escape(words[:_LONGEST])
        return f'<i class="o" title="{title}">{f"{short} {number}".rstrip()}</i>'
    return (
        f'<i title="{title}"><svg role="img" aria-label="{name}"><use href="#r-{badge.type}"/></svg>'
        f"{number}</i>"
    )
