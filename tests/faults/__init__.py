"""What goes wrong, on purpose: on the network, at the server, and for a long time."""
