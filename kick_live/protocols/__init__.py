"""The two realtime protocols, without I/O: text in, text out, time passed in."""
