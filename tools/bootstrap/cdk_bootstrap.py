"""The CDK's own bootstrap of one environment: under its qualifier, with the scoped execution role."""

from collections.abc import Sequence

from tools.bootstrap.managed_policies import Place


def arguments(place: Place, execution_policies: Sequence[str]) -> list[str]:
    """Of `cdk bootstrap`, after the environments (`aws://account/region`) that it prepares.

    Each environment has its own: the roles that deploy one of an account cannot deploy another.
    https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html
    """
    return [
        *("--qualifier", place.qualifier),
        *("--toolkit-stack-name", f"{place.prefix}-cdk-bootstrap"),
        *("--cloudformation-execution-policies", ",".join(execution_policies)),
    ]
