"""Keep what arrives: record it, play it again, search it, and hand it to other programs.

>>> from kick_live import KickClient
>>> from kick_live.recording import Recorder, Replay
"""

from kick_live.recording.recorder import Recorder
from kick_live.recording.replay import Replay

__all__ = ["Recorder", "Replay"]
