"""Runs the getting-started notebook against the embedded AWS and writes its page in docs/."""
