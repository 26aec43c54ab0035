"""How mistakes are found in files and told."""
