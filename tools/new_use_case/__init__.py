"""Looks at a table and writes the first version of a use case's configuration."""
