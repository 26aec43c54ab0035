"""What the stacks of several rooms share."""
