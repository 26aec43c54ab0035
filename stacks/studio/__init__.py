"""SageMaker Studio: the domain, the people in it, what they start with."""
