"""Budgets: people are told before money is gone. Nothing is switched off."""

from dataclasses import dataclass

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct, IDependable

from config.settings import Budget, Environment
from stacks.parts.place import ENVIRONMENT, USE_CASE, Place
from stacks.permissions.statements import Conditions, allow

MOST_NOTIFICATIONS = 5
"""AWS's limit: https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html"""


@dataclass(frozen=True)
class _Limit:
    """What everything with one tag may cost a month."""

    construct_id: str
    tag: str
    value: str
    monthly_usd: float


def create_budgets(scope: Construct, environment: Environment, *, topic: sns.Topic, key: kms.Key) -> None:
    """A budget for the environment and for each use case that has a limit, told apart by their tags.

    AWS counts tags only after they have been activated as cost allocation tags in the billing console.
    """
    limits = _limits_of(environment)
    if not limits:
        return
    topic_policy = _let_budgets_publish(topic, key)
    percentages = (environment.budget or Budget(monthly_usd=limits[0].monthly_usd)).alert_percentages
    subscribers = [budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=topic.topic_arn)]
    if environment.alerts.email:
        subscribers.append(
            budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=environment.alerts.email)
        )
    for limit in limits:
        budget = _create_budget(scope, limit, percentages, subscribers)
        # AWS sends a test message to the topic, which has to let it in by then.
        budget.node.add_dependency(topic_policy)


def _limits_of(environment: Environment) -> list[_Limit]:
    limits = []
    if environment.budget:
        limits.append(_Limit("Budget", ENVIRONMENT, environment.prefix, environment.budget.monthly_usd))
    for name, deployment in environment.use_cases.items():
        if deployment.monthly_budget_usd:
            words = "".join(word.capitalize() for word in name.split("-"))
            limits.append(_Limit(f"{words}Budget", USE_CASE, name, deployment.monthly_budget_usd))
    return limits


def _let_budgets_publish(topic: sns.Topic, key: kms.Key) -> IDependable:
    """https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html"""
    place, service = Place.of(topic), iam.ServicePrincipal("budgets.amazonaws.com")
    on_behalf: Conditions = {
        "StringEquals": {"aws:SourceAccount": place.account},
        "ArnLike": {"aws:SourceArn": place.global_arn("budgets", "*")},
    }
    policy = topic.add_to_resource_policy(
        allow("BudgetsPublish", "sns:Publish", [topic.topic_arn], on_behalf).about(service)
    )
    assert policy.policy_dependable
    key.add_to_resource_policy(
        allow("PublishEncryptedBudgetAlerts", "kms:Decrypt kms:GenerateDataKey*", ["*"], on_behalf).about(
            service
        )
    )
    return policy.policy_dependable


def _create_budget(
    scope: Construct,
    limit: _Limit,
    percentages: tuple[int, ...],
    subscribers: list[budgets.CfnBudget.SubscriberProperty],
) -> budgets.CfnBudget:
    """A budget that has no name: other notifications replace it, and a name could not be taken twice."""
    budget = budgets.CfnBudget
    notifications = [("ACTUAL", percentage) for percentage in percentages]
    if len(notifications) < MOST_NOTIFICATIONS:
        notifications.append(("FORECASTED", 100))
    return budget(
        scope,
        limit.construct_id,
        budget=budget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budget.SpendProperty(amount=limit.monthly_usd, unit="USD"),
            cost_filters={"TagKeyValue": [f"user:{limit.tag}${limit.value}"]},
        ),
        notifications_with_subscribers=[
            budget.NotificationWithSubscribersProperty(
                notification=budget.NotificationProperty(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percentage,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=subscribers,
            )
            for kind, percentage in notifications
        ],
    )
