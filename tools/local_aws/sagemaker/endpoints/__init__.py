"""Models, endpoints, and their invocation."""
