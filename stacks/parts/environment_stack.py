"""What all stacks of an environment have in common."""

from typing import ClassVar

import aws_cdk as cdk
from constructs import Construct

from config.settings import Environment
from stacks.parts.place import Place, qualifier


class EnvironmentStack(cdk.Stack):
    """The stack `<prefix>-<kind>`. Its template holds nothing but its own parameters and resources."""

    kind: ClassVar[str]
    purpose: ClassVar[str]
    """The description of the template."""
    protected: ClassVar[bool] = False
    """Whether it holds what the environment must not lose."""

    def __init__(
        self, scope: Construct, environment: Environment, *, use_case: str = "", region: str | None = None
    ) -> None:
        """`use_case` is a part of the name; `region` is for a stack elsewhere than its environment."""
        self.settings = environment
        super().__init__(
            scope,
            f"{use_case}-{self.kind}" if use_case else self.kind,
            description=self.purpose,
            env=cdk.Environment(account=environment.account, region=region or environment.region),
            termination_protection=self.protected and environment.termination_protection,
            # The rule adds a parameter to every template; the CDK CLI checks the bootstrap version anyway.
            # One synthesizer for each stack: a shared one mixes the assets of all environments.
            synthesizer=cdk.DefaultStackSynthesizer(
                qualifier=qualifier(environment.prefix), generate_bootstrap_version_rule=False
            ),
        )
        self.place = Place(environment.prefix, environment.account, region or environment.region)

    def hand_on(self, *values: str) -> None:
        """Export what other stacks may import, whether one does or not.

        A stack that ceases to import something is updated after this one, and CloudFormation refuses to take
        away what is imported.
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
        """
        for value in values:
            self.export_value(value)
