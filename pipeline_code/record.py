"""The digests of all that an execution registers: the release compares with them what it is about to deploy.

Run: python3 code.zip record [--live-version <number>]; reads
<base>/processing/input/{model,test,evaluation,baseline,live}, writes
<base>/processing/output/record/record.json: a digest by each name in FILES, by those in MAY_LACK whose files
there are, and by `delivery`. Beside it lies drift-check.json: how the baselines differ from those of the live
version.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from digests import DELIVERY_FILE, digest_of_file
from drift_check import NOTHING, Baselines, check
from tabular import Arguments, DataError, base_dir

FILES = {
    "model": "model/model.tar.gz",
    "statistics": "baseline/statistics.json",
    "constraints": "baseline/constraints.json",
    "evaluation": "evaluation/evaluation.json",
    "quality": "evaluation/constraints.json",
    "explanations": "evaluation/explainability/analysis.json",
    "comparison": "evaluation/comparison.json",
}
MAY_LACK = {
    "bias": "evaluation/bias/analysis.json",
    "facets": "evaluation/bias/analysis_config.json",
    "intervals": "evaluation/bias/intervals.json",
}


def main(argv: Sequence[str]) -> None:
    """Raises DataError when a file is missing."""
    parser = Arguments(prog="record", allow_abbrev=False)
    parser.add_argument("--live-version", default=NOTHING)
    version = parser.parse_args(list(argv)).live_version
    given, output = base_dir() / "processing" / "input", base_dir() / "processing" / "output" / "record"
    files = {name: given / file for name, file in FILES.items()}
    delivery = given / "test" / DELIVERY_FILE
    missing = [path for path in (*files.values(), delivery) if not path.is_file()]
    if missing:
        raise DataError(f"missing: {', '.join(path.relative_to(given).as_posix() for path in missing)}")
    there = {name: given / file for name, file in MAY_LACK.items() if (given / file).is_file()}
    recorded = {name: digest_of_file(path) for name, path in {**files, **there}.items()}
    recorded["delivery"] = json.loads(delivery.read_text(encoding="utf-8"))["sha256"]
    output.mkdir(parents=True, exist_ok=True)
    (output / "record.json").write_text(json.dumps(recorded, indent=2) + "\n", encoding="utf-8")
    taken = given / "live"
    live, new = (
        Baselines(taken / "data-quality", taken / "evaluation"),
        Baselines(given / "baseline", given / "evaluation"),
    )
    drift = check(version, live, new)
    (output / "drift-check.json").write_text(json.dumps(drift, indent=2) + "\n", encoding="utf-8")
    print(f"drift_check={drift['has_drifted']}; {drift['told']}")
