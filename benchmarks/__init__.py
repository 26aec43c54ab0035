"""How fast this repository is, against named peers. Numbers are printed, never tested."""
