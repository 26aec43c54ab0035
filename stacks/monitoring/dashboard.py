"""One page per use case: alarms, traffic, errors, latency, instances, drift, quality, executions, cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.monitoring.answers import Watched
from stacks.monitoring.drift import FeatureDrift
from stacks.monitoring.widgets import GRAPH_HEIGHT, Measuring, Widget, alarms, laid_out, limit, text
from stacks.parts.alarms import runbook
from stacks.parts.metrics import HOUR, MINUTE, Figure, MathExpression, Metric
from stacks.parts.model_version import ModelVersion
from stacks.parts.place import USE_CASE
from stacks.parts.references import json_text
from stacks.serving.variants import VARIANT, variants_of
from stacks.use_case_stack import UseCaseStack

SHOWN_DAYS = 7
MINUTES_SUMMED = 5
COSTS = "https://console.aws.amazon.com/costmanagement/home#/cost-explorer"
BUDGETS = "https://console.aws.amazon.com/costmanagement/home#/budgets"
ANSWERS = {
    "bias_drift": "How much farther from equal groups fare",
    "attribution_agreement_at_best": "Whether the same features move the answers",
}
"""Titles by the metric that is watched."""


@dataclass(frozen=True)
class Measured:
    """What monitors publish, with the names of the state machines that work for the model; may be empty."""

    drift: Mapping[str, FeatureDrift]
    """By what has moved, as a title ends: of batches, or nothing."""
    quality: Sequence[Metric]
    answers: Sequence[Watched]
    machines: Mapping[str, str]
    """By what they do."""
    rows: Metric | None
    """Of each batch; 0 of one without any."""


class Dashboard:
    """The dashboard named like the endpoint, without what nobody measures.

    It exists before the endpoint does, and is empty until then. Graphs have all variants of the endpoint.
    """

    def __init__(self, stack: UseCaseStack, version: ModelVersion, measured: Measured) -> None:
        self._stack, self._version, self._measured = stack, version, measured
        self._serving = stack.deployment.endpoint
        self._measuring = Measuring(stack.place.region)
        variants = variants_of(stack.deployment, version.value)
        self._variants = [variant.name for variant in variants]
        self._answering = [variant.name for variant in variants if not variant.is_shadow]

    def create(self) -> None:
        rows = (
            [self._heading()],
            [*self._alarms()],
            [*self._numbers()],
            [self._traffic(), self._errors(), self._latency()],
            [*self._instances(), self._executions(), self._costs()],
            [*self._drift(), *self._quality()],
            [*self._answers()],
        )
        body = {
            "start": f"-P{SHOWN_DAYS}D",
            "periodOverride": "inherit",
            "widgets": laid_out([row for row in rows if row]),
        }
        cloudwatch.CfnDashboard(
            Construct(self._stack, "Dashboard"),
            "Resource",
            dashboard_name=self._stack.fixed_name,
            dashboard_body=json_text(body),
        )

    def _heading(self) -> Widget:
        use_case, delivery = self._stack.use_case, self._stack.settings.delivery
        address = runbook(delivery)
        what_to_do = f"[what to do when an alarm is raised]({address})" if delivery else f"`{address}`"
        return text(
            f"# {use_case.name} in {self._stack.settings.prefix}",
            f"Predicts **{use_case.target}** ({use_case.problem}) · times are UTC · {what_to_do}",
            height=2,
        )

    def _alarms(self) -> Iterator[Widget]:
        """Those of this stack, which exist with a model only.

        Those of the endpoint and of batches have names that only their stack knows; an export of them would
        keep that stack from changing or removing one.
        """
        found = [each for each in self._stack.node.find_all() if isinstance(each, cloudwatch.CfnAlarm)]
        nothing = self._stack.place.arn("cloudwatch", f"alarm:{self._stack.fixed_name}-none")
        arns = [
            self._version.only_with_model(alarm.attr_arn, f"{nothing}{number}")
            for number, alarm in enumerate(found)
        ]
        if arns:
            yield alarms("Alarms of the monitors", arns)

    def _numbers(self) -> Iterator[Widget]:
        """Of all that is shown: what one looks for first."""
        sums = {} if self._serving.asynchronous else {"Requests": "Invocations"}
        for title, name in {**sums, "Server errors": "Invocation5XXErrors"}.items():
            yield self._measuring.number(title, self._over_variants(name, title), over_all=True)
        who = self._labelled(VARIANT, "99 of 100 answers within, ms")
        yield self._measuring.number(who, self._milliseconds["p99", VARIANT])
        for what, drift in self._measured.drift.items():
            threshold = self._stack.use_case.drift.threshold
            yield self._measuring.number(f"Largest drift{what}, limit {threshold:g}", drift.largest)
        if self._measured.rows:
            yield self._measuring.number("Rows of the day's smallest batch", self._measured.rows)
        if self._measured.quality:
            success = self._stack.use_case.success
            yield self._measuring.number(f"Live {success.metric}", self._measured.quality[0])

    def _metric(
        self, name: str, statistic: str, *, label: str | None = None, variant: str | None = VARIANT
    ) -> Metric:
        of_variant = {"VariantName": variant} if variant else {}
        answers = {"EndpointName": self._stack.fixed_name, **of_variant}
        if self._serving.shared:
            answers = {"InferenceComponentName": self._stack.fixed_name}
        return Metric("AWS/SageMaker", name, answers, statistic, MINUTES_SUMMED * MINUTE, label)

    @cached_property
    def _milliseconds(self) -> Mapping[tuple[str, str], MathExpression]:
        """ModelLatency by statistic and variant; CloudWatch has it in microseconds."""
        return {
            (statistic, variant): MathExpression(
                f"{name}/1000",
                {name: self._metric("ModelLatency", statistic, variant=variant)},
                self._labelled(variant, label),
            )
            for statistic, first_name, label in (
                ("p99", "slowest", "99 of 100 within"),
                ("Average", "average", "average"),
            )
            for variant in self._variants
            for name in [_term(variant, first_name)]
        }

    def _labelled(self, variant: str, label: str) -> str:
        return f"{variant} {label}" if len(self._variants) > 1 else label

    def _of_each_variant(self, name: str, label: str) -> list[Metric]:
        return [
            self._metric(name, "Sum", label=self._labelled(variant, label), variant=variant)
            for variant in self._variants
        ]

    def _over_variants(self, name: str, label: str) -> Figure:
        """Without copies that a shadow is sent."""
        if len(self._answering) == 1:
            return self._metric(name, "Sum", label=label)
        counted = {
            _term(variant, "counted"): self._metric(name, "Sum", variant=variant)
            for variant in self._answering
        }
        return MathExpression("SUM(METRICS())", counted, label)

    def _traffic(self) -> Widget:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
        if self._serving.asynchronous:
            waiting = self._metric("ApproximateBacklogSize", "Maximum", variant=None)
            return self._measuring.graph("Requests that wait", [waiting])
        return self._measuring.graph(
            f"Requests in {MINUTES_SUMMED} minutes", self._of_each_variant("Invocations", "requests")
        )

    def _errors(self) -> Widget:
        kinds = {"4XX": "refused requests", "5XX": "server errors"}
        errors = [
            metric
            for kind, told in kinds.items()
            for metric in self._of_each_variant(f"Invocation{kind}Errors", told)
        ]
        return self._measuring.graph(f"Errors in {MINUTES_SUMMED} minutes", errors)

    def _latency(self) -> Widget:
        most = self._serving.latency_p99_ms
        return self._measuring.graph(
            "Latency of the model, ms",
            list(self._milliseconds.values()),
            limit(most, f"an update is taken back above {most:g} ms"),
        )

    def _instances(self) -> Iterator[Widget]:
        """Each request tells one by the number of instances: there is no metric of the number itself.

        https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
        """
        if self._serving.asynchronous or self._serving.serverless:
            return
        shared = self._serving.shared
        what = "copies" if shared else "instances"
        answering = [
            MathExpression(
                f"{asked}/{share}",
                {
                    asked: self._metric("Invocations", "Sum", variant=variant),
                    share: self._metric(
                        "InvocationsPerCopy" if shared else "InvocationsPerInstance", "Sum", variant=variant
                    ),
                },
                self._labelled(variant, f"{what} that answer"),
            )
            for variant in self._variants
            for asked, share in [(_term(variant, "asked"), _term(variant, "share"))]
        ]
        most = (shared.copies if shared else self._serving.instances).max
        yield self._measuring.graph(what.capitalize(), answering, limit(most, f"at most {most}"))

    def _executions(self) -> Widget:
        def executions(namespace: str, name: str, of: Mapping[str, str], label: str) -> Metric:
            return Metric(namespace, name, of, "Sum", HOUR, label)

        ended = {"Succeeded": "succeeded", "Failed": "failed"}
        pipeline, place = {"PipelineName": self._stack.fixed_name}, self._stack.place
        of_pipeline = [
            # The namespace is written so:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
            executions("AWS/Sagemaker/ModelBuildingPipeline", f"Execution{how}", pipeline, f"pipeline {told}")
            for how, told in ended.items()
        ]
        of_machines = [
            executions(
                "AWS/States",
                f"Executions{how}",
                {"StateMachineArn": place.arn("states", f"stateMachine:{machine}")},
                f"{what} {told}",
            )
            for what, machine in self._measured.machines.items()
            for how, told in ended.items()
        ]
        return self._measuring.graph("Executions in an hour", [*of_pipeline, *of_machines])

    def _costs(self) -> Widget:
        """What a use case costs is no metric: AWS tells it by tags, a day later."""
        budget = self._stack.deployment.monthly_budget_usd
        planned = f"At most **${budget:g}** a month are planned: [budgets]({BUDGETS})." if budget else (
            f"It has no budget of its own; the environment's are in [budgets]({BUDGETS})."
        )  # fmt: skip
        return text(
            "## Cost",
            "",
            f"[Cost Explorer]({COSTS}) tells it by the tag **{USE_CASE}** = `{self._stack.use_case.name}`, "
            "a day later.",
            "",
            planned,
            "",
            "It follows from the instances that answer, from executions, and from runs of the monitors.",
            height=GRAPH_HEIGHT,
        )

    def _drift(self) -> Iterator[Widget]:
        for what, drift in self._measured.drift.items():
            threshold = self._stack.use_case.drift.threshold
            yield self._measuring.graph(
                f"Drift{what} from the training data, by feature",
                list(drift.metrics.values()),
                limit(threshold, f"alarm above {threshold:g}"),
            )

    def _quality(self) -> Iterator[Widget]:
        if self._measured.quality:
            success = self._stack.use_case.success
            criterion = f"{success.comparison.replace('_', ' ')} {success.threshold:g}"
            yield self._measuring.graph(
                "Quality by what really happened",
                self._measured.quality,
                limit(success.threshold, criterion),
                from_zero=False,
            )

    def _answers(self) -> Iterator[Widget]:
        for name, title in ANSWERS.items():
            watched = [each for each in self._measured.answers if each.metric == name]
            limits = {each.limit: limit(each.limit, f"limit {each.limit:g}") for each in watched}
            if watched:
                published = [replace(each.published, label=f"by {each.measured_by}") for each in watched]
                yield self._measuring.graph(title, published, *limits.values(), from_zero=False)


def _term(variant: str, name: str) -> str:
    """What metric math calls a metric of a variant: it begins with a small letter."""
    return name if variant == VARIANT else f"{name}{variant}"
