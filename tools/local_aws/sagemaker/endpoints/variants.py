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
    """Guardrails are between the same variants, and rolling ones between single ones.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html, in words of ours.
    Without a deployment configuration others may come: AWS's sample promotes a shadow so, and its text says
    that guardrails with all traffic at once would do (https://github.com/aws/amazon-sagemaker-examples,
    archived/shadow-console/Shadow_variant.ipynb). The stricter page counts here.
    """
    deployment = request.get("DeploymentConfig", {})
    before, after = ({variant["VariantName"] for variant in variants_of(each)} for each in (old, new))
    if "RollingUpdatePolicy" in deployment and len(before | after) > 1:
        raise ValidationError("A rolling update policy is not supported for multi-variant endpoints.")
    if before != after and deployment:
        raise ValidationError(
            "A deployment configuration needs the same variant names in the old and in the new endpoint "
            f"configuration: {', '.join(sorted(before))} and {', '.join(sorted(after))}."
        )
