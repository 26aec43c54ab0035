"""One use case's endpoint."""
