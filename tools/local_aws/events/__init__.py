"""EventBridge: events that are really handed to targets."""
