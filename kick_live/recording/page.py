"""The frame around a transcript: one file, no scripts, nothing loaded but pictures, if any."""

from __future__ import annotations

from html import escape
from typing import Final

__all__ = ["body", "end", "head"]

_STYLE: Final = """
/* --x and --m: the height and the margins of a picture in a line of text. */
:root { --x: 28px; --m: -3px 1px; color-scheme: dark; --back: #0b0e0f; --card: #14191b;
  --line: #23292c; --text: #e8ecec; --dim: #93a0a4; --accent: #53fc18; --link: #8fd3ff; }
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
.defs { display: none; }
.b { display: inline-flex; align-items: center; flex-wrap: wrap; gap: 4px; margin: -3px 5px 0 0;
  vertical-align: middle; --x: 18px; --m: 0; }
.b i { display: inline-flex; align-items: center; gap: 2px; font: 600 11px/18px system-ui, sans-serif;
  color: var(--dim); white-space: nowrap; }
.b svg { width: 18px; height: 18px; flex: none; }
.b .o { padding: 0 5px; border-radius: 4px; background: #4a565a; color: #fff; font-size: 10px; }
/* A name in the place of a picture; with a picture, rules further down make it that. */
.x { display: inline-block; vertical-align: middle; max-width: 100%; margin: -2px 1px 0;
  padding: 0 6px; border: 1px solid var(--line); border-radius: 9px; background: var(--card);
  color: var(--dim); font-size: 12px; line-height: 18px; }
.b .x { margin: 0; }
img.x { height: var(--x); margin: var(--m); padding: 0; border: 0; background: none; }
.big { --x: 48px; --m: 2px 2px 0 0; align-items: center; }
.r { --x: 18px; --m: -2px 1px 0; display: block; color: var(--dim); font-size: 12.5px;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.c { color: var(--dim); font-size: 12px; margin-right: 5px; }
.k { width: 16px; height: 16px; margin: -3px 3px 0 0; vertical-align: middle; color: var(--dim); }
.support .k, .m .k { color: var(--accent); } .moderation .k { color: #e0544c; }
.stream .k { color: #58a6ff; }
a { color: var(--link); }
.gone .t, .gone .n { text-decoration: line-through; opacity: .5; }
.gone .t .x { position: relative; filter: grayscale(1); }
.gone .t .x::after { content: ""; position: absolute; left: 0; right: 0; top: calc(50% - 1px);
  border-top: 2px solid var(--text); }
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
@media (max-width: 520px) { main, header { padding: 0 8px; } .m, .e { display: block; }
  time { margin-right: 4px; } .m > div, .e > div { display: inline; } }
@media print { :root { color-scheme: light; --back: #fff; --card: #f4f5f5; --text: #111;
  --dim: #555; --line: #ccc; } .day { position: static; } }
"""

_POLICY: Final = "default-src 'none'; img-src {}; style-src 'unsafe-inline'"


def head(title: str, policy: str) -> str:
    """A page of HTML up to the point where more rules of CSS may follow.

    Args:
        title: Plain text.
        policy: From where the page may load pictures, as a Content-Security-Policy writes it.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY.format(policy)}">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{_STYLE}"""


def body(title: str, facts: str, drawings: str) -> str:
    """What follows those rules, up to the list of items.

    Args:
        title: Plain text.
        facts: Plain text under the title.
        drawings: Symbols of SVG to which items refer.
    """
    return f"""</style>
</head>
<body>
<svg class="defs" aria-hidden="true">
{drawings}</svg>
<header>
<h1>{escape(title)}</h1>
<p>{escape(facts)}</p>
</header>
<main>
<ol>
"""


def end(remark: str = "") -> str:
    """What follows the items.

    Args:
        remark: Plain text to be added at the foot.
    """
    words = f"All times are UTC. Crossed-out messages were removed from the chat. {remark}".rstrip()
    return f"""</ol>
</main>
<footer>{escape(words)}</footer>
</body>
</html>
"""
