"""What the stacks of one use case have in common."""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import Construct

from config.settings import UseCase
from stacks.foundation.stack import FoundationStack
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.images import Images
from stacks.parts.place import ENVIRONMENT, USE_CASE


class UseCaseStack(EnvironmentStack):
    """A stack of one use case in one environment: `<environment>-<use case>-<kind>`."""

    def __init__(self, scope: Construct, foundation: FoundationStack, use_case: UseCase) -> None:
        super().__init__(scope, foundation.settings, use_case=use_case.name)
        cdk.Tags.of(self).add(USE_CASE, use_case.name)
        self.foundation = foundation
        self.images = Images(foundation.settings)
        self.image = self.images.of(use_case)
        self.use_case = use_case
        self.deployment = foundation.settings.use_cases[use_case.name]
        # What callers know, and therefore never changes: endpoint, pipeline, model package group.
        self.fixed_name = self.place.name(use_case.name)

    @property
    def job_tags(self) -> Mapping[str, str]:
        """Of what a state machine starts, nothing else says what it costs whom."""
        settings = self.settings
        return {**settings.tags, ENVIRONMENT: settings.prefix, USE_CASE: self.use_case.name}
