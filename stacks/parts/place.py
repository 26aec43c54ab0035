"""How things in an environment are named in policies."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Account and region of an environment, whose resources have its name as prefix."""

    environment: str
    account: str
    region: str

    def own(self, *kinds: str) -> list[str]:
        """ARN patterns of this environment's SageMaker resources of some kinds."""
        return [self.any(kind, f"{self.environment}-*") for kind in kinds]

    def any(self, kind: str, name: str) -> str:
        """ARN of SageMaker resources of one kind, whatever they are called."""
        return self.arn("sagemaker", f"{kind}/{name}")

    def log_group(self, name: str) -> str:
        """ARN of log groups and their streams."""
        return self.arn("logs", f"log-group:{name}")

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource of any service in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
