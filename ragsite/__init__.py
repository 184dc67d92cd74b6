"""Wiring of the product: settings, URLs, queue, health, metrics. Imports everything, imported by no app."""

# The product's, for the status page; the API has a version of its own (settings/rest.py).
__version__ = "0.4.0"
