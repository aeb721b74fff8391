"""Plain values that events and REST results are made of: users, badges, content, channels."""
