"""What is spent is known by its tags, people hear of it, and what nobody needs rests or goes."""

from config.settings import Environment
from config.values.tags import RESERVED_TAGS
from stacks.foundation.budgets import MOST_NOTIFICATIONS
from tests.stacks.cloud import Cloud, Resource
from tools.local_aws.cloudformation.schemas import resource_schema

BUDGET = "AWS::Budgets::Budget"
# In Studio a replacement is noticed by people, so a changed tag must not reach it.
WITHOUT_CONFIGURED_TAGS = (
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::StudioLifecycleConfig",
    "AWS::SageMaker::UserProfile",
)


def tags_of(resource: Resource) -> dict[str, str] | None:
    """None for a type that takes no tags."""
    schema = resource_schema(resource.type)
    assert schema, resource
    # The schema of monitoring schedules has the property, and says nothing about tagging.
    name = schema.tag_property or ("Tags" if "Tags" in schema.properties else None)
    if name is None:
        return None
    tags = resource.get(name) or {}
    return dict(tags) if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def test_what_budgets_count_by_is_on_every_resource_that_takes_tags(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for resource in cloud.resources:
        tags = tags_of(resource)
        if tags is None:
            continue
        environment = environments[resource.template.environment]
        expected = {"environment": environment.prefix}
        if resource.type not in WITHOUT_CONFIGURED_TAGS:
            expected |= environment.tags
        use_case = resource.template.short_name.rpartition("-")[0]
        if use_case in environment.use_cases:
            expected["use-case"] = use_case
        assert expected.items() <= tags.items(), resource


def test_tags_of_the_configuration_and_the_project_do_not_meet(environments: dict[str, Environment]) -> None:
    for environment in environments.values():
        assert not set(environment.tags) & set(RESERVED_TAGS)


def test_every_environment_with_a_budget_has_one_by_its_tag(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for environment in environments.values():
        prefix = environment.prefix
        limits = {f"user:environment${prefix}": environment.budget and environment.budget.monthly_usd} | {
            f"user:use-case${use_case}": deployment.monthly_budget_usd
            for use_case, deployment in environment.use_cases.items()
        }
        budgets = [budget.get("Budget") for budget in cloud.stack(f"{prefix}-foundation").of_type(BUDGET)]
        found = {
            budget["CostFilters"]["TagKeyValue"][0]: budget["BudgetLimit"]["Amount"] for budget in budgets
        }
        assert found == {tag: limit for tag, limit in limits.items() if limit is not None}
        for budget in budgets:
            what = (budget["BudgetType"], budget["TimeUnit"], budget["BudgetLimit"]["Unit"])
            assert what == ("COST", "MONTHLY", "USD")


def test_people_are_told_by_mail_and_by_the_alert_topic(cloud: Cloud) -> None:
    for budget in cloud.of_type(BUDGET):
        notifications = budget.get("NotificationsWithSubscribers")
        assert 1 <= len(notifications) <= MOST_NOTIFICATIONS, budget
        assert {"FORECASTED"} < {item["Notification"]["NotificationType"] for item in notifications}, budget
        levels = [
            (item["Notification"]["NotificationType"], item["Notification"]["Threshold"])
            for item in notifications
        ]
        assert levels == [("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)], budget
        for item in notifications:
            said = (item["Notification"]["ComparisonOperator"], item["Notification"]["ThresholdType"])
            assert said == ("GREATER_THAN", "PERCENTAGE"), budget
            sns, email = item["Subscribers"]
            assert (sns["SubscriptionType"], email["SubscriptionType"]) == ("SNS", "EMAIL"), budget
            (topic,) = cloud.referenced(budget.template, sns["Address"])
            assert topic.type == "AWS::SNS::Topic", budget


def test_a_budget_can_change_its_notifications(cloud: Cloud) -> None:
    """That replaces it, and while the old one exists its name is taken."""
    for budget in cloud.of_type(BUDGET):
        assert budget.get("Budget", "BudgetName") is None, budget


def test_a_budget_waits_for_the_permission_to_publish(cloud: Cloud) -> None:
    for budget in cloud.of_type(BUDGET):
        (policy,) = budget.template.of_type("AWS::SNS::TopicPolicy")
        assert str(policy) in cloud.waits_for(budget), budget


def test_endpoints_rest_only_where_that_is_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for target in cloud.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        rests = environments[target.template.environment].off_hours is not None
        assert rests or target.get("ScheduledActions") is None, target
