"""The VPC of an environment, its endpoints, and what closes it."""
