"""Runs beside pipeline_code: `python captured_rows.py <folder> <rows of a request>`: what a monitor reads.

A million captured rows of twenty columns, of which one has moved, a baseline of a tenth as many rows, and
both as tables for peers.
"""

import io
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow.csv import WriteOptions, write_csv

from benchmarks.million_rows import table

ROWS, FILES = 1_000_000, 10
MOVED = "n3"
_HOUR = "12"


def main(folder: Path, rows_of_a_request: int) -> None:
    before, now = table(ROWS // 10), table(ROWS)
    place = now.column_names.index(MOVED)
    now = now.set_column(place, MOVED, pa.array(np.asarray(now[MOVED].to_pandas() * 1.5)))
    inputs = folder / "processing" / "input"
    for path, rows in (
        (inputs / "baseline" / "baseline.csv", before),
        (folder / "before.csv", before),
        (folder / "now.csv", now),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_csv(rows, path, WriteOptions(quoting_style="needed"))
    hour = inputs / "captured" / _HOUR
    hour.mkdir(parents=True)
    share = ROWS // FILES
    for number in range(FILES):
        part = now.slice(number * share, share)
        answers, requests = (_lines(part.select(names)) for names in (["y"], now.column_names[1:]))
        with (hour / f"{number}.jsonl").open("w", encoding="utf-8") as file:
            for begin in range(0, share, rows_of_a_request):
                end = begin + rows_of_a_request
                file.write(_event("\n".join(requests[begin:end]), "\n".join(answers[begin:end])))


def _lines(rows: pa.Table) -> list[str]:
    text = io.BytesIO()
    write_csv(rows, text, WriteOptions(include_header=False, quoting_style="needed"))
    return text.getvalue().decode().splitlines()


def _event(request: str, answer: str) -> str:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html."""
    sides = (("endpointInput", "INPUT", request), ("endpointOutput", "OUTPUT", answer))
    captured = {
        side: {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}
        for side, mode, data in sides
    }
    metadata = {"eventId": "1f2e3d4c-5b6a-4798-8a9b-acbdcedfe0f1", "inferenceTime": "2026-03-02T12:00:00Z"}
    return json.dumps({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
