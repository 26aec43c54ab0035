"""What trains a model anew by itself: on the newest delivery, when an alarm asks for it."""
