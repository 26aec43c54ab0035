"""The CDK's own alarm is the referee: ours is the same resource, made by one call."""

from functools import partial

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from config.settings import Settings
from stacks.parts.alarms import ABOVE, AT_LEAST, BELOW, create_alarm, runbook
from stacks.parts.environment_stack import EnvironmentStack
from stacks.parts.metrics import HOUR, MINUTE, Figure, MathExpression, Metric

NAMESPACE, NAME = "AWS/SageMaker", "Invocations"
DIMENSIONS = {"VariantName": "AllTraffic", "EndpointName": "prices"}
COMPARISONS = {
    ABOVE: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    AT_LEAST: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    BELOW: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
}


class Stack(EnvironmentStack):
    """Of no use case."""

    kind = "alarms"
    purpose = "Alarms."


@pytest.fixture
def stack(settings: Settings) -> Stack:
    return Stack(cdk.App(analytics_reporting=False), settings.environments[0])


def _ours(statistic: str, label: str | None = None) -> Metric:
    return Metric(NAMESPACE, NAME, DIMENSIONS, statistic, 5 * MINUTE, label)


def _theirs(statistic: str, label: str | None = None) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=NAME,
        dimensions_map=DIMENSIONS,
        statistic=statistic,
        period=cdk.Duration.minutes(5),
        label=label,
    )


def _their_sum() -> cloudwatch.MathExpression:
    parts = {"first": _theirs("Sum", "one of two"), "second": _theirs("p99")}
    expression = partial(cloudwatch.MathExpression, expression="first/second", label="Sum")
    return expression(using_metrics=parts, period=cdk.Duration.minutes(5))


OUR_SUM = MathExpression("first/second", {"first": _ours("Sum", "one of two"), "second": _ours("p99")}, "Sum")


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize(
    ("figure", "theirs", "few"),
    [
        (_ours("Sum"), partial(_theirs, "Sum"), None),
        (_ours("p99"), partial(_theirs, "p99"), "ignore"),
        (_ours("tm99"), partial(_theirs, "tm99"), None),
        (OUR_SUM, _their_sum, None),
    ],
)
def test_an_alarm_is_what_the_cdks_own_would_be(
    stack: Stack, figure: Figure, theirs: partial[cloudwatch.Metric], few: str | None, comparison: str
) -> None:
    topic = sns.Topic(stack, "Topic")
    create_alarm(
        Construct(stack, "Ours"),
        "Rush",
        figure,
        comparison,
        0.5,
        periods=3,
        description="too many",
        actions=[topic.topic_arn],
    )
    alarm = theirs().create_alarm(
        Construct(stack, "Theirs"),
        "Rush",
        alarm_description=f"too many. What to do: {runbook(stack.settings.delivery)}#oursrush",
        threshold=0.5,
        evaluation_periods=3,
        comparison_operator=COMPARISONS[comparison],
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        evaluate_low_sample_count_percentile=few,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
    found = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    ours, own = (next(found[name] for name in found if name.startswith(who)) for who in ("Ours", "Theirs"))
    assert ours == own


def test_an_alarm_has_the_name_in_the_template_that_the_cdks_own_would_have(settings: Settings) -> None:
    ids = []
    for ours in (True, False):
        stack = Stack(cdk.App(analytics_reporting=False), settings.environments[0])
        if ours:
            create_alarm(stack, "Rush", _ours("Sum"), ABOVE, 1, description="too many", actions=[])
        else:
            _theirs("Sum").create_alarm(stack, "Rush", threshold=1, evaluation_periods=1)
        ids += assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    assert ids[0] == ids[1]


def test_metrics_of_other_periods_are_not_computed_from() -> None:
    """The CDK's own would overrule them; CloudWatch computes from points of the same moments."""
    hourly = Metric(NAMESPACE, NAME, DIMENSIONS, "Sum", HOUR)
    with pytest.raises(ValueError, match=r"first/second: .*: 300, 3600"):
        MathExpression("first/second", {"first": _ours("Sum"), "second": hourly}, "Sum")
