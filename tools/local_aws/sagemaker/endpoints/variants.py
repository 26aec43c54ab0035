"""What an update may do to the variants of an endpoint."""

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.store import Members


def variants_of(config: Members) -> list[Members]:
    """All of an endpoint configuration: those that answer, and the shadow."""
    return [*config["ProductionVariants"], *config.get("ShadowProductionVariants", [])]


def changed_variants(old: Members, new: Members) -> list[str]:
    """The names of those that are removed, or get another instance type."""
    types = {variant["VariantName"]: variant.get("InstanceType") for variant in variants_of(new)}
    return [
        variant["VariantName"]
        for variant in variants_of(old)
        if types.get(variant["VariantName"], "") != variant.get("InstanceType")
    ]


def refuse_other_variants(old: Members, new: Members, request: Members) -> None:
    """Traffic that moves by parts needs the same variants on both sides, and rolling a single one.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html, in words of ours.
    At once it may move to others: AWS's sample promotes a shadow so, with alarms
    (https://github.com/aws/amazon-sagemaker-examples, archived/shadow-console/Shadow_variant.ipynb).
    """
    deployment = request.get("DeploymentConfig", {})
    before, after = ({variant["VariantName"] for variant in variants_of(each)} for each in (old, new))
    if "RollingUpdatePolicy" in deployment and len(before | after) > 1:
        raise ValidationError("A rolling update policy is not supported for multi-variant endpoints.")
    routing = deployment.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    if before != after and routing.get("Type", "ALL_AT_ONCE") != "ALL_AT_ONCE":
        raise ValidationError(
            f"Traffic shifting of type {routing['Type']} needs the same variant names in the old and in the "
            f"new endpoint configuration: {', '.join(sorted(before))} and {', '.join(sorted(after))}."
        )
