"""Access and refresh tokens."""
