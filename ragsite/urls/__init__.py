"""URL maps: one for the platform's host, one for companies' hosts."""
