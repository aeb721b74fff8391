"""The frame around a transcript: one file, no scripts, nothing loaded but pictures."""

from __future__ import annotations

from html import escape
from typing import Final

__all__ = ["beginning", "end"]

_STYLE: Final = """
:root { color-scheme: dark; --back: #0b0e0f; --card: #14191b; --line: #23292c; --text: #e8ecec;
  --dim: #93a0a4; --accent: #53fc18; --link: #8fd3ff; }
@media (prefers-color-scheme: light) { :root { color-scheme: light; --back: #fff; --card: #f4f6f6;
  --line: #d5dbdd; --text: #14191b; --dim: #5b676b; --accent: #2f9e0c; --link: #0b62a8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text);
  font: 15px/1.5 Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header { max-width: 760px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 32px; padding-bottom: 16px; }
h1 { margin: 0; font-size: 22px; line-height: 1.3; overflow-wrap: anywhere; }
header p { margin: 4px 0 0; color: var(--dim); font-size: 13px; }
ol { list-style: none; margin: 0; padding: 8px 0 48px; }
.day { position: sticky; top: 0; padding: 10px 0 6px; background: var(--back); color: var(--dim);
  font-size: 12px; letter-spacing: .06em; text-transform: uppercase; z-index: 1;
  border-bottom: 1px solid var(--line); margin-bottom: 6px; }
.m, .e { display: grid; grid-template-columns: 62px minmax(0, 1fr); gap: 0 10px; padding: 3px 8px;
  border-radius: 6px; overflow-wrap: anywhere; }
/* Browsers lay out only what is on the screen: ten thousand messages open at once. */
.m, .e { content-visibility: auto; contain-intrinsic-size: auto 30px; }
.m:hover { background: var(--card); }
time { color: var(--dim); font-size: 12px; line-height: 22.5px;
  font-variant-numeric: tabular-nums; }
.n { font-weight: 700; }
.n::after { content: ":"; color: var(--dim); font-weight: 400; }
.e .n::after { content: ""; }
.b { display: inline-flex; gap: 4px; margin: -3px 5px 0 0; vertical-align: middle; }
.b img { width: 18px; height: 18px; object-fit: contain; }
.b i { font: 600 10px/18px system-ui, sans-serif; padding: 0 5px; border-radius: 4px;
  background: #4a565a; color: #fff; white-space: nowrap; }
.b .broadcaster, .b .staff { background: #8e1f2f; } .b .moderator { background: #0d5f7a; }
.b .vip { background: #7a2a83; } .b .og, .b .founder { background: #6d5212; }
.b .subscriber { background: #7c5a00; } .b .sub_gifter { background: #6a2a5c; }
.b .verified { background: #1f6b1a; } .b .bot { background: #2b4a86; }
.x { height: 28px; min-width: 20px; vertical-align: middle; margin: -3px 1px; }
.y { color: var(--dim); }
.big .x { height: 48px; margin: 2px 2px 0 0; }
.r { display: block; color: var(--dim); font-size: 12.5px; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.c { color: var(--dim); font-size: 12px; margin-right: 5px; }
a { color: var(--link); }
.gone .t, .gone .n { text-decoration: line-through; opacity: .5; }
.gone .w { color: var(--dim); font-size: 12px; font-style: italic; margin-left: 6px;
  display: inline-block; text-decoration: none; }
.e { background: var(--card); margin: 4px 0; padding: 6px 8px; color: var(--dim);
  border-left: 3px solid var(--line); }
.e .t { color: var(--text); }
.e.support { border-left-color: var(--accent); }
.e.moderation { border-left-color: #e0544c; }
.e.stream { border-left-color: #58a6ff; }
.e.connection { background: none; border-left-color: transparent; font-size: 13px; }
.e.connection .t { color: var(--dim); }
footer { max-width: 760px; margin: 0 auto; padding: 12px 20px 32px; color: var(--dim);
  font-size: 12px; border-top: 1px solid var(--line); }
@media (max-width: 520px) { .m, .e { grid-template-columns: minmax(0, 1fr); } time { line-height: 1.2; } }
@media print { :root { color-scheme: light; --back: #fff; --card: #f4f5f5; --text: #111;
  --dim: #555; --line: #ccc; } .day { position: static; } }
"""

_POLICY: Final = "default-src 'none'; img-src {}; style-src 'unsafe-inline'"


def beginning(title: str, facts: str, *, pictures: bool) -> str:
    """A page of HTML up to its list of items.

    Args:
        title: Plain text.
        facts: Plain text under the title.
        pictures: Whether the page may load pictures.
    """
    policy = _POLICY.format("https:" if pictures else "'none'")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
<p>{escape(facts)}</p>
</header>
<main>
<ol>
"""


def end() -> str:
    """What follows the items."""
    return """</ol>
</main>
<footer>All times are UTC. Crossed-out messages were removed from the chat.</footer>
</body>
</html>
"""
