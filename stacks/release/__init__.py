"""From an approval to a deployment."""
