"""What an environment keeps whatever happens to its models: key, buckets, roles, guardrails, budgets."""
