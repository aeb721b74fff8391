"""Keeps a client connected: threads, reconnection, gaps, and the hand-over to the caller."""
