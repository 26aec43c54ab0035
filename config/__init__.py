"""What is deployed: environments and use cases as YAML, read into typed and frozen settings."""
