"""Deliveries that come by themselves: from a table of DynamoDB into the raw zone, and into the pipeline."""
