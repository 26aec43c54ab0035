"""Runs of jobs end as their scripts do, with the rights of their role; Spark is in test_deliveries.py."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import allow, eventually, make_role, unique
from tools.local_aws.process import LocalAws

GLUE = {"Service": "glue.amazonaws.com"}
SCRIPT = """
import sys
from awsglue.utils import getResolvedOptions
options = getResolvedOptions(sys.argv, ["answer"])
class DeliveryError(Exception):
    pass
if options["answer"] != "42":
    raise DeliveryError("the answer is " + options["answer"])
"""


def _job(aws: LocalAws, *statements: dict[str, Any], **changes: Any) -> str:
    name = unique("job")
    aws.client("s3").create_bucket(Bucket=name)
    aws.client("s3").put_object(Bucket=name, Key="script.py", Body=SCRIPT.encode())
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{name}/script.py"}
    described = {"Role": make_role(aws, GLUE, *statements), "GlueVersion": "5.1", "Command": command}
    aws.client("glue").create_job(Name=name, **{**described, **changes})
    return name


def _ended(aws: LocalAws, job: str, run: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = aws.client("glue").get_job_run(JobName=job, RunId=run)["JobRun"]
        return None if found["JobRunState"] in ("STARTING", "RUNNING") else found

    return eventually(ended, 30)


def _run(aws: LocalAws, job: str, answer: str) -> dict[str, Any]:
    run = aws.client("glue").start_job_run(JobName=job, Arguments={"--answer": answer})
    return _ended(aws, job, run["JobRunId"])


def test_a_run_ends_as_its_script_ends_and_says_why(local_aws: LocalAws) -> None:
    job = _job(local_aws, allow("s3:GetObject", "logs:*"))
    good, bad = (_run(local_aws, job, answer) for answer in ("42", "41"))
    assert (good["JobRunState"], good.get("ErrorMessage")) == ("SUCCEEDED", None)
    assert (bad["JobRunState"], bad["ErrorMessage"]) == ("FAILED", "DeliveryError: the answer is 41")


def test_one_run_at_a_time_unless_the_job_says_otherwise(local_aws: LocalAws) -> None:
    job, glue = _job(local_aws, allow("s3:GetObject")), local_aws.client("glue")
    first = glue.start_job_run(JobName=job, Arguments={"--answer": "42"})["JobRunId"]
    with pytest.raises(ClientError, match="ConcurrentRunsExceededException"):
        glue.start_job_run(JobName=job)
    assert _ended(local_aws, job, first)["JobRunState"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (allow("logs:*"), "not authorized to perform: s3:GetObject"),
        (allow("s3:GetObject"), "not authorized to perform: glue:GetConnection"),
        (allow("s3:GetObject", "glue:GetConnection"), "Connection network not found"),
    ],
)
def test_a_run_needs_rights_and_connections(
    local_aws: LocalAws, statement: dict[str, Any], words: str
) -> None:
    network = {"Connections": ["network"]} if "s3:GetObject" in statement["Action"] else {}
    job = _job(local_aws, statement, Connections=network)
    assert words in _run(local_aws, job, "42")["ErrorMessage"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Role": "nobody"}, "Service is unable to assume provided role"),
        ({"GlueVersion": "4.0"}, "runs glueetl jobs of Glue 5.0 and 5.1"),
        ({"Command": {"Name": "glueray", "ScriptLocation": "s3://a/b.py"}}, "no glueray jobs"),
        ({"SecurityConfiguration": "none"}, "Security configuration none not found"),
    ],
)
def test_a_job_that_could_not_run_is_refused(
    local_aws: LocalAws, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ClientError, match=words):
        _job(local_aws, **changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ConnectionType": "JDBC"}, "connections of the type NETWORK"),
        ({"PhysicalConnectionRequirements": {}}, "needs a SubnetId"),
    ],
)
def test_a_connection_leads_into_a_network(local_aws: LocalAws, changes: dict[str, Any], words: str) -> None:
    given = {"Name": unique("network"), "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    with pytest.raises(ClientError, match=words):
        local_aws.client("glue").create_connection(ConnectionInput={**given, **changes})


def test_a_copy_of_what_has_changed_meanwhile_is_refused(local_aws: LocalAws) -> None:
    s3, bucket = local_aws.client("s3"), unique("copies")
    s3.create_bucket(Bucket=bucket)
    listed = s3.put_object(Bucket=bucket, Key="a", Body=b"first")["ETag"]
    source = {"Bucket": bucket, "Key": "a"}
    s3.copy_object(Bucket=bucket, Key="b", CopySource=source, CopySourceIfMatch=listed)
    s3.put_object(Bucket=bucket, Key="a", Body=b"second")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.copy_object(Bucket=bucket, Key="c", CopySource=source, CopySourceIfMatch=listed)
