"""Deletes the stacks of an environment: what goes, what is in its way, what stays and why."""
