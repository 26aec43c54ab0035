"""`python -m tools.ground_truth`: tells what really happened to requests, so that the live model is measured.

The file is a CSV with a header: `inference_id` (of the request, or the id of the captured event where the
XX
has a line for each, in their order. The format of what is written is Model Monitor's:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

import argparse
import csv
import io
import json
import sys
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

COLUMNS = ("inference_id", "label", "asked_at")
MOST_MISTAKES = 20
USE_CASES = Path(__file__).parent.parent / "config" / "use_cases"

Labels = Mapping[str, Sequence[str]]
"""What happened to each row of a request, by inference id."""


def main(argv: Sequence[str]) -> int:
    """The status is 0 when everything is told, 2 when nothing is."""
    parser = argparse.ArgumentParser(prog="python -m tools.ground_truth", description=__doc__)
    parser.add_argument("labels", type=Path, help=f"a CSV file with the columns {', '.join(COLUMNS)}")
    parser.add_argument("--bucket", required=True, help="the output DataBucketName of the foundation")
    parser.add_argument("--use-case", required=True)
    options = parser.parse_args(argv)
    if not (USE_CASES / f"{options.use_case}.yaml").is_file():
        known = ", ".join(sorted(path.stem for path in USE_CASES.glob("*.yaml")))
        print(f"There is no use case {options.use_case}; there are {known}", file=sys.stderr)
        return 2
    try:
        with options.labels.open(encoding="utf-8-sig", newline="") as file:
            hours = by_hour(csv.DictReader(file))
        for hour, labels in hours.items():
            place = {"Bucket": options.bucket, "Key": key(options.use_case, hour)}
            boto3.client("s3").put_object(**place, Body=body(labels))
            print(
                f"{len(labels)} requests of {hour:%Y-%m-%d %H} o'clock: s3://{options.bucket}/{place['Key']}"
            )
    except (ValueError, OSError, csv.Error, ClientError, BotoCoreError) as error:
        print(f"{options.labels}: {error}", file=sys.stderr)
        return 2
    return 0


def by_hour(rows: Iterable[Mapping[str, str | None]]) -> dict[datetime, dict[str, list[str]]]:
    """Labels by the hour of their requests; ValueError names every line that is none."""
    hours: dict[datetime, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    mistakes = []
    for number, row in enumerate(rows, start=2):
        missing = [name for name in COLUMNS if not row.get(name)]
        if missing:
            mistakes.append(f"line {number} has no {' and no '.join(missing)}")
            continue
        inference_id, label, asked_at = (str(row[name]) for name in COLUMNS)
        try:
            hours[_hour(asked_at)][inference_id].append(label)
        except ValueError:
            mistakes.append(f"line {number}: asked_at is {asked_at}; write 2026-11-21T15:04:05Z")
    if mistakes:
        more = len(mistakes) - MOST_MISTAKES
        raise ValueError("; ".join([*mistakes[:MOST_MISTAKES], *([f"and {more} more"] if more > 0 else [])]))
    return {hour: dict(labels) for hour, labels in sorted(hours.items())}


def _hour(asked_at: str) -> datetime:
    moment = datetime.fromisoformat(asked_at)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(minute=0, second=0, microsecond=0)


def key(use_case: str, moment: datetime) -> str:
    """A new one each time: what is told later corrects what was told before."""
    told_at = datetime.now(UTC)
    return f"ground-truth/{use_case}/{moment:%Y/%m/%d/%H}/{told_at:%Y%m%dT%H%M%S.%fZ}-{uuid.uuid4()}.jsonl"


def body(labels: Labels) -> bytes:
    """JSON Lines, one for each request."""
    lines = [
        json.dumps(
            {
                "groundTruthData": {"data": _as_csv(of_request), "encoding": "CSV"},
                "eventMetadata": {"eventId": inference_id},
                "eventVersion": "0",
            }
        )
        for inference_id, of_request in labels.items()
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _as_csv(labels: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([label] for label in labels)
    return text.getvalue().removesuffix("\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
