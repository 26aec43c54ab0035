"""Deliveries that come by themselves: checked rows in the raw zone, and the pipeline started with them."""
