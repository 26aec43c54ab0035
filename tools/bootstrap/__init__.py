"""Prepares an account for deployments whose CloudFormation role may do no more than the templates need."""
