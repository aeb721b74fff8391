"""Kick.com live chat and stream events for plain, blocking Python."""

from kick_live.events import *  # noqa: F403
