"""Services of which one resource or operation is needed."""
