"""What every job has: a folder, arguments, and mistakes that people are told.

Needs Python's library only: a job may have to unpack all others first.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import NoReturn


class DataError(ValueError):
    """Data or settings of a step are wrong; the message names columns and counts, never cell values."""


class Arguments(argparse.ArgumentParser):
    """Argument parser whose mistakes are DataErrors, so that they reach SageMaker's FailureReason."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise DataError(f"{self.prog}: {message}")


def base_dir() -> Path:
    """The folder where SageMaker mounts everything: /opt/ml, or SAGEMAKER_BASE_DIR outside containers."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
