"""The Glue catalog of an environment, and the options that work on its data."""
