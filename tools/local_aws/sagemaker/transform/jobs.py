"""Transform jobs: the files below a prefix, record by record through a model server, to files in S3.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.model_process import ModelProcess, NotReadyError, Room
from tools.local_aws.sagemaker.endpoints.models import Models, ServedModel
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.jobs.logs import LogStream
from tools.local_aws.sagemaker.jobs.operations import Job, Jobs
from tools.local_aws.sagemaker.s3_objects import download, split_uri, upload
from tools.local_aws.sagemaker.store import Members, now
from tools.local_aws.sagemaker.transform.records import (
    WHOLE,
    RecordError,
    lines_of,
    mini_batches,
    records_of,
    rows_of,
    selected,
)

_MEGABYTE = 1 << 20
_SEE_LOGS = "See job logs for more information"
_LOG_GROUP = "/aws/sagemaker/TransformJobs"


class TransformJobs(Jobs):
    """A job acts as its model: only that says with whose rights."""

    noun = "TransformJob"
    arn_kind = "transform-job"
    event = "SageMaker Transform Job State Change"
    log_group = _LOG_GROUP

    def __init__(self, account: Account, models: Models) -> None:
        super().__init__(account)
        self._models = models

    def role_arn(self, request: Members) -> str:
        return str(self._models.models.get(request["ModelName"])["ExecutionRoleArn"])

    def work(self, job: Job) -> tuple[str, str]:
        """Transforms every file that can be; one that cannot be fails the job, and has no output."""
        record = job.record
        record["TransformStartTime"] = now()
        s3 = self.account.context.client("s3", job.role)
        source, target = record["TransformInput"], record["TransformOutput"]
        uri = source["DataSource"]["S3DataSource"]["S3Uri"]
        inputs, outputs = job.folder / "input", job.folder / "output"
        download(s3, uri, inputs)
        stream = f"{record['TransformJobName']}/i-{secrets.token_hex(8)}0-{int(now().timestamp())}"
        server = self._server(job, stream)
        data_log = LogStream(
            self.account.context.client("logs", job.role), self.log_group, f"{stream}/data-log"
        )
        try:
            server.start()
            failed = self._transform_all(Transformation(job, server), inputs, outputs, data_log)
        finally:
            server.stop()
            data_log.flush()
        if job.stopping:
            return "Stopped", ""
        upload(s3, outputs, target["S3OutputPath"], target.get("KmsKeyId"))
        return ("Failed", failed) if failed else ("Completed", "")

    def _server(self, job: Job, stream: str) -> ModelProcess:
        model, record = self._models.served(job.record["ModelName"]), job.record
        # https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
        told = {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(record["MaxPayloadInMB"]),
            "SAGEMAKER_BATCH_STRATEGY": _spelled(record["BatchStrategy"]),
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(record["MaxConcurrentTransforms"]),
        }
        environment = model.environment | record.get("Environment", {}) | told
        served = ServedModel(model.role_arn, model.image, model.data_url, environment)
        room = Room(record["TransformJobName"], job.folder / "server", self.log_group, stream)
        return ModelProcess(self.account, room, served, lambda _: None)

    def _transform_all(self, work: "Transformation", inputs: Path, outputs: Path, log: LogStream) -> str:
        """Why the job failed, or nothing. Its log is as in
        https://github.com/aws/amazon-sagemaker-examples/issues/1620.
        """
        bucket, prefix = split_uri(work.uri)
        log.write(f"[sagemaker logs]: {work.settings}")
        failed = ""
        for path in sorted(each for each in inputs.rglob("*") if each.is_file()):
            below = path.relative_to(inputs)
            try:
                answers = work.transform(path.read_bytes())
            except RecordError as error:
                failed = f"{error.args[1] if error.args[1:] else 'ClientError'}: {_SEE_LOGS}"
                for line in str(error.args[0]).splitlines():
                    log.write(f"[sagemaker logs]: {bucket}/{prefix.rstrip('/')}/{below}: {line}")
                continue
            target = outputs / f"{below}.out"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(answers)
        outputs.mkdir(exist_ok=True)
        return failed

    def create(self, request: Members, selected_keys: dict[str, list[str]] | None = None) -> Members:
        """With AWS's defaults where nothing is said."""
        given = request["TransformInput"].get("ContentType")
        if "DataProcessing" in request and given != "text/csv":
            raise ValidationError(f"The embedded AWS filters and joins text/csv only, not {given}.")
        defaults = {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 6, "BatchStrategy": "MultiRecord"}
        return super().create(defaults | request, selected_keys)

    def changed(self, record: Members, status: str) -> None:
        if status in ("Completed", "Failed", "Stopped"):
            record["TransformEndTime"] = now()


@dataclass(frozen=True)
class Transformation:
    """What one job does with a file."""

    job: Job
    server: ModelProcess

    @property
    def uri(self) -> str:
        return str(self.job.record["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])

    @property
    def settings(self) -> str:
        record = self.job.record
        return (
            f"MaxConcurrentTransforms={record['MaxConcurrentTransforms']}, "
            f"MaxPayloadInMB={record['MaxPayloadInMB']}, BatchStrategy={_spelled(record['BatchStrategy'])}"
        )

    def transform(self, body: bytes) -> bytes:
        """The answers of all records; raises `RecordError` with what is wrong with one of them."""
        record = self.job.record
        records = records_of(body, record["TransformInput"].get("SplitType", "None"))
        asked = self._filtered(records)
        batches = list(mini_batches(asked, record["MaxPayloadInMB"] * _MEGABYTE, record["BatchStrategy"]))
        with ThreadPoolExecutor(record["MaxConcurrentTransforms"] or 1) as pool:
            answers = pool.map(lambda batch: self._ask(b"\n".join(asked[each] for each in batch)), batches)
            joined = [
                self._joined([records[each] for each in batch], answer)
                for batch, answer in zip(batches, answers, strict=True)
            ]
        if record["TransformOutput"].get("AssembleWith") == "Line":
            return b"".join(b"\n".join([*lines, b""]) for lines in joined)
        return b"".join(b"\n".join(lines) for lines in joined)

    @property
    def _processing(self) -> Members:
        processing: Members = self.job.record.get("DataProcessing", {})
        return processing

    def _filtered(self, records: Sequence[bytes]) -> list[bytes]:
        path = self._processing.get("InputFilter", WHOLE)
        if path == WHOLE:
            return list(records)
        return lines_of(selected(path, row) for row in rows_of(records, "input"))

    def _joined(self, records: Sequence[bytes], answer: bytes) -> list[bytes]:
        lines = answer.splitlines()
        path, source = (
            self._processing.get("OutputFilter", WHOLE),
            self._processing.get("JoinSource", "None"),
        )
        if source == "None" and path == WHOLE:
            return lines
        rows = rows_of(lines, "output from the algorithm")
        if source == "Input":
            if len(rows) != len(records):
                # In words of ours: AWS says that each record needs its answer.
                raise RecordError(f"{len(rows)} answers to {len(records)} records cannot be joined")
            given = rows_of(records, "input")
            rows = [[*row, *answered] for row, answered in zip(given, rows, strict=True)]
        return lines_of(selected(path, row) for row in rows)

    def _ask(self, body: bytes) -> bytes:
        record = self.job.record
        client: dict[str, Any] = {"InvocationsTimeoutInSeconds": 600, "InvocationsMaxRetries": 3}
        client |= record.get("ModelClientConfig", {})
        headers = {
            "Content-Type": record["TransformInput"].get("ContentType", "application/octet-stream"),
            "Accept": record["TransformOutput"].get("Accept", "*/*"),
        }
        why = "Unable to get response from algorithm"
        for _ in range(1 + client["InvocationsMaxRetries"]):
            if self.job.stopping:
                raise RecordError("the job was stopped")
            try:
                answer = self.server.invoke(body, headers, client["InvocationsTimeoutInSeconds"])
            except (NotReadyError, urllib3.exceptions.HTTPError):
                continue
            text = answer.data.decode(errors="replace")
            if answer.status < 400:
                return bytes(answer.data)
            if answer.status < 500:
                raise RecordError(f"ClientError: {answer.status}\n \nMessage:\n{text}")
            why = f"Bad HTTP status received from algorithm: {answer.status}\n \nMessage:\n{text}"
        raise RecordError(why, "AlgorithmError")


def _spelled(strategy: str) -> str:
    return {"MultiRecord": "MULTI_RECORD", "SingleRecord": "SINGLE_RECORD"}[strategy]
