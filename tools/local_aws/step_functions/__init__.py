"""Step Functions: state machines that really run."""
