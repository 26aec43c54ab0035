"""Mutants that no case notices, each with the reason why it changes nothing. A test keeps the list exact."""

EQUIVALENT: dict[str, str] = {}
"""By the mutant's name, with `{env}` for the environment."""
