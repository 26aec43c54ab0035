"""Gives the stacks of an environment what an earlier deployment has left."""
