"""CloudWatch: alarms that are really judged."""
