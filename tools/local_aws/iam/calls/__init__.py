"""Which action a call is, on which resources, with which condition keys."""
