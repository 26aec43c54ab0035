"""Runs a function: its handler in a process of its own, with the credentials of the function's role.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (environment),
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-context.html (limits).
"""

import base64
import io
import json
import math
import os
import shutil
import sys
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.aws_lambda.runtimes import command
from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.sagemaker.jobs.container import Container, file_text
from tools.local_aws.sagemaker.jobs.logs import LogStream

CANNOT_ASSUME = "The role defined for the function cannot be assumed by Lambda."
_SERVICE_PRINCIPAL = "lambda.amazonaws.com"
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
RESERVED = frozenset(
    {"_HANDLER", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_EXECUTION_ENV", "AWS_REGION"}
    | {"AWS_DEFAULT_REGION", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    | {"AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_INITIALIZATION_TYPE"}
    | {f"AWS_LAMBDA_FUNCTION_{name}" for name in ("NAME", "MEMORY_SIZE", "VERSION")}
    | {"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"}
)
# A handler is loaded before its time begins to run.
_INIT_SECONDS = 10
_TAIL_BYTES = 4096


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to; an `error` makes the payload its description."""

    payload: str
    is_error: bool
    log: str

    @property
    def tail(self) -> str:
        """The end of the log as the answer's header has it."""
        return base64.b64encode(self.log.encode()[-_TAIL_BYTES:]).decode()


@dataclass(frozen=True)
class Invocations:
    """Invokes functions of one account and region. Each invocation is a cold start."""

    context: Context
    _sessions: dict[tuple[str, str], Credentials] = field(default_factory=dict)

    def assume(self, role_arn: str, session: str) -> Credentials:
        """Credentials of a role; `ApiError` in AWS's words when it does not exist or trust Lambda."""
        sts = self.context.of(role_arn).client("sts", service_credentials(_SERVICE_PRINCIPAL))
        try:
            answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=session)
        except ClientError as error:
            raise ApiError("InvalidParameterValueException", CANNOT_ASSUME) from error
        # The first session serves all later calls: each new one would need new boto3 clients.
        return self._sessions.setdefault((role_arn, session), Credentials.from_sts(answer["Credentials"]))

    def run(self, function: Any, event: str) -> Outcome:
        """Runs moto's function with an event in JSON."""
        request_id = str(uuid.uuid4())
        started = command(function.run_time, function.memory_size)
        role = self.assume(function.role, function.function_name)
        stream = f"{datetime.now(UTC):%Y/%m/%d}/[{function.version}]{uuid.uuid4().hex}"
        folder = self.context.work_folder / "functions" / request_id
        folder.mkdir(parents=True)
        files = [folder / "event.json", folder / "answer.json"]
        files[0].write_text(event)
        environment = {"HOME": str(folder), **self._environment(function, role, request_id, stream)}
        log = LogStream(self.context.client("logs", role), function.logs_group_name, stream)
        container = Container(self.context.processes, folder, [*started, *map(str, files)], environment, log)
        try:
            return _run(function, container, files[1], request_id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _environment(self, function: Any, role: Credentials, request: str, stream: str) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONUNBUFFERED": "1",
            "AWS_ACCESS_KEY_ID": role.access_key_id,
            "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
            "AWS_SESSION_TOKEN": role.session_token,
            "AWS_REGION": self.context.region,
            "AWS_DEFAULT_REGION": self.context.region,
            # An address instead of a name keeps the names of buckets out of the host's name.
            "AWS_ENDPOINT_URL": self.context.endpoint_url.replace("localhost", "127.0.0.1"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "LAMBDA_TASK_ROOT": str(self._code(function)),
            "_HANDLER": function.handler,
            "LOCAL_AWS_REQUEST_ID": request,
            "LOCAL_AWS_FUNCTION_ARN": function.function_arn,
            "LOCAL_AWS_TIMEOUT": str(function.timeout),
            "LOCAL_AWS_PYTHON": sys.executable,
            **function.environment_vars,
        }

    def _code(self, function: Any) -> Path:
        """The folder with the unpacked code, made when it is first needed."""
        folder: Path = self.context.work_folder / "functions" / "code" / function.code_digest
        if not folder.exists():
            unpacked = folder.with_name(str(uuid.uuid4()))
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(unpacked)
            try:
                unpacked.rename(folder)
            except OSError:
                # Another invocation was faster.
                shutil.rmtree(unpacked)
        return folder


def _run(function: Any, container: Container, answer: Path, request_id: str) -> Outcome:
    container.log.write(f"START RequestId: {request_id} Version: {function.version}")
    began = time.monotonic()
    status = container.run(function.timeout + _INIT_SECONDS)
    milliseconds = (time.monotonic() - began) * 1000
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\tBilled Duration: "
        f"{math.ceil(milliseconds)} ms\tMemory Size: {function.memory_size} MB"
    )
    payload, is_error, last = _judged(function, container, status, file_text(answer), request_id)
    lines = [*last, f"END RequestId: {request_id}", report]
    for line in lines:
        container.log.write(line)
    container.log.flush()
    return Outcome(payload, is_error, "\n".join([*container.lines, *lines, ""]))


def _judged(
    function: Any, container: Container, status: int, answer: str, request_id: str
) -> tuple[str, bool, list[str]]:
    """Payload, whether it is an error, and what the log says about it."""
    found = json.loads(answer) if answer else {}
    if container.timed_out or "timed out" in found:
        kind, why = "Sandbox.Timedout", f"Task timed out after {function.timeout:.2f} seconds"
    elif "payload" in found:
        return found["payload"], False, []
    elif "error" in found:
        return json.dumps(found["error"]), True, []
    else:
        how = "signal: killed" if status < 0 else f"exit status {status}"
        kind, why = "Runtime.ExitError", f"Runtime exited with error: {how}"
    described = f"RequestId: {request_id} Error: {why}"
    return json.dumps({"errorType": kind, "errorMessage": described}), True, [described]
