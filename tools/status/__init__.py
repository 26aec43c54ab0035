"""Says what runs in an environment, by reading alone."""
