"""In a notebook: rich display, listeners that fire between cells, and a view that follows along.

>>> from kick_live.notebook import LiveView, chat, pump

Importing it imports neither IPython nor ipywidgets; ``LiveView`` needs the extra ``notebook``.
"""

from kick_live.notebook.chat import Chat, chat
from kick_live.notebook.live_view import LiveView
from kick_live.notebook.pump import Pump, pump

__all__ = ["Chat", "LiveView", "Pump", "chat", "pump"]
