"""What can be wrong with a policy document."""


class PolicyError(ValueError):
    """A policy document that AWS would refuse; the text names the policy, the statement and the mistake."""
