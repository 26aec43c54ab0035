"""Monitoring schedules and what they run."""
