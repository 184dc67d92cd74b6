"""Filters of the console's lists that a person gave a name. An app of its own: its table is in every schema."""
