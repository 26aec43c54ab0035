"""What a month costs more or less, by the dated table beside this file; its assumptions are told with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.review.pipelines import defaults, definition, flat_steps
from tools.review.schedules import runs_of_a_month
from tools.review.stacks import Json, Stack, Stacks

_TABLE = Path(__file__).with_name("prices.yaml")
_CONFIGURATION, _TARGET = "AWS::SageMaker::EndpointConfig", "AWS::ApplicationAutoScaling::ScalableTarget"
_SCHEDULE, _JOB = "AWS::Scheduler::Schedule", ":sagemaker:createProcessingJob.sync"
_PIPELINE, _MACHINE = "AWS::SageMaker::Pipeline", "AWS::StepFunctions::StateMachine"


@dataclass(frozen=True)
class Cost:
    """One thing that costs; `monthly` in USD is None where the table has no price."""

    place: str
    what: str
    monthly: float | None


@dataclass(frozen=True)
class CostChange:
    """What one thing costs a month, before and after, in USD."""

    place: str
    before: str
    after: str
    monthly: float | None


@cache
def prices() -> Json:
    """The table: `region`, `instances`, `resources`, `assumptions`."""
    table: Json = yaml.safe_load(_TABLE.read_text("utf-8"))
    return table


def assumptions() -> str:
    """In a sentence, what the figures rest on."""
    table, assumed = prices(), prices()["assumptions"]
    sentences = (
        f"List prices of {table['region']} as of {table['instances']['date']}, without discounts, storage,",
        f"requests and traffic. Endpoints run {assumed['hours_of_a_month']} hours a month with the smallest",
        f"number of instances. A pipeline is executed {assumed['executions_of_a_month']} times a month;",
        f"each job takes {assumed['hours_of_a_job']} hours. A batch runs",
        f"{assumed['batches_of_a_month']} times a month, for {assumed['hours_of_a_batch']} hour each on all",
        "its machines, whatever its schedule says. A run of a monitor takes",
        f"{assumed['hours_of_a_monitor']} hours.",
    )
    return " ".join(sentences)


def cost_changes(before: Stacks, after: Stacks) -> list[CostChange]:
    """What costs another sum, or has no price, place by place."""
    found = []
    for place in sorted(before.keys() | after.keys()):
        if before.get(place) is not after.get(place):
            old, new = costs_of(before.get(place)), costs_of(after.get(place))
            for key in [*old, *(key for key in new if key not in old)]:
                left, right = old.get(key), new.get(key)
                if left != right:
                    found.append(_change(place, left, right))
    return found


def _change(place: str, before: Cost | None, after: Cost | None) -> CostChange:
    sums = [0.0 if cost is None else cost.monthly for cost in (before, after)]
    known = [each for each in sums if each is not None]
    difference = known[1] - known[0] if len(known) == len(sums) else None
    return CostChange(
        place, before.what if before else "nothing", after.what if after else "nothing", difference
    )


def costs_of(stack: Stack | None) -> dict[str, Cost]:
    """What a stack costs, by what a change of price leaves alone: logical id, and part of the resource."""
    found = {}
    for logical_id, body in stack.resources.items() if stack else ():
        costs = (*_of_resource(body, stack), *_of_schedule(body, stack))
        for part, what, monthly in costs:
            found[f"{logical_id} {part}"] = Cost(stack.place, what, monthly)  # type: ignore[union-attr]
    return found


def _of_resource(body: Json, stack: Any) -> Iterator[tuple[str, str, float | None]]:
    properties = body.get("Properties", {})
    if body["Type"] == _CONFIGURATION:
        yield from _of_endpoint(properties, stack)
    elif body["Type"] == _PIPELINE:
        yield from _of_pipeline(properties)
    elif body["Type"] == _MACHINE:
        yield from _of_batch(properties)
    elif body["Type"] in prices()["resources"]:
        price = prices()["resources"][body["Type"]]
        monthly = price.get("monthly") or price["hourly"] * prices()["assumptions"]["hours_of_a_month"]
        count = _count(properties)
        if count:
            kind = body["Type"].rpartition("::")[2]
            yield "", f"{kind} × {count}" if count > 1 else kind, monthly * count


def _count(properties: Json) -> int:
    """How often the price is paid: an interface endpoint per subnet, a gateway endpoint never."""
    if "VpcEndpointType" in properties:
        return len(_items(properties.get("SubnetIds"))) if properties["VpcEndpointType"] == "Interface" else 0
    return sum("MetricStat" in metric for metric in map(_mapping, _items(properties.get("Metrics")))) or 1


def _of_endpoint(properties: Json, stack: Stack) -> Iterator[tuple[str, str, float | None]]:
    smallest = [
        body["Properties"].get("MinCapacity") for body in stack.resources.values() if body["Type"] == _TARGET
    ]
    for variant in [
        *_items(properties.get("ProductionVariants")),
        *_items(properties.get("ShadowProductionVariants")),
    ]:
        if "InstanceType" in _mapping(variant):
            managed = _mapping(variant.get("ManagedInstanceScaling"))
            first = managed.get("MinInstanceCount", variant.get("InitialInstanceCount", 1))
            count = smallest[0] if len(smallest) == 1 else first
            hours = prices()["assumptions"]["hours_of_a_month"]
            name = f"endpoint, {count} × {variant['InstanceType']}"
            yield str(variant.get("VariantName")), name, _instances(variant["InstanceType"], hours, count)


def _of_pipeline(properties: Json) -> Iterator[tuple[str, str, float | None]]:
    body = definition(properties)
    filled_in = defaults(body)
    assumed = prices()["assumptions"]
    runs = assumed["executions_of_a_month"] * assumed["hours_of_a_job"]
    for step in flat_steps(body):
        for cluster in _clusters(step.get("Arguments", {})):
            kind = filled_in.get(str(cluster["InstanceType"]), cluster["InstanceType"])
            count = cluster.get("InstanceCount", 1)
            count = filled_in.get(str(count), count)
            name = str(step.get("Name"))
            yield name, f"step {name}, {count} × {kind}", _instances(str(kind), runs, count)


def _of_batch(properties: Json) -> Iterator[tuple[str, str, float | None]]:
    """Of a machine that starts a transform job; how many rows a day has, no template says."""
    assumed = prices()["assumptions"]
    for cluster in _clusters(_states(properties).get("StartTransform")):
        count, kind = cluster.get("InstanceCount", 1), str(cluster["InstanceType"])
        hours = assumed["batches_of_a_month"] * assumed["hours_of_a_batch"]
        yield "batch", f"batch, {count} × {kind}", _instances(kind, hours, count)


def _of_schedule(body: Json, stack: Any) -> Iterator[tuple[str, str, float | None]]:
    """Of a monitor's job, which a schedule starts: how often is said there, how long is assumed."""
    if body["Type"] != _SCHEDULE:
        return
    properties = body.get("Properties", {})
    machine, _, _ = str(_mapping(properties.get("Target")).get("Arn")).removeprefix("${").partition(".Arn}")
    states = _states(stack.resources.get(machine, {}).get("Properties", {}))
    runs = runs_of_a_month(str(properties.get("ScheduleExpression")))
    for state in states.values():
        if str(state.get("Resource", "")).endswith(_JOB):
            for cluster in _clusters(state):
                count, kind = cluster.get("InstanceCount", 1), str(cluster["InstanceType"])
                hours = prices()["assumptions"]["hours_of_a_monitor"]
                monthly = None if runs is None else _instances(kind, runs * hours, count)
                yield machine, f"monitor, {count} × {kind}", monthly


def _states(machine: Json) -> Mapping[str, Any]:
    """Of a state machine's definition; none where a template does not hold it."""
    opened = _mapping(machine.get("DefinitionString")).get("Fn::ToJsonString")
    return _mapping(_mapping(opened).get("States"))


def _clusters(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        if "InstanceType" in node:
            yield node
        for value in node.values():
            yield from _clusters(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    """What a function chooses has no parts that are known before."""
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _instances(kind: str, hours: float, count: Any) -> float | None:
    """None also for a number that is known only when it is deployed."""
    hourly = hourly_price(str(kind))
    return None if hourly is None or not str(count).isdecimal() else hourly * hours * int(count)


def hourly_price(kind: str) -> float | None:
    """USD of an instance, `ml.m5.large`; None where the table does not have the type."""
    _, _, name = kind.partition("ml.")
    family, _, size = name.partition(".")
    hourly: float | None = prices()["instances"]["hourly"].get(family, {}).get(size)
    return hourly
