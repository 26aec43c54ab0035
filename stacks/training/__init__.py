"""One use case's model package group and pipeline."""
