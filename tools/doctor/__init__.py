"""Says what an environment needs of a machine and of an account, and what is missing there."""
