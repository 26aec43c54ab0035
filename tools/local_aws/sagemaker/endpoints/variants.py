"""What an update may do to the variants of an endpoint."""

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.store import Members


def variants_of(config: Members) -> list[Members]:
    """All of an endpoint configuration: those that answer, and the shadow."""
    return [*config["ProductionVariants"], *config.get("ShadowProductionVariants", [])]


OF_COMPONENTS = {"EnableNetworkIsolation", "ExecutionRoleArn", "VpcConfig"}
"""What an endpoint configuration says of models that come to it later."""


def refuse_host(config: Members) -> None:
    """An endpoint for inference components: its role and its size, no model, and nothing that records.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html, in words of ours.
    AWS's own SDK passes neither data capture nor asynchronous inference to such an endpoint:
    https://github.com/aws/sagemaker-python-sdk, sagemaker-serve, model_builder.py
    """
    variants = variants_of(config)
    if "ExecutionRoleArn" not in config:
        raise ValidationError("ExecutionRoleArn is required where a variant has no ModelName.")
    if len(variants) > 1 or any("ServerlessConfig" in variant for variant in variants):
        raise ValidationError("Inference components are on one variant with instances.")
    for member in ("AsyncInferenceConfig", "DataCaptureConfig"):
        if member in config:
            raise ValidationError(f"{member} is not supported for inference components.")
    scaling = variants[0].get("ManagedInstanceScaling", {})
    if scaling.get("MinInstanceCount", 0) > scaling.get("MaxInstanceCount", 1):
        raise ValidationError("MinInstanceCount is above MaxInstanceCount.")


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
