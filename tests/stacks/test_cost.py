"""What is spent is known by its tags, people hear of it, and what nobody needs rests or goes."""

import re
from pathlib import Path

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from config.settings import Environment, OffHours, Settings
from config.values.tags import RESERVED_TAGS
from stacks.foundation.budgets import MOST_NOTIFICATIONS
from stacks.stage import build_app
from tests.stacks.cloud import Cloud, Resource, read_assembly

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
# In Studio a replacement is noticed by people, so a changed tag must not reach it.
WITHOUT_CONFIGURED_TAGS = (
    "AWS::SageMaker::Domain",
    "AWS::SageMaker::StudioLifecycleConfig",
    "AWS::SageMaker::UserProfile",
)
OFF_HOURS = OffHours(stop="19:00", start="07:00", timezone="Europe/Berlin")


@pytest.fixture(scope="module")
def dev(settings: Settings) -> Environment:
    return next(environment for environment in settings.environments if environment.name == "dev")


def synthesized(settings: Settings, folder: Path, *environments: Environment) -> Cloud:
    build_app(settings.model_copy(update={"environments": environments}), outdir=str(folder)).synth()
    return Cloud(read_assembly(folder))


def in_stack(cloud: Cloud, stack: str, type_name: str) -> list[Resource]:
    found = [resource for resource in cloud.resources if resource.type == type_name]
    return [resource for resource in found if resource.template.stack == stack]


def with_limits(environment: Environment, monthly_usd: float, least: int, most: int) -> Environment:
    """The environment with a budget for its use case, whose endpoint has so many instances."""
    deployment = environment.use_cases["house-prices"]
    instances = deployment.endpoint.instances.model_copy(update={"min": least, "max": most})
    changed = deployment.model_copy(
        update={
            "monthly_budget_usd": monthly_usd,
            "endpoint": deployment.endpoint.model_copy(update={"instances": instances}),
        }
    )
    return environment.model_copy(update={"use_cases": {"house-prices": changed}, "off_hours": OFF_HOURS})


@pytest.fixture(scope="module")
def limited(settings: Settings, dev: Environment, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    return synthesized(settings, tmp_path_factory.mktemp("limited"), with_limits(dev, 50, 2, 2))


def filters_of(budgets: list[Resource]) -> dict[str, float]:
    return {
        budget.get("Budget", "CostFilters", "TagKeyValue")[0]: budget.get("Budget", "BudgetLimit", "Amount")
        for budget in budgets
    }


def test_every_environment_with_a_budget_has_one_by_its_tag(shipped: Cloud, settings: Settings) -> None:
    for environment in settings.environments:
        assert environment.budget
        found = in_stack(shipped, f"{environment.name}-foundation", "AWS::Budgets::Budget")
        assert filters_of(found) == {f"user:environment${environment.name}": environment.budget.monthly_usd}


def test_a_use_case_with_a_limit_has_a_budget_by_its_tag(limited: Cloud, dev: Environment) -> None:
    assert dev.budget
    assert filters_of(in_stack(limited, "dev-foundation", "AWS::Budgets::Budget")) == {
        "user:environment$dev": dev.budget.monthly_usd,
        "user:use-case$house-prices": 50,
    }


def test_what_budgets_count_by_is_on_every_resource_that_takes_tags(limited: Cloud) -> None:
    for resource in limited.resources:
        property_name = tag_property(resource.type)
        tags = resource.get(property_name) if property_name else None
        if tags is not None:
            named = dict(tags) if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
            expected = {"environment": "dev"}
            if resource.type not in WITHOUT_CONFIGURED_TAGS:
                expected["cost-center"] = "machine-learning"
            assert expected.items() <= named.items(), resource
            if "-house-prices-" in resource.template.stack:
                assert named.get("use-case") == "house-prices", resource


def test_tags_of_the_configuration_and_the_project_do_not_meet(settings: Settings) -> None:
    for environment in settings.environments:
        assert not set(environment.tags) & set(RESERVED_TAGS)


def test_people_are_told_by_mail_and_by_the_alert_topic(cloud: Cloud) -> None:
    for budget in cloud.of_type("AWS::Budgets::Budget"):
        notifications = budget.get("NotificationsWithSubscribers")
        assert 1 <= len(notifications) <= MOST_NOTIFICATIONS, budget
        assert {"FORECASTED"} < {item["Notification"]["NotificationType"] for item in notifications}, budget
        for item in notifications:
            sns, email = item["Subscribers"]
            assert (sns["SubscriptionType"], email["SubscriptionType"]) == ("SNS", "EMAIL"), budget
            (topic,) = cloud.referenced(budget.template, sns["Address"])
            assert topic.type == "AWS::SNS::Topic", budget


def test_a_budget_can_change_its_notifications(cloud: Cloud) -> None:
    """That replaces it, and while the old one exists its name is taken."""
    for budget in cloud.of_type("AWS::Budgets::Budget"):
        assert budget.get("Budget", "BudgetName") is None, budget


def test_budgets_may_publish_on_behalf_of_their_account_only(shipped: Cloud) -> None:
    for budget in shipped.of_type("AWS::Budgets::Budget"):
        here = budget.template.resources
        policies = [item for item in here if item.type in ("AWS::SNS::TopicPolicy", "AWS::KMS::Key")]
        statements = [
            statement
            for policy in policies
            for statement in (policy.get("PolicyDocument") or policy.get("KeyPolicy"))["Statement"]
            if statement.get("Principal") == {"Service": "budgets.amazonaws.com"}
        ]
        assert {statement["Sid"] for statement in statements} == {
            "BudgetsPublish",
            "PublishEncryptedBudgetAlerts",
        }
        account = budget.template.account
        for statement in statements:
            assert statement["Condition"] == {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{account}:*"},
            }
        assert any(str(policy) in shipped.waits_for(budget) for policy in policies if "Topic" in policy.type)


def test_off_hours_an_endpoint_runs_on_one_instance_and_may_grow_again_afterwards(limited: Cloud) -> None:
    (target,) = in_stack(limited, "dev-house-prices-serving", "AWS::ApplicationAutoScaling::ScalableTarget")
    rest, work = target.get("ScheduledActions")
    assert rest["Schedule"] == "cron(0 19 ? * MON-FRI *)"
    assert rest["ScalableTargetAction"] == {"MinCapacity": 1, "MaxCapacity": 1}
    assert work["Schedule"] == "cron(0 7 ? * MON-FRI *)"
    assert work["ScalableTargetAction"] == {"MinCapacity": 2, "MaxCapacity": 2}
    assert rest["Timezone"] == work["Timezone"] == "Europe/Berlin"


def test_an_endpoint_that_rests_is_updated_all_at_once(limited: Cloud) -> None:
    """A canary takes half of a fleet, which one instance is not."""
    (endpoint,) = in_stack(limited, "dev-house-prices-serving", "AWS::SageMaker::Endpoint")
    policy = endpoint.get("DeploymentConfig", "BlueGreenUpdatePolicy")
    assert policy["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"


def test_production_does_not_rest(cloud: Cloud) -> None:
    for target in cloud.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        if target.template.environment != "dev":
            assert target.get("ScheduledActions") is None, target


def test_log_groups_of_jobs_expire_and_are_made_once_in_an_account(
    settings: Settings, dev: Environment, tmp_path: Path
) -> None:
    neighbour = dev.model_copy(update={"name": "test"})
    abroad = dev.model_copy(
        update={"name": "abroad", "region": "eu-west-1", "delivery": None, "studio": None}
    )
    zones = abroad.network.model_copy(update={"availability_zones": ("eu-west-1a", "eu-west-1b")})
    cloud = synthesized(settings, tmp_path, dev, neighbour, abroad.model_copy(update={"network": zones}))
    names = {"/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs"}
    made = [group for group in cloud.of_type("AWS::Logs::LogGroup") if group.get("LogGroupName") in names]
    assert (
        sorted(group.template.stack for group in made) == ["abroad-foundation"] * 2 + ["dev-foundation"] * 2
    )
    providers = cloud.of_type("AWS::IAM::OIDCProvider")
    assert [provider.template.stack for provider in providers] == ["dev-delivery"]


def test_every_log_group_expires(cloud: Cloud) -> None:
    for group in cloud.of_type("AWS::Logs::LogGroup"):
        assert group.get("RetentionInDays"), group


def tag_property(type_name: str) -> str | None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_name).schema
    tagging = schema.get("tagging") or {}
    default = "/properties/Tags" if "Tags" in schema["properties"] else ""
    return str(tagging.get("tagProperty", default)).removeprefix("/properties/") or None


def test_operations_names_everything_that_a_changed_tag_replaces(
    settings: Settings, dev: Environment, tmp_path: Path
) -> None:
    changed = dev.model_copy(update={"tags": {"cost-center": "other"}})
    before = synthesized(settings, tmp_path / "before", dev)
    after = synthesized(settings, tmp_path / "after", changed)
    new = {str(resource): resource for resource in after.resources}
    replaced = set()
    for resource in before.resources:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource.type).schema
        fixed = {path.split("/")[2] for path in schema.get("createOnlyProperties", [])}
        if any(resource.get(name) != new[str(resource)].get(name) for name in fixed):
            replaced.add(resource.type)
    assert "AWS::SageMaker::DataQualityJobDefinition" in replaced
    table = OPERATIONS.read_text("utf-8").partition("## Tags")[2].partition("`cdk diff`")[0]
    assert replaced == set(re.findall(r"^\| `(AWS::\S+)` ", table, re.MULTILINE))


def test_a_stage_without_a_budget_has_none(settings: Settings, dev: Environment, tmp_path: Path) -> None:
    cloud = synthesized(settings, tmp_path, dev.model_copy(update={"budget": None}))
    assert [item for item in cloud.resources if item.type == "AWS::Budgets::Budget"] == []
