"""What a change does to what is deployed, told before it is merged, from templates alone."""
