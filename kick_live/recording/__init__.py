"""Keep what arrives: record it, play it again, search it, and hand it to other programs.

>>> from kick_live.recording import ChatStore, Recorder, Replay, VodChat, export, to_dataframe
"""

from kick_live.recording.exporting import export
from kick_live.recording.frames import to_dataframe
from kick_live.recording.pictures import Pictures
from kick_live.recording.recorder import Recorder
from kick_live.recording.replay import Replay
from kick_live.recording.store import ChatStore, StoredMessage
from kick_live.recording.vod import VodChat, VodMessage, VodPosition, VodProgress
from kick_live.recording.vod_file import VodFile

__all__ = [
    "ChatStore",
    "Pictures",
    "Recorder",
    "Replay",
    "StoredMessage",
    "VodChat",
    "VodFile",
    "VodMessage",
    "VodPosition",
    "VodProgress",
    "export",
    "to_dataframe",
]
