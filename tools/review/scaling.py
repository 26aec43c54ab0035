"""Another instance type where an endpoint scales: AWS refuses the update, and nothing in a template shows it.

https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
"""

from collections.abc import Iterator

from tools.review.findings import Finding, Kind
from tools.review.leaves import shown
from tools.review.stacks import Json, Stack

_REFUSED = (
    "AWS refuses another type while it scales, and the deployment fails; "
    "deploy before with as many instances at most as at least"
)


def refused_types(before: Stack, after: Stack) -> Iterator[Finding]:
    """Of variants that scale before: a target that goes with the same deployment goes after the update."""
    old, new = _types(before), _types(after)
    targets = _properties(before, "AWS::ApplicationAutoScaling::ScalableTarget")
    scaling = {str(target.get("ResourceId")).partition("/variant/")[2] for target in targets}
    for variant in sorted(scaling & old.keys() & new.keys()):
        if old[variant] != new[variant]:
            types = f"{shown(old[variant])} → {shown(new[variant])}"
            yield Finding(Kind.INSTANCES, after.place, f"variant {variant}", f"{types}: {_REFUSED}")


def _types(stack: Stack) -> dict[str, object]:
    variants = [
        variant
        for configuration in _properties(stack, "AWS::SageMaker::EndpointConfig")
        for variant in configuration.get("ProductionVariants", ())
        if isinstance(variant, dict)
    ]
    return {str(variant.get("VariantName")): variant.get("InstanceType") for variant in variants}


def _properties(stack: Stack, type_name: str) -> list[Json]:
    found = [body.get("Properties") for body in stack.resources.values() if body["Type"] == type_name]
    return [properties for properties in found if isinstance(properties, dict)]
