"""The script of deliveries with real Spark and a real database, on the embedded AWS; all cases in one run."""

import gzip
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from tests.tools.local_aws.aws import allow, eventually, make_role, unique
from tools.local_aws.process import LocalAws

SCRIPT = Path(__file__).parents[4] / "glue_jobs" / "deliver.py"
GLUE = {"Service": "glue.amazonaws.com"}
RULES = """Rules = [
    RowCount > 0, ColumnExists "Price", IsComplete "Price", ColumnDataType "Price" = "Double",
    ColumnDataType "Area" = "Double" with threshold > 0.4, DistinctValuesCount "Street" = 2,
    CustomSql "select count(*) from primary where cast(`Price` as double) <= 0" = 0
]"""
TABLE = [
    "CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('derby.connection.requireAuthentication', 'true')",
    "CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('derby.authentication.provider', 'BUILTIN')",
    "CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('derby.user.reader', 'xyz')",
    'CREATE TABLE APP.SALES ("Price" DECIMAL(10,2), "Area" INTEGER, "Street" VARCHAR(9), "Sold" DATE)',
    "INSERT INTO APP.SALES VALUES (100.50, 12, 'Main', '2026-01-31'), (90, NULL, 'Side', NULL)",
]
QUERY = 'SELECT * FROM APP.SALES WHERE "Price" > 0'
CSV = 'Price,Area,Street\n100.50,012,Main\n90,,"Side"\n'
EXPORT = [
    {"Item": {"Price": {"N": "100.50"}, "Area": {"N": "12"}, "Street": {"S": "Main"}, "Tags": {"SS": ["a"]}}},
    {"Item": {"Price": {"N": "90"}, "Street": {"S": "Side"}, "Area": {"NULL": True}}},
]


@dataclass
class World:
    """Buckets and secrets of some cases, and what has come of them."""

    aws: LocalAws
    bucket: str = field(default_factory=lambda: unique("deliveries"))
    cases: dict[str, dict[str, str]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)

    def put(self, key: str, content: str | bytes) -> None:
        body = content if isinstance(content, bytes) else content.encode()
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def secret(self, content: str) -> str:
        answer = self.aws.client("secretsmanager").create_secret(Name=unique("secret"), SecretString=content)
        return str(answer["ARN"])

    def add(self, name: str, kind: str, **arguments: str) -> None:
        delivery = f"s3://{self.bucket}/raw/{name}/2026/"
        self.cases[name] = {"kind": kind, "rules": self.bucket, "delivery": delivery, **arguments}

    def database(self, name: str, secret: str, query: str = QUERY) -> None:
        self.add(name, "jdbc", url="jdbc:derby:memory:sales", secret=self.secret(secret), query=query)

    def folder(self, name: str, **files: str | bytes) -> None:
        """A folder that its owner has marked; `_` in a name stands for the dot before its kind."""
        for file, content in files.items():
            self.put(f"source/{name}/2026-01-31/{'.'.join(file.rsplit('_', 1))}", content)
        self.put(f"source/{name}/2026-01-31/_SUCCESS", "")
        self.add(name, "bucket", source=f"s3://{self.bucket}/source/{name}", marker="_SUCCESS")

    def run(self) -> None:
        """Gives the outcome of each case; Spark sees what the arguments name when the run starts."""
        glue, script = self.aws.client("glue"), Path(__file__).with_name("several_deliveries.py")
        self.put("script.py", script.read_text("utf-8"))
        glue.create_data_quality_ruleset(Name=self.bucket, Ruleset=RULES)
        role = make_role(self.aws, GLUE, allow("s3:*", "glue:*", "secretsmanager:GetSecretValue", "logs:*"))
        glue.create_job(
            Name=self.bucket,
            Role=role,
            GlueVersion="5.1",
            Command={"Name": "glueetl", "ScriptLocation": f"s3://{self.bucket}/script.py"},
        )
        arguments = {
            "--cases": json.dumps(self.cases),
            "--database": json.dumps(TABLE),
            "--script": str(SCRIPT),
            "--all": f"s3://{self.bucket}/",
        }
        run = glue.start_job_run(JobName=self.bucket, Arguments=arguments)["JobRunId"]
        ended = eventually(lambda: self._ended(run), 60)
        assert "ErrorMessage" not in ended, ended["ErrorMessage"]
        logs = self.aws.client("logs").get_log_events(logGroupName="/aws-glue/jobs/output", logStreamName=run)
        lines = [event["message"] for event in logs["events"]]
        self.outcomes = dict(
            json.loads(line.removeprefix("CASE ")) for line in lines if line.startswith("CASE ")
        )

    def _ended(self, run: str) -> dict[str, Any] | None:
        found = self.aws.client("glue").get_job_run(JobName=self.bucket, RunId=run)["JobRun"]
        return None if found["JobRunState"] in ("STARTING", "RUNNING") else found

    def delivered(self, name: str) -> dict[str, bytes]:
        s3, prefix = self.aws.client("s3"), f"raw/{name}/"
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return {
            item["Key"].removeprefix(prefix): s3.get_object(Bucket=self.bucket, Key=item["Key"])[
                "Body"
            ].read()
            for item in listed
        }


@pytest.fixture(scope="module")
def world(local_aws: LocalAws) -> World:
    world = World(local_aws)
    local_aws.client("s3").create_bucket(Bucket=world.bucket)
    right = json.dumps({"username": "reader", "password": "xyz", "host": "db"})
    world.database("rows", right)
    world.database("no-rows", right, f"{QUERY} AND 1 = 0")
    world.database("no-table", right, "SELECT * FROM APP.RENTS")
    world.database("wrong-password", right.replace("xyz", "abc"))
    world.database("no-login", "xyz")
    world.folder("csv", sales_csv=CSV, more_csv=CSV)
    world.folder("json", a_json=json.dumps([{"Price": 1, "Area": 0.5, "Street": "Main"}] * 2))
    world.folder(
        "wrong-json", a_jsonl='{"Price": -1, "Area": 1, "Street": "Main"}\n{"Price": 2, "Street": "Side"}\n'
    )
    world.folder("several", a_csv=CSV, b_jsonl="{}")
    world.folder("again", sales_csv=CSV)
    world.put("raw/again/2025/2026-01-31/_SUCCESS", "")
    world.put("source/unmarked/2026-01-31/sales.csv", CSV)
    world.add("unmarked", "bucket", source=f"s3://{world.bucket}/source/unmarked", marker="_SUCCESS")
    lines = "".join(f"{json.dumps(item)}\n" for item in EXPORT)
    world.put("raw/export/2026/AWSDynamoDB/1/data/a.json.gz", gzip.compress(lines.encode()))
    world.put("raw/export/2026/AWSDynamoDB/1/data/b.json.gz", gzip.compress(b""))
    world.add("export", "dynamodb")
    world.put("raw/empty/2026/AWSDynamoDB/1/data/b.json.gz", gzip.compress(b""))
    world.add("empty", "dynamodb")
    world.run()
    return world


def test_a_query_becomes_one_object_of_parquet_with_the_types_of_the_database(world: World) -> None:
    assert world.outcomes["rows"] == ""
    ((name, content),) = world.delivered("rows").items()
    assert name == "2026/rows.parquet"
    rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    assert [(str(row["Price"]), row["Area"], row["Street"], str(row["Sold"])) for row in rows] == [
        ("100.50", 12, "Main", "2026-01-31"),
        ("90.00", None, "Side", "None"),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no-rows", 'RowCount > 0 (Value: 0.0 does not meet'),
        ("no-table", "the database cannot be read: Table/View 'APP.RENTS' does not exist."),
        ("wrong-password", "the database cannot be read: Connection authentication failure occurred."),
        ("no-login", 'the secret is no JSON like {"username": "...", "password": "..."}'),
        ("wrong-json", "CustomSql"),
        ("json", 'DistinctValuesCount "Street" = 2 (Value: 1.0 does not meet'),
        ("several", "has .csv, .jsonl; one of .csv, .json, .jsonl, .parquet is read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line_and_nothing_is_delivered(
    world: World, name: str, words: str
) -> None:
    assert world.outcomes[name].startswith("DeliveryError: ")
    assert words in world.outcomes[name]
    assert "\n" not in world.outcomes[name]
    assert world.delivered(name) == {}


def test_a_marked_folder_is_copied_byte_for_byte_and_its_marker_comes_along(world: World) -> None:
    assert world.outcomes["csv"] == ""
    assert world.delivered("csv") == {
        "2026/2026-01-31/_SUCCESS": b"",
        "2026/2026-01-31/more.csv": CSV.encode(),
        "2026/2026-01-31/sales.csv": CSV.encode(),
    }


@pytest.mark.parametrize("name", ["again", "unmarked"])
def test_what_is_delivered_or_not_complete_is_nothing_new(world: World, name: str) -> None:
    assert world.outcomes[name] == ""
    assert [key for key in world.delivered(name) if key.startswith("2026/")] == []


def test_an_export_is_held_against_the_rules_by_its_values_where_it_is(world: World) -> None:
    assert world.outcomes["export"] == ""
    assert {key.rpartition("/")[2] for key in world.delivered("export")} == {"a.json.gz", "b.json.gz"}
    assert world.outcomes["empty"] == "DeliveryError: the export has not a single item"
