"""`make bench`: figures and ratios of a whole, freshly made installation, from one run, printed and kept as JSON."""
