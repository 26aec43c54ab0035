"""Tables about AWS."""
