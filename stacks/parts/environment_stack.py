"""What all stacks of an environment have in common."""

import aws_cdk as cdk
from constructs import Construct

from stacks.parts.place import QUALIFIER, Place


class EnvironmentStack(cdk.Stack):
    """A stack whose template holds nothing but its own parameters and resources."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        termination_protection: bool = False,
        env: cdk.Environment | None = None,
    ) -> None:
        """`env` is for a stack that is meant to be elsewhere than its environment."""
        super().__init__(
            scope,
            construct_id,
            description=description,
            env=env,
            termination_protection=termination_protection,
            # The rule adds a parameter to every template; the CDK CLI checks the bootstrap version anyway.
            # One synthesizer for each stack: a shared one mixes the assets of all environments.
            synthesizer=cdk.DefaultStackSynthesizer(
                qualifier=QUALIFIER, generate_bootstrap_version_rule=False
            ),
        )
        self.place = Place.of(self)
