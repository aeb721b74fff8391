"""What kick_live costs, measured beside other libraries in one run."""
