"""Wiring of the product: settings, URLs, queue, health, metrics. Imports everything, imported by no app."""
