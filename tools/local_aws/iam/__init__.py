"""Who may do what: an evaluator that knows IAM's rules and nothing else, and its hook into every call."""
