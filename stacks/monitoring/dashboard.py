"""One page per use case: alarms, traffic, errors, latency, instances, drift, quality, executions, cost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.answers import Watched
from stacks.monitoring.drift import FeatureDrift
from stacks.parts.alarms import runbook
from stacks.parts.model_version import ModelVersion
from stacks.parts.place import USE_CASE
from stacks.serving.variants import VARIANT, variants_of
from stacks.use_case_stack import UseCaseStack

COLUMNS = 24
SHOWN_DAYS = 7
MINUTES_SUMMED = 5
COSTS = "https://console.aws.amazon.com/costmanagement/home#/cost-explorer"
BUDGETS = "https://console.aws.amazon.com/costmanagement/home#/budgets"
ANSWERS = {
    "bias_drift": "How much farther from equal groups fare",
    "attribution_agreement_at_best": "Whether the same features move the answers",
}
"""Titles by the metric that is watched."""
Widget = Callable[..., cloudwatch.IWidget]
"""Whose width is not known yet."""


@dataclass(frozen=True)
class Measured:
    """What monitors publish, with the names of the state machines that work for the model; may be empty."""

    drift: Mapping[str, FeatureDrift]
    """By what has moved, as a title ends: of batches, or nothing."""
    quality: Sequence[cloudwatch.IMetric]
    answers: Sequence[Watched]
    machines: Mapping[str, str]
    """By what they do."""
    rows: cloudwatch.IMetric | None
    """Of each batch; 0 of one without any."""


class Dashboard:
    """The dashboard named like the endpoint, without what nobody measures.

    It exists before the endpoint does, and is empty until then. Graphs have all variants of the endpoint.
    """

    def __init__(self, stack: UseCaseStack, version: ModelVersion, measured: Measured) -> None:
        self._stack, self._version, self._measured = stack, version, measured
        self._serving = stack.deployment.endpoint
        variants = variants_of(stack.deployment, version.value)
        self._variants = [variant.name for variant in variants]
        self._answering = [variant.name for variant in variants if not variant.is_shadow]

    def create(self) -> cloudwatch.Dashboard:
        rows = (
            [self._heading()],
            [*self._alarms()],
            [*self._numbers()],
            [self._traffic(), self._errors(), self._latency()],
            [*self._instances(), self._executions(), self._costs()],
            [*self._drift(), *self._quality()],
            [*self._answers()],
        )
        return cloudwatch.Dashboard(
            self._stack,
            "Dashboard",
            dashboard_name=self._stack.fixed_name,
            default_interval=cdk.Duration.days(SHOWN_DAYS),
            period_override=cloudwatch.PeriodOverride.INHERIT,
            widgets=[_filling(row) for row in rows if row],
        )

    def _heading(self) -> Widget:
        use_case, delivery = self._stack.use_case, self._stack.settings.delivery
        address = runbook(delivery)
        what_to_do = f"[what to do when an alarm is raised]({address})" if delivery else f"`{address}`"
        lines = (
            f"# {use_case.name} in {self._stack.settings.prefix}",
            f"Predicts **{use_case.target}** ({use_case.problem}) · times are UTC · {what_to_do}",
        )
        return partial(cloudwatch.TextWidget, markdown="\n".join(lines), height=2)

    def _alarms(self) -> Iterator[Widget]:
        """Those of this stack, which exist with a model only.

        Those of the endpoint and of batches have names that only their stack knows; an export of them would
        keep that stack from changing or removing one.
        """
        found = [each for each in self._stack.node.find_all() if isinstance(each, cloudwatch.CfnAlarm)]
        nothing = self._stack.place.arn("cloudwatch", f"alarm:{self._stack.fixed_name}-none")
        alarms = [
            cloudwatch.Alarm.from_alarm_arn(
                self._stack,
                f"Shown{number}",
                self._version.only_with_model(alarm.attr_arn, f"{nothing}{number}"),
            )
            for number, alarm in enumerate(found)
        ]
        if alarms:
            yield partial(
                cloudwatch.AlarmStatusWidget,
                title="Alarms of the monitors",
                alarms=alarms,
                height=1 + (len(alarms) + 3) // 4,
            )

    def _numbers(self) -> Iterator[Widget]:
        """Of all that is shown: what one looks for first."""
        sums = {} if self._serving.asynchronous else {"Requests": "Invocations"}
        for title, name in {**sums, "Server errors": "Invocation5XXErrors"}.items():
            yield self._number(title, self._over_variants(name, title), over_all=True)
        who = self._labelled(VARIANT, "99 of 100 answers within, ms")
        yield self._number(who, self._milliseconds["p99", VARIANT])
        for what, drift in self._measured.drift.items():
            limit = self._stack.use_case.drift.threshold
            yield self._number(f"Largest drift{what}, limit {limit:g}", drift.largest)
        if self._measured.rows:
            yield self._number("Rows of the day's smallest batch", self._measured.rows)
        if self._measured.quality:
            success = self._stack.use_case.success
            yield self._number(f"Live {success.metric}", self._measured.quality[0])

    def _number(self, title: str, metric: cloudwatch.IMetric, *, over_all: bool = False) -> Widget:
        return partial(
            cloudwatch.SingleValueWidget,
            title=title,
            metrics=[metric],
            height=2,
            set_period_to_time_range=over_all,
        )

    def _metric(
        self, name: str, statistic: str, *, label: str | None = None, variant: str | None = VARIANT
    ) -> cloudwatch.Metric:
        of_variant = {"VariantName": variant} if variant else {}
        answers = {"EndpointName": self._stack.fixed_name, **of_variant}
        if self._serving.shared:
            answers = {"InferenceComponentName": self._stack.fixed_name}
        return cloudwatch.Metric(
            namespace="AWS/SageMaker",
            metric_name=name,
            dimensions_map=answers,
            statistic=statistic,
            label=label,
            period=cdk.Duration.minutes(MINUTES_SUMMED),
        )

    @cached_property
    def _milliseconds(self) -> Mapping[tuple[str, str], cloudwatch.MathExpression]:
        """ModelLatency by statistic and variant; CloudWatch has it in microseconds."""
        return {
            (statistic, variant): cloudwatch.MathExpression(
                expression=f"{name}/1000",
                using_metrics={name: self._metric("ModelLatency", statistic, variant=variant)},
                label=self._labelled(variant, label),
                period=cdk.Duration.minutes(MINUTES_SUMMED),
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

    def _of_each_variant(self, name: str, label: str) -> list[cloudwatch.IMetric]:
        return [
            self._metric(name, "Sum", label=self._labelled(variant, label), variant=variant)
            for variant in self._variants
        ]

    def _over_variants(self, name: str, label: str) -> cloudwatch.IMetric:
        """Without copies that a shadow is sent."""
        if len(self._answering) == 1:
            return self._metric(name, "Sum", label=label)
        return cloudwatch.MathExpression(
            expression="SUM(METRICS())",
            using_metrics={
                _term(variant, "counted"): self._metric(name, "Sum", variant=variant)
                for variant in self._answering
            },
            label=label,
            period=cdk.Duration.minutes(MINUTES_SUMMED),
        )

    def _traffic(self) -> Widget:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
        if self._serving.asynchronous:
            waiting = self._metric("ApproximateBacklogSize", "Maximum", variant=None)
            return _graph("Requests that wait", [waiting])
        return _graph(
            f"Requests in {MINUTES_SUMMED} minutes", self._of_each_variant("Invocations", "requests")
        )

    def _errors(self) -> Widget:
        kinds = {"4XX": "refused requests", "5XX": "server errors"}
        errors = [
            metric
            for kind, told in kinds.items()
            for metric in self._of_each_variant(f"Invocation{kind}Errors", told)
        ]
        return _graph(f"Errors in {MINUTES_SUMMED} minutes", errors)

    def _latency(self) -> Widget:
        limit = self._serving.latency_p99_ms
        return _graph(
            "Latency of the model, ms",
            list(self._milliseconds.values()),
            _limit(limit, f"an update is taken back above {limit:g} ms"),
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
            cloudwatch.MathExpression(
                expression=f"{asked}/{share}",
                using_metrics={
                    asked: self._metric("Invocations", "Sum", variant=variant),
                    share: self._metric(
                        "InvocationsPerCopy" if shared else "InvocationsPerInstance", "Sum", variant=variant
                    ),
                },
                label=self._labelled(variant, f"{what} that answer"),
                period=cdk.Duration.minutes(MINUTES_SUMMED),
            )
            for variant in self._variants
            for asked, share in [(_term(variant, "asked"), _term(variant, "share"))]
        ]
        most = (shared.copies if shared else self._serving.instances).max
        yield _graph(what.capitalize(), answering, _limit(most, f"at most {most}"))

    def _executions(self) -> Widget:
        def executions(namespace: str, name: str, of: Mapping[str, str], label: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace=namespace,
                metric_name=name,
                dimensions_map=dict(of),
                statistic="Sum",
                label=label,
                period=cdk.Duration.hours(1),
            )

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
        return _graph("Executions in an hour", [*of_pipeline, *of_machines])

    def _costs(self) -> Widget:
        """What a use case costs is no metric: AWS tells it by tags, a day later."""
        budget = self._stack.deployment.monthly_budget_usd
        limit = f"At most **${budget:g}** a month are planned: [budgets]({BUDGETS})." if budget else (
            f"It has no budget of its own; the environment's are in [budgets]({BUDGETS})."
        )  # fmt: skip
        lines = (
            "## Cost",
            f"[Cost Explorer]({COSTS}) tells it by the tag **{USE_CASE}** = `{self._stack.use_case.name}`, "
            "a day later.",
            limit,
            "It follows from the instances that answer, from executions, and from runs of the monitors.",
        )
        return partial(cloudwatch.TextWidget, markdown="\n\n".join(lines), height=6)

    def _drift(self) -> Iterator[Widget]:
        for what, drift in self._measured.drift.items():
            limit = self._stack.use_case.drift.threshold
            yield _graph(
                f"Drift{what} from the training data, by feature",
                list(drift.metrics.values()),
                _limit(limit, f"alarm above {limit:g}"),
            )

    def _quality(self) -> Iterator[Widget]:
        if self._measured.quality:
            success = self._stack.use_case.success
            criterion = f"{success.comparison.replace('_', ' ')} {success.threshold:g}"
            yield partial(
                cloudwatch.GraphWidget,
                title="Quality by what really happened",
                left=list(self._measured.quality),
                left_annotations=[_limit(success.threshold, criterion)],
            )

    def _answers(self) -> Iterator[Widget]:
        for name, title in ANSWERS.items():
            watched = [each for each in self._measured.answers if each.metric == name]
            limits = {each.limit: _limit(each.limit, f"limit {each.limit:g}") for each in watched}
            if watched:
                yield partial(
                    cloudwatch.GraphWidget,
                    title=title,
                    left=[each.published.with_(label=f"by {each.measured_by}") for each in watched],
                    left_annotations=list(limits.values()),
                )


def _term(variant: str, name: str) -> str:
    """What metric math calls a metric of a variant: it begins with a small letter."""
    return name if variant == VARIANT else f"{name}{variant}"


def _limit(value: float, label: str) -> cloudwatch.HorizontalAnnotation:
    return cloudwatch.HorizontalAnnotation(value=value, label=label, color=cloudwatch.Color.RED)


def _graph(
    title: str, metrics: Sequence[cloudwatch.IMetric], *limits: cloudwatch.HorizontalAnnotation
) -> Widget:
    """A graph whose axis begins at zero."""
    return partial(
        cloudwatch.GraphWidget,
        title=title,
        left=list(metrics),
        left_annotations=list(limits) or None,
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
    )


def _filling(row: Sequence[Widget]) -> list[cloudwatch.IWidget]:
    """The row, as wide as the page."""
    ends = [COLUMNS * number // len(row) for number in range(len(row) + 1)]
    return [widget(width=end - start) for widget, start, end in zip(row, ends, ends[1:], strict=False)]
