"""The machines of one training job, and how they learn the same trees together.

Each has all rows and boosts on every n-th: the table of an execution is one file, which `ShardedByS3Key`
would give to one of them, and the transform is fitted on all rows, so that it is the same everywhere.
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from xgboost.collective import CommunicatorContext
from xgboost.tracker import RabitTracker

# Free in the image, and between the machines of one job nothing is closed.
TRACKER_PORT, NEXT_PORT = 9099, 9100
# The seconds between two tries grow: together more than two machines of one job start apart.
CONNECTION_TRIES = 20
TRACKER_END_SECONDS = 60
# Families of instance types with GPUs begin so: https://aws.amazon.com/sagemaker/ai/pricing/
GPU_FAMILIES = ("ml.g", "ml.p")


@dataclass(frozen=True)
class Hosts:
    """This machine among those of its job."""

    names: tuple[str, ...] = ("localhost",)
    own: str = "localhost"
    instance_type: str = ""

    @classmethod
    def read(cls, path: Path) -> Hosts:
        """What SageMaker tells in resourceconfig.json; without the file there is one machine."""
        if not path.is_file():
            return cls()
        told = json.loads(path.read_text(encoding="utf-8"))
        instance_type = told.get("current_instance_type") or ""
        return cls(tuple(sorted(told["hosts"])), told["current_host"], instance_type)

    @property
    def rank(self) -> int:
        return self.names.index(self.own)

    @property
    def is_first(self) -> bool:
        """Whether this one writes the model and the metrics."""
        return self.rank == 0

    @property
    def device(self) -> str:
        """Where XGBoost boosts."""
        return "cuda" if self.instance_type.startswith(GPU_FAMILIES) else "cpu"

    def share(self, rows: np.ndarray) -> np.ndarray:
        """The rows that this machine boosts on."""
        return rows[self.rank :: len(self.names)] if len(self.names) > 1 else rows

    @contextmanager
    def together(self, *, again: bool = False) -> Iterator[None]:
        """What is trained within, all machines train as one. The first one brings them together.

        `again`: after they were together before, where one may still be leaving.
        """
        if len(self.names) == 1:
            yield
            return
        address = socket.gethostbyname(self.names[0])
        tracker, port = None, NEXT_PORT if again else TRACKER_PORT
        if self.is_first:
            tracker = RabitTracker(len(self.names), address, port, sortby="task")
            tracker.start()
        with CommunicatorContext(
            dmlc_tracker_uri=address,
            dmlc_tracker_port=port,
            dmlc_task_id=f"{self.rank:04}",
            dmlc_retry=CONNECTION_TRIES,
        ):
            yield
        if tracker:
            tracker.wait_for(TRACKER_END_SECONDS)


ALONE = Hosts()
