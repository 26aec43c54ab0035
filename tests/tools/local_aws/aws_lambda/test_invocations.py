"""Functions run as on AWS: as their role, within their limits, with their output in a log group."""

import base64
import io
import json
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, allow, eventually, make_role, unique
from tools.local_aws.aws_lambda.invocations import CANNOT_ASSUME
from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.process import LocalAws

LAMBDA = {"Service": "lambda.amazonaws.com"}


def zipped(**files: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in files.items():
            file.writestr(name.replace("_js", ".js").replace("_py", ".py"), text)
    return archive.getvalue()


class Function:
    """A function of a test's own, and what it answers."""

    def __init__(self, aws: LocalAws, source: str, *statements: dict[str, Any], **settings: Any) -> None:
        self.aws, self.client, self.name = aws, aws.client("lambda"), unique("function")
        everything = allow("*")
        runtime = settings.setdefault("Runtime", "python3.13")
        code = zipped(index_py=source) if runtime.startswith("python") else zipped(index_js=source)
        settings.setdefault("Handler", "index.handler")
        settings.setdefault("Role", make_role(aws, LAMBDA, *(statements or (everything,))))
        settings.setdefault("MemorySize", 256)
        settings.setdefault("Timeout", 20)
        created = self.client.create_function(FunctionName=self.name, Code={"ZipFile": code}, **settings)
        self.arn = created["FunctionArn"]

    def invoke(self, event: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event), **more)
        return {**answer, "Payload": answer["Payload"].read().decode()}

    def result(self, event: Any = None) -> Any:
        answer = self.invoke(event, LogType="Tail")
        assert "FunctionError" not in answer, base64.b64decode(answer["LogResult"]).decode()
        return json.loads(answer["Payload"])

    def error(self, event: Any = None) -> dict[str, Any]:
        answer = self.invoke(event)
        assert answer["FunctionError"] == "Unhandled"
        found: dict[str, Any] = json.loads(answer["Payload"])
        return found

    def logged(self) -> list[str]:
        logs, found = self.aws.client("logs"), dict[str, Any](events=[])
        with suppress(logs.exceptions.ResourceNotFoundException):
            found = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.name}")
        return [event["message"] for event in found["events"]]


WHO = """
import boto3, os
def handler(event, context):
    print("called with", event)
    client = boto3.client("sts")
    left = context.get_remaining_time_in_millis()
    return {"who": client.get_caller_identity()["Arn"], "given": os.environ["GIVEN"], "left": left}
"""


def test_a_handler_runs_as_its_role_and_is_logged(local_aws: LocalAws) -> None:
    function = Function(local_aws, WHO, Environment={"Variables": {"GIVEN": "this"}})
    result = function.result({"a": 1})
    assert result["who"].endswith(f"/{function.name}")
    assert ":assumed-role/role-" in result["who"]
    assert (result["given"], 0 < result["left"] <= 20_000) == ("this", True)
    lines = function.logged()
    assert [line.split()[0] for line in lines] == ["START", "called", "END", "REPORT"]
    assert lines[1] == "called with {'a': 1}"


LISTS = """
import boto3
def handler(event, context):
    return [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
"""


def test_what_its_role_may_not_do_the_handler_may_not_do(local_aws: LocalAws) -> None:
    error = Function(local_aws, LISTS, allow("logs:*")).error()
    assert error["errorType"] == "AccessDenied"
    assert "is not authorized to perform: s3:ListAllMyBuckets" in error["errorMessage"]
    assert error["stackTrace"]


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (
            "def handler(event, context):\n  while True: pass",
            "Sandbox.Timedout",
            "Task timed out after 1.00 s",
        ),
        (
            "import os\ndef handler(*_):\n  os._exit(3)",
            "Runtime.ExitError",
            "with error: exit status 3",
        ),
        ("import nothing", "Runtime.ImportModuleError", "Unable to import module 'index': No module named"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
        ("def handler(*_):\n  return bytearray(500_000_000)", "MemoryError", ""),
    ],
)
def test_a_handler_fails_as_on_aws(local_aws: LocalAws, source: str, kind: str, words: str) -> None:
    error = Function(local_aws, source, Timeout=1).error()
    assert error["errorType"] == kind
    assert words in error["errorMessage"]


NODE = """
const { S3, ListBucketsCommand, S3Client } = require('@aws-sdk/client-s3');
exports.handler = async (event) => {
  const names = (await new S3({}).listBuckets({})).Buckets.map((bucket) => bucket.Name);
  const again = (await new S3Client({}).send(new ListBucketsCommand({}))).Buckets.length;
  let code = '';
  try { await new S3({}).getBucketTagging({ Bucket: 'there-is-none' }); } catch (error) { code = error.name; }
  return { found: names.includes(event.bucket), same: names.length === again, code };
};
"""


def test_a_node_handler_has_the_sdk_of_its_runtime(local_aws: LocalAws) -> None:
    bucket = unique("bucket")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    function = Function(local_aws, NODE, Runtime="nodejs22.x")
    assert function.result({"bucket": bucket}) == {"found": True, "same": True, "code": "NoSuchBucket"}


def test_an_event_is_tried_three_times(local_aws: LocalAws) -> None:
    function = Function(local_aws, "def handler(*_): raise ValueError('no')")
    assert function.invoke(InvocationType="Event")["StatusCode"] == 202
    eventually(lambda: len([line for line in function.logged() if line.startswith("REPORT")]) == 3)
    assert function.invoke(InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.parametrize("principal", [{"Service": "ec2.amazonaws.com"}, None])
def test_a_role_that_lambda_cannot_assume_is_refused(
    local_aws: LocalAws, principal: dict[str, str] | None
) -> None:
    role = make_role(local_aws, principal) if principal else f"arn:aws:iam::{ACCOUNT}:role/none"
    with pytest.raises(ClientError, match=CANNOT_ASSUME) as refused:
        Function(local_aws, "", Role=role)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_the_names_of_lambdas_own_variables_are_reserved(local_aws: LocalAws) -> None:
    variables = {"Variables": {"OWN": "1", "AWS_REGION": "x"}}
    with pytest.raises(ClientError, match=r"Reserved keys used in this request: AWS_REGION$"):
        Function(local_aws, "", Environment=variables)


@pytest.mark.parametrize(
    "settings",
    [{"Runtime": "ruby3.3"}, {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:1:q"}}],
)
def test_what_it_does_not_carry_out_is_refused(local_aws: LocalAws, settings: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=r"The embedded AWS does not (run|carry out)"):
        Function(local_aws, "", **settings)


@pytest.fixture(scope="module")
def function(local_aws: LocalAws) -> Function:
    return Function(local_aws, "def handler(event, context): return event")


def session(aws: LocalAws, *statements: dict[str, Any]) -> Credentials:
    role = make_role(aws, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, *statements)
    answer = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    return Credentials.from_sts(answer["Credentials"])


@pytest.mark.parametrize("named", ["{name}", "{arn}", f"{ACCOUNT}:function:{{name}}"])
def test_only_who_may_invoke_a_function_can(local_aws: LocalAws, function: Function, named: str) -> None:
    name = named.format(name=function.name, arn=function.arn)
    may = session(local_aws, allow("lambda:InvokeFunction", resource=function.arn))
    may_not = session(local_aws, allow("lambda:InvokeFunction", resource=f"{function.arn}-2"))
    assert local_aws.client("lambda", may).invoke(FunctionName=name)["StatusCode"] == 200
    with pytest.raises(ClientError, match=f"lambda:InvokeFunction on resource: {function.arn} "):
        local_aws.client("lambda", may_not).invoke(FunctionName=name)


def test_a_service_invokes_what_the_policy_of_the_function_lets_it(
    local_aws: LocalAws, function: Function
) -> None:
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/this"
    function.client.add_permission(
        FunctionName=function.name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    this = local_aws.client("lambda", service_credentials("events.amazonaws.com", rule))
    assert this.invoke(FunctionName=function.name)["StatusCode"] == 200
    other = local_aws.client("lambda", service_credentials("events.amazonaws.com", f"{rule}-2"))
    with pytest.raises(ClientError, match="is not authorized to perform: lambda:InvokeFunction"):
        other.invoke(FunctionName=function.name)
    function.client.remove_permission(FunctionName=function.name, StatementId="rule")
    with pytest.raises(ClientError, match="is not authorized to perform: lambda:InvokeFunction"):
        this.invoke(FunctionName=function.name)
