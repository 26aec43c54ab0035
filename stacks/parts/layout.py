"""Where everything lies in S3. No other file writes a prefix.

Below each zone lies a folder for each use case.
"""

from dataclasses import dataclass
from typing import NamedTuple

DATA_QUALITY = "data-quality"
"""The folder of baselines below an execution or a version, and of the reports that compare with them."""

MODEL_QUALITY = "model-quality"
"""The folder of reports that compare answers with what really happened."""

BATCH_QUALITY = "batch-quality"
"""The folder of reports that compare the rows of batches with a baseline."""

EVALUATION = "evaluation"
"""The folder of an execution's evaluation."""

RECORD = "record"
"""The folder of an execution's record."""

RECORD_FILE = "record.json"
"""In it: the digests of all that the execution registers."""

DRIFT_FILE = "drift-check.json"
"""Beside it: how the execution's baselines differ from those of the live version."""

MODEL_DATA = "model.tar.gz"
"""The artifact of a model, as SageMaker calls it."""

RAW, MODELS = "raw", "models"
"""Prefixes that also the copies in another region protect."""

KEPT_DAYS = {"monitoring": 365, "profiles": 90, "athena": 30, "candidates": 7, "checkpoints": 30}
"""How long what nothing that runs later reads is kept in the artifacts bucket, by prefix."""


class Bucket(NamedTuple):
    """A bucket, of which name and ARN may be known at deployment only."""

    name: str
    arn: str

    @classmethod
    def named(cls, name: str) -> "Bucket":
        return cls(name, f"arn:aws:s3:::{name}")


@dataclass(frozen=True)
class Zone:
    """The objects of a bucket below one prefix; without a prefix, all of them."""

    bucket: Bucket
    prefix: str = ""

    @property
    def keys(self) -> str:
        """The pattern of its keys: `raw/*`."""
        return self.key("*")

    @property
    def objects(self) -> str:
        return f"{self.bucket.arn}/{self.keys}"

    def key(self, *below: str) -> str:
        """A key; an empty last part ends it with a slash, as AWS's services want folders."""
        return "/".join((self.prefix, *below) if self.prefix else below)

    def uri(self, *below: str) -> str:
        return f"s3://{self.bucket.name}/{self.key(*below)}"


class Layout:
    """The zones of one environment's buckets."""

    def __init__(self, *, data: Bucket, artifacts: Bucket, capture: Bucket) -> None:
        # What data engineers or sources deliver, and what preprocessing makes of it.
        self.raw = Zone(data, RAW)
        self.processed = Zone(data, "processed")
        # The offline stores of feature groups.
        self.features = Zone(data, "features")
        # What really happened, to compare predictions with.
        self.ground_truth = Zone(data, "ground-truth")

        # Nothing of these three expires: what training made, what an execution found out about it, and what
        # the release has taken from both for a version: all that serves and is compared with.
        self.training = Zone(artifacts, "training")
        self.executions = Zone(artifacts, "executions")
        self.models = Zone(artifacts, MODELS)
        # Where the release looks at copies before they become part of a version.
        self.candidates = Zone(artifacts, "candidates")
        # What a training has reached, should its machine be taken away.
        self.checkpoints = Zone(artifacts, "checkpoints")
        # What people keep for their own jobs, and the artifacts of MLflow.
        self.data_engineering = Zone(artifacts, "data-engineering")
        self.data_science = Zone(artifacts, "data-science")
        self.mlflow = Zone(artifacts, "mlflow")
        # Reports, which expire.
        self.monitoring = Zone(artifacts, "monitoring")
        self.profiles = Zone(artifacts, "profiles")
        self.athena = Zone(artifacts, "athena")

        self._capture = capture
        # What asynchronous endpoints are asked and answer, which nothing captures.
        self.requests = Zone(capture, "requests")
        self.answers = Zone(capture, "answers")
        self.failures = Zone(capture, "failures")
        # What batches are asked and answer: a folder `<year>/<month>/<day>/` each.
        self.batch_input = Zone(capture, "batch/input")
        self.batch_output = Zone(capture, "batch/output")

    def captured(self, endpoint: str) -> Zone:
        """Requests and answers of an endpoint, or of those whose names match; the bucket holds others too.

        Its other zones have no dash in their names, and those of endpoints have: no pattern means both.
        """
        return Zone(self._capture, endpoint)
