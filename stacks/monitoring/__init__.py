"""What watches one use case's endpoint."""
