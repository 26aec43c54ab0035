"""The environment's own image: where it is kept, and what builds it."""
