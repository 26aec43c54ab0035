"""Tables of DynamoDB and of a database are delivered and trained with, in the rehearsal's environment."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from config.settings import DynamodbSource, JdbcSource, Settings, Source, UseCase
from tests.databases import PASSWORD, USER, create_database
from tests.kept_rehearsal import REPOSITORY, Kept
from tests.stacks.synthesis import synthesized
from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Person
from tools.rehearse.waiting import Answer, wait_for

pytestmark = pytest.mark.changes_the_rehearsal
STACK, TABLE = "dev-house-prices-training", "house-sales"
ROWS = 200
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Machine:
    """The deployed state machine, started by a data engineer."""

    arn: str
    engineer: Person

    def start(self) -> str:
        answer = self.engineer.client("stepfunctions").start_execution(stateMachineArn=self.arn)
        return str(answer["executionArn"])

    def states(self, execution: str) -> list[str]:
        history = self.engineer.client("stepfunctions").get_execution_history(executionArn=execution)
        entered = [event.get("stateEnteredEventDetails", {}).get("name") for event in history["events"]]
        return [name for name in entered if name]

    def wait_for(self, execution: str, what: str, look: Callable[[], Answer | None]) -> Answer:
        """What it has done stands beside the failure to see it."""
        try:
            return wait_for(what, look, 90)
        except RehearsalError as error:
            described = self.engineer.client("stepfunctions").describe_execution(executionArn=execution)
            error.add_note(f"{described['status']} after {self.states(execution)}")
            raise

    def told(self, execution: str) -> str:
        history = self.engineer.client("stepfunctions").get_execution_history(executionArn=execution)
        entered = [event.get("stateEnteredEventDetails", {}) for event in history["events"]]
        return str([event["input"] for event in entered if event.get("name") == "TellPeople"])

    def failed(self, execution: str) -> bool | None:
        described = self.engineer.client("stepfunctions").describe_execution(executionArn=execution)
        assert described["status"] != "SUCCEEDED"
        return described["status"] == "FAILED" or None


@contextmanager
def _delivering(
    kept: Kept, settings: Settings, source: Source, folder: Path, engineer: Person
) -> Iterator[Machine]:
    """The stack is updated to a configuration with the source, with its own roles, and back."""
    _stop_retraining(kept)
    before = kept.client("cloudformation").get_template(StackName=STACK)["TemplateBody"]
    use_case = settings.use_cases["house-prices"].model_copy(update={"source": source})
    settings = settings.model_copy(update={"use_cases": {"house-prices": use_case}})
    (dev,) = [environment for environment in settings.environments if environment.name == "dev"]
    template = synthesized(settings, folder, dev).stack(STACK).body
    bucket = _upload_script(kept, template)
    _update(kept, template, bucket)
    yield Machine(kept.outputs(STACK)["Delivery"].split()[-1], engineer)
    _update(kept, before, bucket)


def _stop_retraining(kept: Kept) -> None:
    """Where a machine delivers, retraining starts that one, and never looks for files of people."""
    stepfunctions = kept.client("stepfunctions")
    retraining = kept.outputs("dev-house-prices-monitoring")["RetrainingStateMachineArn"]
    running = stepfunctions.list_executions(stateMachineArn=retraining, statusFilter="RUNNING")
    for execution in running["executions"]:
        stepfunctions.stop_execution(executionArn=execution["executionArn"])


def _upload_script(kept: Kept, template: Any) -> str:
    """As `cdk deploy` does, of which this update is a part; gives the bucket, which takes templates too."""
    ((bucket, key),) = set(re.findall(r"s3://(cdk-[\w-]+)/([0-9a-f]{64}\.py)", json.dumps(template)))
    script = (REPOSITORY / "glue_jobs" / "deliver.py").read_bytes()
    kept.client("s3").put_object(Bucket=bucket, Key=key, Body=script)
    return str(bucket)


@pytest.fixture(scope="module")
def machine(
    kept: Kept,
    people: dict[str, Person],
    sample_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Machine]:
    source = Source(dynamodb=DynamodbSource(table=TABLE), schedule="rate(1 day)")
    folder = tmp_path_factory.mktemp("ingestion")
    with _delivering(kept, sample_settings, source, folder, people["data engineer"]) as machine:
        yield machine


def _update(kept: Kept, template: Any, bucket: str) -> None:
    """By the template's URL: one that is not in S3 may have no more than 51,200 characters."""
    cloudformation, key = kept.client("cloudformation"), f"{STACK}.template.json"
    kept.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(template))
    cloudformation.update_stack(
        StackName=STACK,
        TemplateURL=f"https://{bucket}.s3.{kept.region}.amazonaws.com/{key}",
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )

    def updated() -> bool | None:
        (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        assert "ROLLBACK" not in stack["StackStatus"], stack
        return stack["StackStatus"] == "UPDATE_COMPLETE" or None

    wait_for("the update", updated, 30)


@pytest.fixture(scope="module")
def table(kept: Kept, sample_settings: Settings) -> Iterator[Any]:
    """Rows of the sample, without point-in-time recovery; a cell that is missing is no attribute."""
    client = kept.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    items = iter(list(_items(sample_settings.use_cases["house-prices"])))
    while some := list(islice(items, 25)):
        client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}} for item in some]})
    yield client
    client.delete_table(TableName=TABLE)


def _items(use_case: UseCase) -> Iterator[dict[str, dict[str, str]]]:
    numbers = use_case.numeric_columns
    with (REPOSITORY / "data" / "house_prices.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(islice(csv.DictReader(file), ROWS)):
            cells = {name: {"N" if name in numbers else "S": cell} for name, cell in row.items() if cell}
            yield {**cells, "id": {"S": str(number)}}


def test_what_cannot_be_exported_is_told_to_people(machine: Machine, table: Any) -> None:
    execution = machine.start()
    machine.wait_for(execution, "the end of the delivery", lambda: machine.failed(execution))
    assert machine.states(execution)[-3:] == ["Export", "TellPeople", "DeliveryFailed"]


def test_a_delivery_of_the_table_is_prepared_and_the_end_of_the_pipeline_is_told(
    machine: Machine, table: Any, kept: Kept, people: dict[str, Person]
) -> None:
    table.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    _check_that_rows_are_prepared(machine, kept, people["data scientist"])


def _check_that_rows_are_prepared(machine: Machine, kept: Kept, person: Person) -> None:
    execution = machine.start()
    scientist = person.client("sagemaker")

    def started() -> str | None:
        states = machine.states(execution)
        assert "TellPeople" not in states, machine.told(execution)
        if "AwaitPipeline" not in states:
            return None
        newest = scientist.list_pipeline_executions(PipelineName="dev-house-prices", MaxResults=1)
        (found,) = newest["PipelineExecutionSummaries"]
        return str(found["PipelineExecutionArn"])

    pipeline = machine.wait_for(execution, "the start of the pipeline", started)

    def prepared() -> bool | None:
        steps = scientist.list_pipeline_execution_steps(PipelineExecutionArn=pipeline)
        status = {step["StepName"]: step["StepStatus"] for step in steps["PipelineExecutionSteps"]}
        assert status.get("Preprocess") != "Failed", steps
        return status.get("Preprocess") == "Succeeded" or None

    machine.wait_for(execution, "the parts", prepared)
    scientist.stop_pipeline_execution(PipelineExecutionArn=pipeline, ClientRequestToken="0" * 32)
    assert sum(_rows_of(kept, pipeline, part) for part in PARTS) == ROWS
    machine.wait_for(execution, "the end of the delivery", lambda: machine.failed(execution))
    assert machine.states(execution)[-2:] == ["TellPeople", "DeliveryFailed"]


def _rows_of(kept: Kept, pipeline: str, part: str) -> int:
    s3, bucket = kept.client("s3"), kept.outputs("dev-foundation")["DataBucketName"]
    prefix = f"processed/house-prices/{pipeline.rpartition('/')[2]}/{part}/"
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    (data,) = [key for key in keys if key.endswith(".csv")]
    return len(s3.get_object(Bucket=bucket, Key=data)["Body"].read().splitlines()) - 1


def test_the_schedule_is_deployed_with_its_queue(machine: Machine, kept: Kept) -> None:
    schedule = kept.client("scheduler").get_schedule(Name="dev-house-prices-ingest")
    assert (schedule["ScheduleExpression"], schedule["Target"]["Arn"]) == ("rate(1 day)", machine.arn)
    assert "UndeliveredSchedules" in schedule["Target"]["DeadLetterConfig"]["Arn"]


@pytest.fixture
def database(tmp_path: Path, sample_settings: Settings) -> str:
    """The same rows in a database that demands a password."""
    use_case, rows = sample_settings.use_cases["house-prices"], tmp_path / "rows.csv"
    with (REPOSITORY / "data" / "house_prices.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = islice(file, ROWS + 1)
    rows.write_text("".join(lines), "utf-8")
    names = next(csv.reader([header]))
    kinds = {name: "DOUBLE" if name in use_case.numeric_columns else "VARCHAR(64)" for name in names}
    columns = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    address = f"jdbc:derby:{tmp_path}/sales"
    load = f"CALL SYSCS_UTIL.SYSCS_IMPORT_TABLE('APP', 'SALES', '{rows}', NULL, NULL, 'UTF-8', 0)"
    create_database(address, [f"CREATE TABLE APP.SALES ({columns})", load])
    return address


def test_a_table_of_a_database_is_delivered_with_the_secret_and_prepared(
    database: str, kept: Kept, people: dict[str, Person], sample_settings: Settings, tmp_path: Path
) -> None:
    login = json.dumps({"username": USER, "password": PASSWORD})
    secret = kept.client("secretsmanager").create_secret(Name="sales/reader", SecretString=login)["ARN"]
    # Glue brings no driver of this database, so no configuration would name it.
    source = JdbcSource.model_construct(url=database, secret="sales/reader", table="APP.SALES")
    delivering = Source(jdbc=source)
    with _delivering(kept, sample_settings, delivering, tmp_path, people["data engineer"]) as machine:
        _check_that_rows_are_prepared(machine, kept, people["data scientist"])
    kept.client("secretsmanager").delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
