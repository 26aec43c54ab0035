"""What the image's own entrypoint runs in a tuning job, whose request has no room for a command.

`HyperParameterAlgorithmSpecification` lacks the ContainerEntrypoint of a training job:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterAlgorithmSpecification.html
So the entrypoint runs `python -m trial --<hyperparameter> <value> ...`, which training reads from their file.
Source: sagemaker-containers 2.8.6.post2 on PyPI, `_modules.py`.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.argv[1:] = ["train"]
    runpy.run_path(str(Path(__file__).parent), run_name="__main__")
