import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.local_aws.process import LocalAws, LocalAwsError

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "tools.local_aws", "--account", "111111111111", "--region", "us-east-1"]


def test_the_operator_is_a_user_of_the_account_that_was_asked_for(local_aws: LocalAws) -> None:
    identity = local_aws.client("sts").get_caller_identity()
    assert identity["Account"] == "111111111111"
    assert identity["Arn"] == "arn:aws:iam::111111111111:user/operator"


def test_children_are_told_where_the_embedded_aws_is(local_aws: LocalAws) -> None:
    environment = local_aws.environment()
    assert environment["AWS_ENDPOINT_URL"] == local_aws.endpoint_url
    assert environment["AWS_REGION"] == "us-east-1"
    assert "AWS_PROFILE" not in environment


def test_a_port_in_use_is_one_clear_line(local_aws: LocalAws) -> None:
    port = local_aws.endpoint_url.rsplit(":", 1)[1]
    second = subprocess.run(
        [*COMMAND, "--port", port],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in second.stderr
    assert "--port" in second.stderr


def test_a_server_that_dies_at_start_shows_the_end_of_its_log(local_aws: LocalAws, tmp_path: Path) -> None:
    port = int(local_aws.endpoint_url.rsplit(":", 1)[1])
    second = LocalAws(account="111111111111", region="us-east-1", port=port, log_path=tmp_path / "log")
    with pytest.raises(LocalAwsError, match=r"ended with status 1 [\s\S]*Cannot listen on"):
        second.start()


def test_a_malformed_account_is_refused(tmp_path: Path) -> None:
    server = LocalAws(account="12345", region="us-east-1", log_path=tmp_path / "log")
    with pytest.raises(LocalAwsError, match="must be 12 digits"):
        server.start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_it_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    process, url = start_in(tmp_path)
    assert [path.name[:10] for path in tmp_path.iterdir()] == ["local-aws-"]
    process.send_signal(number)
    assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) != 0


def test_it_stops_when_its_parent_is_gone(tmp_path: Path) -> None:
    process, _ = start_in(tmp_path, "--stop-when-stdin-closes")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


def start_in(folder: Path, *options: str) -> tuple["subprocess.Popen[str]", str]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *options],
        cwd=REPOSITORY,
        env=os.environ | {"TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    started = time.monotonic()
    words = process.stdout.readline().split()
    assert words[0] == "ready", f"no ready line after {time.monotonic() - started:.1f} s"
    return process, words[1]
