"""Entry point of every job: python3 code.zip <step> [arguments]. SageMaker shows why a step failed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from job import DataError, base_dir

# https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-output.html and
# https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
REASON_FILES = {
    "preprocess": "message",
    "libraries": "message",
    "spark_cluster": "message",
    "spark_preprocess": "reason",
    "baseline": "message",
    "train": "failure",
    "evaluate": "message",
    "record": "message",
    "monitor": "message",
    "monitor_batch": "message",
    "quality": "message",
    "track": "message",
}
LONGEST_REASON = 1024


def main(argv: Sequence[str]) -> int:
    """Run one step; on failure write the reason where SageMaker looks for it and return 1."""
    step = argv[0] if argv else ""
    if step not in REASON_FILES:
        print(f"unknown step {step!r}; steps are {', '.join(REASON_FILES)}", file=sys.stderr)
        return 2
    try:
        import_module(step).main(argv[1:])
    except DataError as error:
        return _fail(step, str(error))
    except Exception as error:
        # Without the messages of libraries, which can hold cell values.
        traceback.print_tb(error.__traceback__)
        place = traceback.extract_tb(error.__traceback__)[-1]
        return _fail(
            step,
            f"{type(error).__name__} in {place.filename}:{place.lineno}; the job's log has the way",
        )
    return 0


def _fail(step: str, reason: str) -> int:
    shown = reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 4]} ..."
    print(f"{step} failed: {reason}", file=sys.stderr)
    path = base_dir() / "output" / REASON_FILES[step]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{step}: {shown}\n", encoding="utf-8")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
