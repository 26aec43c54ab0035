"""Which model version a stack is about, and what exists without one."""

from collections.abc import Iterable
from functools import cached_property

import aws_cdk as cdk
from constructs import Construct

from config.settings import Deployment

NO_MODEL = "none"
HAS_MODEL = "HasModel"


class ModelVersion:
    """The model version of a stack: nothing, a literal, or a parameter that an approval sets.

    A pinned version is a literal in the template, so a pull request shows it. With `latest-approved` it is
    the stack parameter `ModelVersion`, whose value a deployment keeps; while it is `none`, a condition leaves
    out whatever needs a model.
    """

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        self._scope = scope
        self.exists = deployment.model != NO_MODEL
        self.value = str(deployment.model)
        self.is_parameter = deployment.model == "latest-approved"
        if self.is_parameter:
            parameter = cdk.CfnParameter(
                scope,
                "ModelVersion",
                type="String",
                default=NO_MODEL,
                allowed_pattern="none|[1-9][0-9]*",
                description="Version of the model package; set by the release, kept by every deployment",
            )
            self.value = parameter.value_as_string

    @cached_property
    def _condition(self) -> cdk.CfnCondition | None:
        if not self.is_parameter:
            return None
        is_none = cdk.Fn.condition_equals(self.value, NO_MODEL)
        return cdk.CfnCondition(self._scope, HAS_MODEL, expression=cdk.Fn.condition_not(is_none))

    def require(self, resources: Iterable[cdk.CfnResource]) -> None:
        for resource in resources:
            if self._condition:
                # `cfn_options.condition` would be three questions to another process.
                resource.add_override("Condition", HAS_MODEL)

    def tell(self, name: str, value: str) -> None:
        """An output that exists with a model only."""
        cdk.CfnOutput(self._scope, name, value=value, condition=self._condition)

    def only_with_model(self, value: str, otherwise: str = NO_MODEL) -> str:
        """A text that is another one while there is no model."""
        if not self.exists:
            return otherwise
        if self._condition is None:
            return value
        return cdk.Token.as_string({"Fn::If": [HAS_MODEL, value, otherwise]})
