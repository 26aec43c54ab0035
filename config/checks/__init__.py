"""What no single value can say: checks of several values and files together."""
