"""Is a log what was written? Its chain from row to row, and against checkpoints that are kept elsewhere."""
