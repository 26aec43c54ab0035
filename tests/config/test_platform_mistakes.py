"""Mistakes in the settings of the platform: people, catalog, delivery, sources and endpoints."""

from typing import TYPE_CHECKING

import pytest

from config.facts.aws import ALWAYS
from tests.config.catalogue import DEV, PROD, RENTS, Example, Set, elsewhere, in_dev, in_rents, refuse, wrong

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

SAM = {"persona": "data-scientist"}
WORKTEAM = {"user_pool_id": "eu-west-1_Abc123", "client_id": "abc123", "user_groups": ["labellers"]}
REDSHIFT = {
    "cluster_id": "sales",
    "database": "dev",
    "user": "reader",
    "query": "SELECT 1",
    "cluster_role_arn": "arn:aws:iam::111111111111:role/redshift",
}
BUCKET = {"name": "sales-exports", "prefix": "rents", "account": "333333333333"}
JDBC = {"url": "jdbc:mysql://sales:3306/sales", "secret": "sales-reader", "table": "rents"}

STUDIO = [
    wrong(DEV, "studio.sign_in", "saml", "iam, identity-center"),
    wrong(DEV, "studio.idle_minutes", 30, "at least 60 and at most 525600"),
    wrong(DEV, "studio.storage_gb.default", 4, "at least 5"),
    wrong(DEV, "studio.storage_gb.default", 60, "is above max, 50", "5 to 50"),
    wrong(DEV, "studio.mlflow", "serverless", "none, app, tracking-server"),
    wrong(DEV, "studio.mlflow_size", "Large", "has no meaning with mlflow: app", "mlflow: tracking-server"),
    in_dev(
        'studio.mlflow_size: "Small"',
        "studio",
        {"mlflow": "none", "mlflow_size": "Small"},
        "has no meaning with mlflow: none",
    ),
    elsewhere(
        'environments/dev.yaml: studio.mlflow: "app"',
        (
            Set(DEV, "region", "eu-south-1"),
            Set(DEV, "network.availability_zones", ["eu-south-1a", "eu-south-1b"]),
            Set(DEV, "studio", {}),
        ),
        "is not offered by CloudFormation in eu-south-1",
        "none, tracking-server",
    ),
    wrong(DEV, "studio.mlflow_size", "small", "did you mean Small?"),
    wrong(DEV, "studio.canvas", "yes", "true or false"),
    wrong(DEV, "studio.instance_types", [], "has 0 instance types"),
    in_dev(
        'studio.instance_types[0]: "t3.medium"', "studio.instance_types", ["t3.medium"], "write ml.t3.medium"
    ),
    in_dev(
        "studio.people.sam.single_sign_on_user: null",
        "studio",
        {"sign_in": "identity-center", "people": {"sam": SAM}},
        "is required with sign_in: identity-center",
    ),
    in_dev(
        'studio.people.sam.single_sign_on_user: "sam@example.com"',
        "studio.people.sam",
        {**SAM, "single_sign_on_user": "sam@example.com"},
        "has no meaning with sign_in: iam",
    ),
    in_dev(
        'studio.people.sue.single_sign_on_user: "s"',
        "studio",
        {
            "sign_in": "identity-center",
            "people": {name: {**SAM, "single_sign_on_user": "s"} for name in ("sam", "sue")},
        },
        "is the user of sam too",
    ),
]
CATALOG = [
    wrong(DEV, "catalog.scan_limit_gb", 0, "at least 1"),
    wrong(DEV, "catalog.feature_store", "redis", "none, offline, online"),
    in_dev(
        'catalog.workteam.user_pool_id: "us-east-1_Abc123"',
        "catalog.workteam",
        {**WORKTEAM, "user_pool_id": "us-east-1_Abc123"},
        "of another region",
    ),
    in_dev(
        "catalog.workteam.user_groups: []", "catalog.workteam", {**WORKTEAM, "user_groups": []}, "0 groups"
    ),
    in_rents(
        'personal_data.Tenant: "Tenant"', "personal_data", {"Tenant": "drop"}, "is no column of this use case"
    ),
    elsewhere(
        "use_cases/rents.yaml: personal_data: ",
        (
            Set(RENTS, "personal_data", {"Area": "bucket 10"}),
            Set(DEV, "use_cases.rents.monitoring", {"engine": "model-monitor"}),
        ),
        "config/environments/dev.yaml has it watched by Model Monitor",
    ),
    in_rents('personal_data: ["Contract"]', "personal_data", ["Contract"], "is not a mapping"),
    *(
        wrong(RENTS, f"personal_data.{column}", treatment, *words)
        for column, treatment, *words in (
            ("Contract", "hash", "is no treatment", "drop, mask <characters that stay>, bucket"),
            ("Contract", "bucket 0", "is no treatment"),
            ("Contract", "mask 2", "the column is dropped", "write drop"),
            ("Rent", "bucket 10", "is the target, which answers tell"),
            ("Area", "drop", "holds numbers", "write e.g. bucket 10, or move the column to drop"),
            ("District", "bucket 10", "holds categories", "write e.g. mask 2"),
        )
    ),
    elsewhere(
        'use_cases/rents.yaml: features.numeric[1]: "write_time"',
        (
            Set(RENTS, "features.numeric", ["Area", "write_time"]),
            Set(DEV, "catalog.feature_store", "online"),
        ),
        "the feature store that config/environments/dev.yaml switches on",
    ),
    elsewhere(
        'use_cases/rents.yaml: features.categorical[0]: "write_time"',
        (Set(RENTS, "features.categorical", ["write_time"]), Set(DEV, "catalog.feature_store", "offline")),
        "cannot be a feature",
    ),
]
PLACES = [
    wrong(DEV, "replication_region", "eu-west-1", "is the environment's own region"),
    wrong(DEV, "replication_region", "eu-wst-2", "did you mean eu-west-2?"),
    *(
        wrong(DEV, "delivery.github_repository", name, "owner/name")
        for name in (
            "mlops",
            "https://github.com/octo-org/octo-repo",
            "octo-org/*",
            "*/mlops",
            "a/..",
            "a/b/c",
        )
    ),
    in_dev(
        'delivery.github_environment: "*"',
        "delivery",
        {"github_repository": "octo-org/octo-repo", "github_environment": "*"},
        "without wildcards",
    ),
    elsewhere(
        'environments/prod.yaml: network.vpc_endpoints[9]: "sts2"',
        (Set(PROD, "network.vpc_endpoints", [*ALWAYS, "sts2"]),),
        "did you mean sts?",
    ),
    in_rents("source: []", "source", {}, "names no source", "exactly one of redshift, emr, bucket"),
    in_rents(
        'source: ["redshift", "bucket"]', "source", {"redshift": REDSHIFT, "bucket": BUCKET}, "exactly one of"
    ),
    in_rents(
        'source.dynamodb.table: "arn:aws:dynamodb:eu-west-1:1:table/rents"',
        "source",
        {"dynamodb": {"table": "arn:aws:dynamodb:eu-west-1:1:table/rents"}},
        "every environment has its own table",
    ),
    in_rents(
        'source.schedule: "rate(1 day)"',
        "source",
        {"redshift": REDSHIFT, "schedule": "rate(1 day)"},
        "has no meaning with redshift",
        "a schedule together with bucket, dynamodb, jdbc",
    ),
    *(
        in_rents(f"source.jdbc{where}", "source", {"jdbc": {**JDBC, **changed}}, words)
        for where, changed, words in (
            ('.url: "sales:5432"', {"url": "sales:5432"}, "is no address of a database"),
            ('.url: "jdbc:derby:sales"', {"url": "jdbc:derby:sales"}, "that Glue has a driver for"),
            ('.url: "jdbc:mysql://sales/x"', {"url": "jdbc:mysql://sales/x"}, "write host and port"),
            ('.url: "jdbc:mysql://s:99999/x"', {"url": "jdbc:mysql://s:99999/x"}, "the port 99999"),
            (
                '.url: "jdbc:mysql://s:1/x?user=me&password=p"',
                {"url": "jdbc:mysql://s:1/x?user=me&password=p"},
                "user and password belong into the secret",
            ),
            ('.secret: "arn:aws:s:1:secret:s"', {"secret": "arn:aws:s:1:secret:s"}, "write the bare name"),
            ('.table: "sales; DROP"', {"table": "sales; DROP"}, "is no table of a database"),
            (
                ': {"table": "rents", "query": "SELECT 1"}',
                {"query": "SELECT 1"},
                "exactly one of table, query",
            ),
        )
    ),
    in_rents(
        "source.jdbc: (missing)",
        "source",
        {"jdbc": {key: JDBC[key] for key in ("url", "secret")}},
        "names no rows",
        "add table or query",
    ),
    in_rents(
        'source.bucket.marker: "_READY"',
        "source",
        {"bucket": {**BUCKET, "marker": "_READY"}},
        "that is read where it is",
        "add schedule, or remove it",
    ),
    elsewhere(
        'environments/prod.yaml: network.vpc_endpoints: ["s3", "sagemaker.api", "sagemaker.runtime", "sts", '
        '"logs", ...',
        (Set(RENTS, "source", {"jdbc": JDBC}), Set(PROD, "network.vpc_endpoints", [*ALWAYS, "glue"])),
        "lacks secretsmanager, without which no delivery of rents comes",
    ),
    in_rents('source.bucket.marker: "a/b"', "source.bucket", {**BUCKET, "marker": "a/b"}, "without slashes"),
    *(
        in_rents(
            f'source.schedule: "{schedule}"',
            "source",
            {"dynamodb": {"table": "rents"}, "schedule": schedule},
            "is no schedule",
            "rate(1 day)",
        )
        for schedule in (
            *("daily", "0 3 * * *", "rate(0 days)", "rate(5 minutes)", "rate(1 day) "),
            *("cron(0 3 * * * *)", "cron(0/5 3 * * ? *)", "cron(0 24 * * ? *)", "cron(0 3 ? * MON-FRI)"),
        )
    ),
    in_rents(
        'source.bucket.name: "s3://exports"', "source.bucket", {**BUCKET, "name": "s3://exports"}, "bare name"
    ),
    in_rents('source.bucket.account: "3"', "source.bucket", {**BUCKET, "account": "3"}, "12 digits"),
    in_rents(
        'source.bucket.key_arn: "alias/sales"',
        "source.bucket",
        {**BUCKET, "key_arn": "alias/sales"},
        "not an alias",
    ),
    in_rents(
        'source.emr.cluster_id: "sales"',
        "source.emr",
        {"cluster_id": "sales", "script": "s3://code/x.py"},
        "is no EMR cluster",
    ),
]
EXAMPLES = [*STUDIO, *CATALOG, *PLACES]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.beginning[:70] for example in EXAMPLES])
def test_a_mistake_is_told_where_it_is(example: Example, workspace: "Workspace") -> None:
    refuse(example, workspace)


SLACK = {"workspace": "T0123ABCD", "channel": "C0123ABCD"}


@pytest.mark.parametrize(
    ("slack", "words"),
    [
        ({"channel": "C0123ABCD"}, ["alerts.slack.workspace: (missing)"]),
        (
            SLACK | {"workspace": "acme"},
            ['alerts.slack.workspace: "acme"', "is no id of a workspace", "T0123ABCD"],
        ),
        (
            SLACK | {"channel": "#alarms"},
            ['alerts.slack.channel: "#alarms"', "is no id of a channel", "link"],
        ),
        (SLACK | {"url": "https://hooks.slack.com/x"}, ["alerts.slack.url"]),
    ],
)
def test_a_channel_is_named_by_the_ids_that_slack_has(
    workspace: "Workspace", slack: dict[str, object], words: list[str]
) -> None:
    workspace.set("environments/dev", "alerts.slack", slack)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


def test_two_environments_of_an_account_cannot_tell_the_same_channel(workspace: "Workspace") -> None:
    workspace.copy("environments/dev", "environments/test")
    for name in ("dev", "test"):
        workspace.set(f"environments/{name}", "alerts.slack", SLACK)
    lines = workspace.mistakes()
    assert any("alerts.slack.channel" in line and "one configuration for a channel" in line for line in lines)
