"""What all stacks of an environment have in common."""

import aws_cdk as cdk
from constructs import Construct

from config.settings import Environment
from stacks.parts.place import QUALIFIER, Place


class EnvironmentStack(cdk.Stack):
    """A stack whose template holds nothing but its own parameters and resources."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        environment: Environment,
        *,
        description: str,
        protected: bool = False,
        region: str | None = None,
    ) -> None:
        """`protected` is for what the environment must not lose; `region` if it is not the environment's."""
        self.settings = environment
        super().__init__(
            scope,
            construct_id,
            description=description,
            env=cdk.Environment(account=environment.account, region=region or environment.region),
            termination_protection=protected and environment.termination_protection,
            # The rule adds a parameter to every template; the CDK CLI checks the bootstrap version anyway.
            # One synthesizer for each stack: a shared one mixes the assets of all environments.
            synthesizer=cdk.DefaultStackSynthesizer(
                qualifier=QUALIFIER, generate_bootstrap_version_rule=False
            ),
        )
        self.place = Place.of(self)
