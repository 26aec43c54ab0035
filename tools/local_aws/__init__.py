"""An AWS small enough to run on a laptop: the services this project uses, behind one loopback endpoint."""
