"""A small table of boats, known to the letter, and a model trained on it."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hyperparameters import XGBOOST, defaults
from model import Model
from tabular import Part, Schema, read_part
from train import fit

BOATS = Schema("regression", "Price", "log", ("Length", "Age"), ("Hull",), None)
ARGUMENTS = [
    *("--problem", "regression", "--target", "Price", "--target-transform", "log"),
    *("--numeric", "Length", "--numeric", "Age", "--categorical", "Hull", "--drop", "Buyer"),
]


def boat_lines(count: int) -> list[str]:
    """CSV lines Length,Age,Hull,Buyer,Price; some ages and hulls are missing, one hull is called NA."""
    generator = np.random.default_rng(7)
    lines = []
    for number in range(count):
        length, age = 5 + generator.random() * 10, int(generator.integers(0, 40))
        hull = ("steel", "wood", "NA", "")[number % 4]
        price = round(1000 * length * (1.5 if hull == "steel" else 1.0) * 0.98**age, 2)
        lines.append(f"{length:.3f},{'' if number % 9 == 0 else age},{hull},buyer {number},{price}")
    return lines


HEADER = "Length,Age,Hull,Buyer,Price"


def write_raw(base: Path, text: str | bytes, name: str = "boats.csv") -> None:
    """Put a raw file where the step finds it."""
    path = base / "processing" / "input" / "raw" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def table(lines: list[str], header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


def packed(base: Path, train: Callable[[], None]) -> None:
    """Train on what preprocessing has left in the folder, and put everything where evaluation finds it."""
    processing = base / "processing"
    for channel in ("train", "validation"):
        shutil.copytree(processing / "output" / channel, base / "input" / "data" / channel)
    train()
    for part in ("validation", "test"):
        shutil.copytree(processing / "output" / part, processing / "input" / part)
    (processing / "input" / "model").mkdir(parents=True)
    with tarfile.open(processing / "input" / "model" / "model.tar.gz", "w:gz") as archive:
        archive.add(base / "model", arcname=".")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of /opt/ml."""
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def boat_part(tmp_path_factory: pytest.TempPathFactory) -> Part:
    """300 boats as a part that a step reads."""
    folder = tmp_path_factory.mktemp("boats")
    rows = [line.split(",") for line in boat_lines(300)]
    lines = [",".join([price, length, age, hull]) for length, age, hull, _, price in rows]
    (folder / "train.csv").write_text(table(lines, "Price,Length,Age,Hull"), encoding="utf-8")
    return read_part(folder, "train", BOATS)


@pytest.fixture(scope="session")
def boat_model(boat_part: Part) -> Model:
    """A quickly trained model of boats."""
    return fit(BOATS, boat_part, boat_part, defaults(XGBOOST, "regression") | {"n_estimators": 40})
