"""The life of a model against the embedded AWS, told as it happens."""
