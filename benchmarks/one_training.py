"""Runs beside pipeline_code: `python one_training.py <folder>` trains on a million rows, prints seconds."""

import json
import sys
from pathlib import Path

from boosting import ON_ONE_MACHINE, Table, boost
from fast_transform import read_out
from hyperparameters import defaults
from tabular import Part, read_part
from transform import fit_transform

from benchmarks.measuring import seconds_of
from benchmarks.million_rows import ROWS, SCHEMA, write_channels

TREES = 100


def main(folder: Path) -> None:
    write_channels(folder)
    parts: dict[str, Part] = {}
    tables: list[Table] = []

    def prepare() -> None:
        parts.update({name: read_part(folder / name, name, SCHEMA) for name in ROWS})
        pipeline, learn = fit_transform(SCHEMA, parts["train"].features)
        watch = read_out(pipeline, SCHEMA).transform(parts["validation"].features)
        targets = [part.target for part in parts.values()]
        tables.extend(Table(rows, target) for rows, target in zip((learn, watch), targets, strict=True))

    settings = {**defaults("xgboost", SCHEMA.problem), "n_estimators": TREES}
    before = seconds_of(prepare)
    boosting = seconds_of(lambda: boost(settings, tables[0], tables[1], ON_ONE_MACHINE))
    print(json.dumps({"rows": sum(ROWS.values()), "trees": TREES, "before": before, "boosting": boosting}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
