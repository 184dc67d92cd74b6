"""Tokens and secrets that must open nothing, and the routes on which they are tried."""
