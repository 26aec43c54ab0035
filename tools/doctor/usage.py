"""What instances the templates ask SageMaker for, by the names that Service Quotas has for it."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.synthesized import Json, Stack, Synthesized

_JOBS = {
    "ClusterConfig": "processing job",
    "ResourceConfig": "training job",
    "TransformResources": "transform job",
}
"""Where a request says its instances; a monitor's definition has a ClusterConfig, too."""
_COUNTED = {
    "Total domains": "AWS::SageMaker::Domain",
    "Maximum number of Studio user profiles allowed per account": "AWS::SageMaker::UserProfile",
    "Maximum number of pipelines allowed per account": "AWS::SageMaker::Pipeline",
    "Maximum number of SageMaker Model Package Groups allowed per account": (
        "AWS::SageMaker::ModelPackageGroup"
    ),
}
COUNTED_ELSEWHERE = {
    ("application-autoscaling", "L-1AAF0700"): "AWS::ApplicationAutoScaling::ScalableTarget",
    ("databrew", "L-0D2C4DFC"): "AWS::DataBrew::Job",
    ("databrew", "L-940C8930"): "AWS::DataBrew::Dataset",
    ("events", "L-244521F2"): "AWS::Events::Rule",
    ("glue", "L-11FA2C1A"): "AWS::Glue::Crawler",
}
"""What grows with use cases, by service and code: names change, as "Stack count" became "Stacks"."""
_STACKS = ("cloudformation", "L-0485CB21")
_ACROSS = {
    "endpoint usage": "active endpoints",
    **{f"{job} usage": f"all {job}s" for job in (*_JOBS.values(), "spot training job")},
}
_CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"


@dataclass(frozen=True)
class Need:
    """What one quota has to be."""

    least: float
    """Below it something cannot run at all."""
    most: float
    """What it takes when everything has scaled out."""


@dataclass(frozen=True)
class _Instances:
    type: str
    usage: str
    least: int
    most: int


def needs(environment: Synthesized) -> dict[str, Need]:
    """By the name of the quota.

    Jobs are counted one at a time. Endpoints all run at once, and the largest has a second fleet while it is
    updated: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    found = [each for stack in environment.stacks for each in _instances(stack)]
    return {
        **_by(found, lambda each: f"{each.type} for {each.usage}"),
        **_by(found, lambda each: f"Number of instances across {_ACROSS[each.usage]}"),
        **_of_counts(environment),
    }


def needs_elsewhere(environment: Synthesized) -> dict[tuple[str, str], Need]:
    """By service and code of the quota, for all but SageMaker's."""
    kinds = Counter(
        each["Type"] for stack in environment.stacks for each in stack.template["Resources"].values()
    )
    counts = {quota: kinds[kind] for quota, kind in COUNTED_ELSEWHERE.items()}
    counts[_STACKS] = len(environment.stacks)
    return {quota: Need(count, count) for quota, count in counts.items() if count}


def _by(found: list[_Instances], name: Callable[[_Instances], str]) -> dict[str, Need]:
    grouped = defaultdict(list)
    for each in found:
        grouped[name(each)].append(each)
    return {quota: _together(uses) for quota, uses in grouped.items()}


def _together(uses: list[_Instances]) -> Need:
    least, most = [each.least for each in uses], [each.most for each in uses]
    if uses[0].usage == "endpoint usage":
        return Need(sum(least) + max(least), sum(most) + max(most))
    return Need(max(least), max(most))


def _of_counts(environment: Synthesized) -> dict[str, Need]:
    resources = [each for stack in environment.stacks for each in stack.template["Resources"].values()]
    counts = {quota: sum(each["Type"] == wanted for each in resources) for quota, wanted in _COUNTED.items()}
    counts[_CONCURRENCY] = sum(
        variant["ServerlessConfig"]["MaxConcurrency"]
        for each in resources
        for variant in _variants(each)
        if "ServerlessConfig" in variant
    )
    return {quota: Need(count, count) for quota, count in counts.items() if count}


def _instances(stack: Stack) -> Iterator[_Instances]:
    resources = stack.template["Resources"].values()
    scaled = {
        str(each["Properties"]["ResourceId"]): int(each["Properties"]["MaxCapacity"])
        for each in resources
        if each["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget"
    }
    for resource in resources:
        yield from _of_endpoint(_variants(resource), scaled)
        yield from _of_jobs(opened(resource.get("Properties", {})), {}, 1)


def _of_endpoint(variants: list[Json], scaled: Mapping[str, int]) -> Iterator[_Instances]:
    """All variants of a type together, because an update takes them all."""
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for variant in variants:
        if "InstanceType" in variant:
            count, place = int(variant["InitialInstanceCount"]), f"variant/{variant['VariantName']}"
            managed = variant.get("ManagedInstanceScaling", {}).get("MaxInstanceCount", 0)
            largest = [count, int(managed), *(scaled[id_] for id_ in scaled if place in id_)]
            least[variant["InstanceType"]] += count
            most[variant["InstanceType"]] += max(largest)
    for kind, count in least.items():
        yield _Instances(kind, "endpoint usage", count, most[kind])


def _variants(resource: Json) -> list[Json]:
    if resource["Type"] != "AWS::SageMaker::EndpointConfig":
        return []
    declared = resource["Properties"]
    return [*declared["ProductionVariants"], *declared.get("ShadowProductionVariants", ())]


def _of_jobs(node: Any, defaults: Mapping[str, Any], parallel: int) -> Iterator[_Instances]:
    """Whatever asks for instances, however deep; a search has some trainings at once."""
    if isinstance(node, list):
        for inner in node:
            yield from _of_jobs(inner, defaults, parallel)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("Parameters"), list):
        defaults = {each["Name"]: each.get("DefaultValue") for each in node["Parameters"] if "Name" in each}
    limits = node.get("HyperParameterTuningJobConfig", {}).get("ResourceLimits", {})
    parallel = limits.get("MaxParallelTrainingJobs", parallel)
    for name, inner in node.items():
        if name in _JOBS and isinstance(inner, dict):
            kind = _value(inner.get("InstanceType"), defaults)
            if isinstance(kind, str):
                spot = "spot " if node.get("EnableManagedSpotTraining") is True else ""
                count = int(_value(inner.get("InstanceCount"), defaults) or 1) * parallel
                yield _Instances(kind, f"{spot}{_JOBS[name]} usage", count, count)
        yield from _of_jobs(inner, defaults, parallel)


def _value(told: Any, defaults: Mapping[str, Any]) -> Any:
    """A value, or the default of the pipeline's parameter that it names."""
    if isinstance(told, dict):
        return defaults.get(str(told.get("Get", "")).removeprefix("Parameters."))
    return told


def opened(value: Any) -> Any:
    """A template's value in which JSON that it holds as text is what the text says."""
    if isinstance(value, dict):
        if value.keys() == {"Fn::Join"}:
            separator, parts = value["Fn::Join"]
            if isinstance(parts, list):
                return opened(separator.join(part if isinstance(part, str) else "" for part in parts))
        return {name: opened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [opened(inner) for inner in value]
    if isinstance(value, str) and value.startswith("{"):
        try:
            return opened(json.loads(value))
        except ValueError:
            return value
    return value
