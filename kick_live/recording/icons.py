"""Icons of what happened, drawn for the transcript, since not every reader has a font with emoji."""

from __future__ import annotations

from typing import Final

__all__ = ["ICON_SYMBOLS", "icon"]

_LINE: Final = (
    'fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" '
    'stroke-linejoin="round"'
)
#: On a square of 16 by 16, in the colour of the text around.
_DRAWN: Final = {
    "pin": '<path d="M10 1.8l4.2 4.2-2.2.6-2.3 2.3-.3 3-1.4 1.4L4.9 10.2 2 14l3.9-2.9-3.2-3.2 1.4-1.4 '
    '3-.3 2.3-2.3z"/>',
    "hammer": '<path d="M8.6 1.6l5.8 5.8-2 2-1.1-1.1L4.6 15l-2.2-2.2L9 6 7.7 4.7z"/>',
    "unlock": '<rect x="2.6" y="7.2" width="10.8" height="7.2" rx="1.6"/>'
    f'<path d="M5.2 7V4.6a2.8 2.8 0 0 1 5.4-1" {_LINE}/>',
    "clear": f'<path d="M3 4.6h10M6.2 4.4V2.6h3.6v1.8M4.4 4.8l.7 9h5.8l.7-9M6.9 7.4v4M9.1 7.4v4" {_LINE}/>',
    "star": '<path d="M8 1.4l2 4.2 4.6.6-3.4 3.2.9 4.6L8 11.8 3.9 14l.9-4.6L1.4 6.2 6 5.6z"/>',
    "speech": '<path d="M3.4 2.4h9.2c.9 0 1.6.7 1.6 1.6v5.6c0 .9-.7 1.6-1.6 1.6H7.4L4 14v-2.8h-.6c-.9 0-1.6-.7'
    '-1.6-1.6V4c0-.9.7-1.6 1.6-1.6z"/>',
    "gift": '<path d="M2 4.6h12v2.6H2zM2.8 8.2h4.5v6H2.8zM8.7 8.2h4.5v6H8.7z"/>'
    f'<path d="M8 4.4C5.4 4.4 4.4 3.6 4.8 2.5c.4-1 2.5-.7 3.2 1.9.7-2.6 2.8-2.9 3.2-1.9.4 1.1-.6 1.9-3.2 1.9z" '
    f"{_LINE}/>",
    "coin": f'<circle cx="8" cy="8" r="6.2" {_LINE}/><path d="M5.6 4.4h2v2.4l2-2.4h2.2L9.2 7.8l2.8 3.8H9.7L7.6 8.8v2.8h-2z"/>',
    "sparkle": '<path d="M6.6 2.6l1.3 3.7 3.7 1.3-3.7 1.3-1.3 3.7-1.3-3.7L1.6 7.6l3.7-1.3zM12.4 9.4l.7 2 2 .7-2 '
    '.7-.7 2-.7-2-2-.7 2-.7zM12.2 1.2l.6 1.6 1.6.6-1.6.6-.6 1.6-.6-1.6-1.6-.6 1.6-.6z"/>',
    "rules": f'<path d="M2 4.6h12M2 11.4h12" {_LINE}/><circle cx="5.6" cy="4.6" r="2.2"/>'
    '<circle cx="10.4" cy="11.4" r="2.2"/>',
    "target": f'<circle cx="8" cy="8" r="6.2" {_LINE}/><circle cx="8" cy="8" r="2.6"/>',
    "chart": '<path d="M2 9h3v5H2zM6.5 5h3v9h-3zM11 2h3v12h-3z"/>',
    "live": f'<circle cx="8" cy="8" r="3"/><path d="M3.6 12.4a6.2 6.2 0 0 1 0-8.8M12.4 3.6a6.2 6.2 0 0 1 0 8.8" {_LINE}/>',
    "end": '<rect x="3" y="3" width="10" height="10" rx="1.6"/>',
    "raid": f'<path d="M2 8h10.6M8.8 3.8L13 8l-4.2 4.2" {_LINE}/>',
    "lost": f'<circle cx="8" cy="8" r="4.6" {_LINE}/>',
    "back": '<circle cx="8" cy="8" r="5"/>',
    "missing": '<path d="M8 1.8l6.6 12H1.4z"/>',
    "party": '<path d="M2 14l3.4-8.4 5 5z"/><path d="M8.6 4.8c1-.8 1-1.8.4-3M11.2 7.4c.8-1 1.8-1 3-.4M10.4 5.6l2.6-2.6" '
    f"{_LINE}/>",
}

#: The drawings, once, for the beginning of a page; ``icon`` refers to them.
ICON_SYMBOLS: Final = "".join(
    f'<symbol id="k-{name}" viewBox="0 0 16 16"><g fill="currentColor">{shape}</g></symbol>\n'
    for name, shape in _DRAWN.items()
)


def icon(name: str) -> str:
    """An icon as HTML; words beside it say the same.

    Example:
        >>> icon("gift")
        '<svg class="k" aria-hidden="true"><use href="#k-gift"/></svg>'
    """
    return f'<svg class="k" aria-hidden="true"><use href="#k-{name}"/></svg>'
