"""What a server leaves behind when it is killed, and what it does on a disk that is full."""

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, eventually, unique
from tests.tools.local_aws.children.programs import alive, new_mark
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.children.work_folders import SECONDS_UNTOUCHED
from tools.local_aws.clients import service_credentials
from tools.local_aws.process import LocalAws

MEGABYTE = 1 << 20
SLEEPING = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)  # {mark}"], start_new_session=True)
time.sleep(600)
"""


@pytest.fixture
def own_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    """A server of this test, whose temporary folders are below `tmp_path / "temporary"`."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with LocalAws(account=ACCOUNT, region="us-east-1", log_path=tmp_path / "log") as aws:
        yield aws


def place_in(aws: LocalAws) -> Place:
    bucket = unique("bucket")
    aws.client("s3").create_bucket(Bucket=bucket)
    role = Place(aws, bucket, "").role(unique("role"), ALLOW_ALL)
    return Place(aws, bucket, role)


def test_a_server_that_is_killed_leaves_no_process_and_the_next_no_folder(
    own_aws: LocalAws, tmp_path: Path
) -> None:
    place, mark = place_in(own_aws), new_mark()
    place.sagemaker.create_processing_job(**place.processing_request(SLEEPING.format(mark=mark)))
    assert eventually(lambda: alive(mark))
    assert own_aws._process is not None
    own_aws._process.kill()
    assert eventually(lambda: not alive(mark))
    (dead,) = (tmp_path / "temporary").iterdir()
    time.sleep(max(0.0, SECONDS_UNTOUCHED - (time.time() - (dead / "lock").stat().st_ctime)) + 0.1)
    with LocalAws(account=ACCOUNT, region="us-east-1", log_path=tmp_path / "log") as aws:
        assert aws.client("s3").list_buckets()["Buckets"] == []
        assert dead not in (tmp_path / "temporary").iterdir()


@pytest.mark.parametrize(("size", "what"), [(40 * MEGABYTE, "body"), (MEGABYTE * 4 // 10, "object")])
def test_a_full_disk_fails_one_request_and_nothing_after_it(own_aws: LocalAws, size: int, what: str) -> None:
    s3, bucket = own_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    assert own_aws._process is not None
    # Whoever writes more than this to one file is told that it is too large, as on a disk without room.
    limit = min(MEGABYTE, size // 2)
    resource.prlimit(own_aws._process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    with pytest.raises(ClientError, match=f"no room for the {what}: File too large"):
        s3.put_object(Bucket=bucket, Key="large", Body=b"1" * size)
    s3.put_object(Bucket=bucket, Key="small", Body=b"1")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == ["small"]


def test_objects_lie_on_the_disk(own_aws: LocalAws) -> None:
    s3, bucket = own_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    assert own_aws._process is not None
    before = memory_of(own_aws._process.pid)
    for number in range(60):
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"1" * 2 * MEGABYTE)
    assert memory_of(own_aws._process.pid) - before < 60 * MEGABYTE


def test_256_megabytes_of_logs_cost_a_tenth_of_it(own_aws: LocalAws) -> None:
    place = place_in(own_aws)
    place.run_processing(place.processing_request("print('one line')"))
    assert own_aws._process is not None
    before = memory_of(own_aws._process.pid)
    job = place.run_processing(
        place.processing_request("for _ in range(256): print(('x' * 127 + '\\n') * 8192, end='')")
    )
    assert job["ProcessingJobStatus"] == "Completed"
    assert memory_of(own_aws._process.pid) - before < 25 * MEGABYTE


def test_roles_of_services_serve_longer_than_a_session(own_aws: LocalAws) -> None:
    """A server is kept for days; the credentials that a service has taken on are the first ones for ever."""
    place = place_in(own_aws)
    sts = own_aws.client("sts", service_credentials("sagemaker.amazonaws.com"))
    session = sts.assume_role(RoleArn=place.role_arn, RoleSessionName="SageMaker")["Credentials"]
    assert session["Expiration"] - datetime.now(UTC) > timedelta(days=100)


def memory_of(process: int) -> int:
    """Bytes that the process holds now."""
    words = Path(f"/proc/{process}/statm").read_text().split()
    return int(words[1]) * resource.getpagesize()
