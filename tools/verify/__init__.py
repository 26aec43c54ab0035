"""Says whether an environment runs as its assembly says, by reading alone."""
