"""Writes what an endpoint is asked and answers to S3, in the files that Model Monitor reads.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
import logging
import random
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.batch import Batch
from tools.local_aws.sagemaker.s3_objects import split_uri
from tools.local_aws.sagemaker.store import Members
from tools.local_aws.scheduler.calendar import Calendar

_FLUSH_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One side of an invocation."""

    content_type: str
    body: bytes


@dataclass(frozen=True)
class _Captured:
    time: datetime
    line: str


class DataCapture:
    """The capture of one variant, under the role of its model."""

    def __init__(self, config: Members, endpoint: str, variant: str, s3: Any, calendar: Calendar) -> None:
        self._config, self._calendar = config, calendar
        self._s3 = s3
        self._bucket, prefix = split_uri(config["DestinationS3Uri"])
        self._prefix = f"{prefix.rstrip('/')}/{endpoint}/{variant}".lstrip("/")
        self._captured: Batch[_Captured] = Batch(self._write, _FLUSH_SECONDS)
        modes = [option["CaptureMode"] for option in config["CaptureOptions"]]
        self._input = any(mode in ("Input", "InputAndOutput") for mode in modes)
        self._output = any(mode in ("Output", "InputAndOutput") for mode in modes)

    def record(self, request: Message, response: Message, inference_id: str | None) -> None:
        """Captures one invocation, or not, as the sampling percentage has it."""
        if random.uniform(0, 100) >= self._config["InitialSamplingPercentage"]:
            return
        time, data = self._calendar.now(), {}
        if self._input:
            data["endpointInput"] = self._side(request, "INPUT")
        if self._output:
            data["endpointOutput"] = self._side(response, "OUTPUT")
        metadata = {"eventId": str(uuid.uuid4()), "inferenceTime": time.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if inference_id:
            metadata["inferenceId"] = inference_id
        line = {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}
        self._captured.add(_Captured(time, json.dumps(line)))

    def flush(self) -> None:
        """Writes what has not been written yet."""
        self._captured.flush()

    def _side(self, message: Message, mode: str) -> Members:
        header = self._config.get("CaptureContentTypeHeader", {})
        plain_type = message.content_type.split(";")[0].strip()
        if plain_type in header.get("CsvContentTypes", ()):
            encoding, data = "CSV", message.body.decode()
        elif plain_type in header.get("JsonContentTypes", ()):
            encoding, data = "JSON", message.body.decode()
        else:
            encoding, data = "BASE64", base64.b64encode(message.body).decode()
        return {"observedContentType": message.content_type, "mode": mode, "data": data, "encoding": encoding}

    def _write(self, captured: Iterable[_Captured]) -> None:
        for hour, group in groupby(captured, key=lambda item: f"{item.time:%Y/%m/%d/%H}"):
            items = list(group)
            name = f"{items[0].time:%M-%S-%f}"[:-3] + f"-{uuid.uuid4()}.jsonl"
            body = "".join(f"{item.line}\n" for item in items).encode()
            try:
                self._s3.put_object(
                    Bucket=self._bucket, Key=f"{self._prefix}/{hour}/{name}", Body=body, **self._encryption()
                )
            except ClientError as error:
                log.warning("Captured data was lost, s3://%s/%s: %s", self._bucket, self._prefix, error)

    def _encryption(self) -> dict[str, str]:
        key = self._config.get("KmsKeyId")
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
