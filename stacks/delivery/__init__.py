"""The role that continuous delivery deploys with."""
