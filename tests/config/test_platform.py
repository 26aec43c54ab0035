"""Everything of the platform that can be switched on, together; and what follows from it."""

from typing import TYPE_CHECKING, Any

import pytest

from config.facts.aws import ALWAYS, ENDPOINTS
from config.models.environment import MonitoringResources
from config.models.options import needed_vpc_endpoints
from config.settings import (
    BucketSource,
    Catalog,
    DynamodbSource,
    JdbcSource,
    Settings,
    Source,
    Studio,
    Workteam,
)
from tools.local_aws.scheduler.expressions import is_schedule

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

JDBC = {"url": "jdbc:mysql://sales:3306/sales", "secret": "sales-reader", "table": "public.rents"}
BUCKET = {"name": "sales-exports", "prefix": "rents", "account": "333333333333"}
DEV, PROD, RENTS = "environments/dev", "environments/prod", "use_cases/rents"
EVERYTHING: dict[str, Any] = {
    "alerts": {"email": "alerts@example.com"},
    "studio": {
        "sign_in": "identity-center",
        "people": {"dana-lee": {"persona": "data-engineer", "single_sign_on_user": "dana@example.com"}},
        "idle_minutes": 525600,
        "storage_gb": {"default": 10, "max": 10},
        "instance_types": ["ml.m5.large"],
        "canvas": True,
        "mlflow": "tracking-server",
        "mlflow_size": "Large",
    },
    "catalog": {
        "scan_limit_gb": 1,
        "crawler_hour_utc": 5,
        "databrew": True,
        "feature_store": "online",
        "workteam": {
            "user_pool_id": "eu-west-1_Abc123",
            "client_id": "abc123",
            "user_groups": ["labellers"],
        },
    },
    "delivery": {"github_repository": "Octo-Org/octo.repo_1", "github_environment": "Dev"},
    "replication_region": "eu-central-1",
    "budget": {"monthly_usd": 200, "alert_percentages": [90, 120]},
    "off_hours": {"days": ["FRI"], "stop": "19:00", "start": "07:00", "timezone": "Europe/Berlin"},
    "tags": {"cost-center": "machine learning/7", "Owner": "alerts@example.com"},
}


def everything(workspace: "Workspace") -> Settings:
    for key, value in EVERYTHING.items():
        workspace.set(DEV, key, value)
    workspace.set(DEV, "use_cases.rents.monthly_budget_usd", 99.5)
    workspace.set(RENTS, "personal_data", {"Contract": "drop"})
    settings: Settings = workspace.load()
    return settings


def test_everything_can_be_switched_on(workspace: "Workspace") -> None:
    dev = everything(workspace).environments[0]
    given = dev.model_dump(exclude_unset=True, mode="json")
    assert {key: given[key] for key in EVERYTHING} == EVERYTHING
    assert dev.use_cases["rents"].monthly_budget_usd == 99.5


def test_nothing_of_it_is_there_unless_it_is_switched_on(workspace: "Workspace") -> None:
    prod = workspace.load().environments[1]
    switches = (
        prod.studio,
        prod.catalog,
        prod.delivery,
        prod.replication_region,
        prod.budget,
        prod.off_hours,
    )
    assert switches == (None,) * 6
    assert prod.tags == {}
    assert workspace.load().use_cases["rents"].source is None


def test_what_is_closed_to_new_customers_says_so_where_it_is_chosen() -> None:
    """The descriptions are also the schema's, which editors show."""
    engine, workteam = MonitoringResources.model_fields["engine"], Catalog.model_fields["workteam"]
    for description in (engine.description, workteam.description, Workteam.__doc__):
        assert "closed to new customers" in str(description)


def test_a_source_is_read(workspace: "Workspace") -> None:
    emr = {"cluster_id": "j-2AXXXXXXGAPLF", "script": "s3://code/prepare.py", "arguments": ["--year", "2025"]}
    workspace.set(RENTS, "source", {"emr": emr})
    source = workspace.load().use_cases["rents"].source
    assert source
    assert source.model_dump(exclude_none=True, mode="json") == {"emr": emr}


@pytest.mark.parametrize(
    "schedule",
    [
        *("rate(1 day)", "rate(12 hours)", "cron(0 3 * * ? *)", "cron(0 3 ? * MON-FRI *)"),
        *(
            "cron(15 10 ? * 6L 2026-2030)",
            "cron(0 8 1 * ? *)",
            "cron(0 2 ? * SAT#3 *)",
            "cron(30 0/6 L * ? *)",
        ),
    ],
)
def test_a_schedule_of_deliveries_is_what_aws_takes(workspace: "Workspace", schedule: str) -> None:
    workspace.set(RENTS, "source", {"dynamodb": {"table": "rents"}, "schedule": schedule})
    source = workspace.load().use_cases["rents"].source
    assert source
    assert source.schedule == schedule
    assert is_schedule(schedule, ["cron", "loose rate"])


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("jdbc:postgresql://sales.example.internal:5432/sales?sslmode=require", 5432),
        ("jdbc:mysql://sales:3306/sales", 3306),
        ("jdbc:sqlserver://sales:1433;databaseName=sales;encrypt=true", 1433),
        ("jdbc:oracle:thin:@//sales:1521/SALES", 1521),
        ("jdbc:oracle:thin:@sales:1521:sales", 1521),
        ("jdbc:redshift://sales:5439/sales", 5439),
    ],
)
def test_a_database_is_where_its_address_says(workspace: "Workspace", url: str, port: int) -> None:
    workspace.set(RENTS, "source", {"jdbc": {**JDBC, "url": url}})
    source = workspace.load().use_cases["rents"].source
    assert source
    assert source.jdbc
    assert (source.jdbc.port, source.jdbc.select) == (port, "SELECT * FROM public.rents")


def test_the_needed_vpc_endpoints_grow_with_the_options(workspace: "Workspace") -> None:
    dev = everything(workspace).environments[0]
    assert needed_vpc_endpoints(None, None) == ALWAYS
    assert set(needed_vpc_endpoints(dev.studio, dev.catalog)) == set(ENDPOINTS) - {"mlflow", "secretsmanager"}
    table, database = Source(dynamodb=DynamodbSource(table="rents")), Source(jdbc=JdbcSource(**JDBC))
    assert needed_vpc_endpoints(None, None, [table]) == (*ALWAYS, "glue")
    assert needed_vpc_endpoints(None, None, [table, database]) == (*ALWAYS, "glue", "secretsmanager")
    assert needed_vpc_endpoints(None, None, [Source(bucket=BucketSource(**BUCKET))]) == ALWAYS
    assert needed_vpc_endpoints(Studio(), None) == (*ALWAYS, "studio", "mlflow")
    assert needed_vpc_endpoints(Studio(mlflow="none"), None) == (*ALWAYS, "studio")


def test_an_existing_network_with_all_that_is_needed_is_accepted(workspace: "Workspace") -> None:
    workspace.set(PROD, "studio", {})
    workspace.set(PROD, "network.vpc_endpoints", [*ALWAYS, "studio", "mlflow"])
    workspace.set(PROD, "network.subnet_ids", [f"subnet-0000000{number}" for number in range(3)])
    workspace.set(PROD, "network.availability_zones", ["us-east-1a", "us-east-1b", "us-east-1a"])
    assert workspace.load().environments[1].studio


def test_one_instance_type_too_few_is_told_for_every_place_that_uses_it(workspace: "Workspace") -> None:
    workspace.set(DEV, "allowed_instance_types", ["ml.t3.medium"])
    workspace.set(DEV, "studio", {})
    places = [line.split(": ")[1] for line in workspace.mistakes()]
    assert places == [
        "use_cases.rents.training.processing_instance_type",
        "use_cases.rents.training.training_instance_type",
        "use_cases.rents.endpoint.instance_type",
        "use_cases.rents.monitoring.instance_type",
        "studio.instance_types[1]",
        "studio.instance_types[2]",
    ]


@pytest.mark.parametrize("size", ["medium", "large", "xlarge", "2xlarge"])
def test_burstable_instance_types_may_process_unless_an_environment_forbids_them(
    workspace: "Workspace", size: str
) -> None:
    """New accounts often have a quota of 0 for `ml.m5` there."""
    for key in ("training.processing_instance_type", "monitoring.instance_type"):
        workspace.set(PROD, f"use_cases.rents.{key}", f"ml.t3.{size}")
    chosen = workspace.load().environments[1].use_cases["rents"]
    found = {chosen.training.processing_instance_type, chosen.monitoring.instance_type}
    assert found == {f"ml.t3.{size}"}
