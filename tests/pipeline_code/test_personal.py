"""What is declared as personal data is in nothing that a pipeline, an endpoint or a monitor leaves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import baseline
import evaluate
import inference
import monitor
import numpy as np
import pandas as pd
import preprocess
import pyarrow as pa
import pytest
import train
from hypothesis import given, settings
from hypothesis import strategies as st
from model import Model
from personal import coarser_cells, coarser_column, coarser_text, treatments_of
from tabular import DataError

from tests.pipeline_code.conftest import boat_lines, packed, table, write_raw

HEADER = "Length,Age,Hull,Buyer,Price,Postcode,Income,Born"
PERSONAL = ["--personal", "mask 2:Postcode,bucket 10000:Income", "--personal", "bucket 3650:Born"]
ARGUMENTS = [
    *("--problem", "regression", "--target", "Price", "--numeric", "Length,Age,Income,Born"),
    *("--categorical", "Hull,Postcode", "--drop", "Buyer"),
    *PERSONAL,
]
TREATMENTS = {"Postcode": "mask 2", "Income": "bucket 10000", "Born": "bucket 3650"}
LINES = [
    f"{line.replace('buyer', 'SECRET')},AB{number}SECRET,{20_000 + number}.40971,19{50 + number % 50}-07-13"
    for number, line in enumerate(boat_lines(300))
]
PLANTED = ("SECRET", ".40971", "-07-13", *(str(days) for days in (-7112, -6747)))
ROW = "7.5,3,21500.40971,1970-07-13,steel,AB1SECRET"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A delivery with personal data has gone through every step."""
    folder = tmp_path_factory.mktemp("personal")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_BASE_DIR", str(folder))
        write_raw(folder, table(LINES, HEADER))
        preprocess.main(ARGUMENTS)
        (folder / "input" / "config").mkdir(parents=True)
        (folder / "input" / "config" / "hyperparameters.json").write_text('{"n_estimators": "20"}', "utf-8")
        packed(folder, lambda: train.main([]))
        evaluate.main([])
        processing = folder / "processing"
        shutil.copytree(processing / "output" / "baseline", processing / "input" / "baseline")
        baseline.main(["--threshold", "0.1", *PERSONAL])
        shutil.copytree(
            processing / "output" / "data-quality", processing / "input" / "baseline" / "data-quality"
        )
        _ask(processing / "input" / "captured" / "07", Model.load(folder / "model"))
        monitor.main(["--endpoint", "boats", "--namespace", "n", "--last-hour", "7", "--window-hours", "1"])
        yield folder


def _ask(folder: Path, model: Model) -> None:
    order = [HEADER.split(",").index(name) for name in model.schema.features]
    rows = [",".join(line.split(",")[place] for place in order) for line in LINES[:60]]
    wrong = ROW.replace("21500", "SECRET")
    folder.mkdir(parents=True)
    with (folder / "requests.jsonl").open("w", encoding="utf-8") as file:
        for row in (*rows, wrong):
            sides = {"encoding": "CSV", "data": row}, {"encoding": "CSV", "data": "9000"}
            data = {"captureData": dict(zip(("endpointInput", "endpointOutput"), sides, strict=True))}
            file.write(json.dumps(data) + "\n")


def test_nothing_that_is_written_holds_personal_data(lived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = [path for place in ("processing/output", "model") for path in (lived / place).rglob("*")]
    files = [path for path in written if path.is_file() and path.suffix != ".png"]
    names = {path.name for path in files}
    assert {"train.csv", "baseline.csv", "statistics.json", "evaluation.html", "transform.json"} <= names
    for path in files:
        # A statistic can have any digits; only a cell ends where one does.
        found = [text for text in PLANTED if text.encode() in path.read_bytes().replace(b"\0", b"")]
        assert not [text for text in found if "SECRET" in text or path.suffix == ".csv"], (path, found)
    part = pd.read_csv(lived / "processing" / "output" / "train" / "train.csv")
    assert set(part["Postcode"]) == {"AB*"}
    assert set(part["Income"]) == {20_000}
    assert set(part["Born"] % 3650) == {0}


def test_people_who_look_alike_when_coarse_stay_different_rows(base: Path) -> None:
    """Otherwise shares of classes would be lost; and the place of a row tells nothing of exact cells."""

    def prepared(shift: int) -> pd.DataFrame:
        folder = base / "processing" / "input" / "raw"
        folder.mkdir(parents=True, exist_ok=True)
        rows = [f"{20 + (n + shift) % 10},{'b' if n % 20 == 0 else 'a'}" for n in range(2000)]
        cells = [f"{n},{row}" for n, row in zip(range(0, 20_000, 10), rows, strict=True)]
        (folder / "people.csv").write_text("\n".join(["Income,Age,Label", *cells]), encoding="utf-8")
        preprocess.main(
            [
                *("--problem", "binary-classification", "--target", "Label", "--positive", "b"),
                *("--numeric", "Income,Age", "--personal", "bucket 10:Age,bucket 2000:Income"),
            ]
        )
        output = base / "processing" / "output"
        return pd.concat([pd.read_csv(output / part / f"{part}.csv") for part in preprocess.PARTS])

    first, second = prepared(0), prepared(3)
    assert len(first) == len(second) == 2000
    assert (first["Label"] == "b").mean() == pytest.approx(0.05)
    assert (
        first.sort_values(["Income", "Label"])
        .reset_index(drop=True)
        .equals(second.sort_values(["Income", "Label"]).reset_index(drop=True))
    )
    train = pd.read_csv(base / "processing" / "output" / "train" / "train.csv")
    assert (train != train.shift()).any(axis=1).sum() == len(train.drop_duplicates())


def test_nothing_that_is_said_holds_personal_data(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [*LINES, "7,3,steel,SECRET,9000,AB,SECRET,SECRET"]
    write_raw(base, table(lines, HEADER))
    with pytest.raises(DataError) as caught:
        preprocess.main(ARGUMENTS)
    assert "Income is numeric but has text in 1 of 301 rows" in str(caught.value)
    write_raw(base, table(LINES, HEADER))
    preprocess.main(ARGUMENTS)
    printed = capsys.readouterr()
    assert "train_rows" in printed.out
    said = str(caught.value) + printed.out + printed.err
    assert not [text for text in PLANTED if text in said]


def test_an_endpoint_answers_the_same_whether_the_client_was_exact_or_not(
    lived: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = Model.load(lived / "model")
    coarse = "7.5,3,20000,0,steel,AB*"
    exact, already = (
        inference.transform_fn(model, row, inference.CSV, None).get_data(as_text=True)
        for row in (ROW, coarse)
    )
    assert float(exact) == float(already)
    assert not caplog.records, "what is coarse is no category that training has not seen"


def test_a_monitor_compares_what_is_coarse_with_what_is_coarse(lived: Path) -> None:
    report = lived / "processing" / "output" / "report"
    distances = json.loads((report / "metrics.json").read_text("utf-8"))["MetricData"]
    values = {metric["MetricName"]: metric["Value"] for metric in distances}
    assert values["requests"] == 61
    features = json.loads((report / "statistics.json").read_text("utf-8"))["features"]
    (postcode,) = (feature for feature in features if feature["name"] == "Postcode")
    buckets = postcode["string_statistics"]["distribution"]["categorical"]["buckets"]
    assert {bucket["value"] for bucket in buckets} == {"AB*"}


@settings(deadline=None)
@given(st.floats(-1e12, 1e12), st.text(min_size=1), st.integers(1, 10**9), st.integers(1, 5))
def test_deliveries_requests_and_captures_are_treated_alike_once_or_twice(
    number: float, word: str, width: int, stays: int
) -> None:
    treatments = {"n": f"bucket {width}", "w": f"mask {stays}"}
    once = coarser_cells({"n": [number, None], "w": [word, None]}, treatments)
    assert coarser_cells(once, treatments) == once
    numbers, words = pa.array([number, None]), pa.array([word, None], pa.string()).dictionary_encode()
    assert coarser_column(numbers, treatments["n"]).to_pylist() == once["n"]
    assert coarser_column(words, treatments["w"]).to_pylist() == once["w"]
    assert float(coarser_text(repr(number), treatments["n"])) == once["n"][0]
    assert coarser_text(word, treatments["w"]) == once["w"][0]
    assert word != once["w"][0] or word.endswith("*"), "a short word does not stay"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["mask 2:Income"], "--personal Income: bucket needs a numeric feature, mask a categorical one"),
        (["bucket 5:Postcode"], "--personal Postcode: bucket needs"),
        (["bucket 5:Price"], "--personal Price: bucket needs"),
        (["hash:Postcode"], "--personal Postcode: write `mask <characters>:`"),
        (["bucket 0:Age"], "--personal Age: write"),
    ],
)
def test_a_treatment_that_does_not_fit_is_refused(arguments: list[str], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        preprocess.parse_arguments([*ARGUMENTS[:-4], "--personal", *arguments])


def test_columns_are_named_as_arguments_of_a_job_name_them() -> None:
    assert treatments_of(["mask 2:Postcode,bucket 10000:Income", "bucket 3650:Born"]) == TREATMENTS
    assert np.isnan(
        coarser_column(pa.array([None], pa.float64()), "bucket 2").to_numpy(zero_copy_only=False)
    ).all()
