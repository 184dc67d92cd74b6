"""Sensitive topics: who writes that it happens to them gets the company's approved words and a named person."""
