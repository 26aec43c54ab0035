"""Programs for a laptop or continuous integration; never deployed."""
