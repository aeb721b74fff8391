"""Sphinx's configuration."""

from __future__ import annotations

import sys
from importlib.metadata import version as _installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "kick_live"
author = "The kick_live authors"
copyright = "2026, the kick_live authors"
version = release = _installed_version("kick-live")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "event_reference"]
exclude_patterns = ["_build", "_ext", "examples", "requirements.txt", "**/results/*"]

html_theme = "furo"
html_title = "kick_live"
html_static_path = ["_static"]
html_css_files = ["kick_live.css"]
html_copy_source = False
pygments_style = "default"
pygments_dark_style = "monokai"

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

# Every reference to a name of this package must lead somewhere. Names of other packages and the
# type variables of signatures are left as text, so that building needs no network.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!kick_live).*"),
    (r"py:class", r"kick_live\.(.*\.)?[A-Z]$"),
]


def _public_defaults(app, what, name, obj, options, signature, returns):
    """Show defaults under the names that users know."""
    for private, public in (("_DEFAULT_ENDPOINTS", "Endpoints()"), ("_random.", "random.")):
        signature = signature and signature.replace(private, public)
    return signature, returns


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-process-signature", _public_defaults)
