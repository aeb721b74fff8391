"""Clients by others, run as separate processes to hold our simulator against them."""
