"""The kinds of values in the files, each with the check that explains what is allowed."""
