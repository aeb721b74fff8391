"""Servers and clients that others wrote, run as separate processes on the loopback interface."""
