"""AWS's own serving code, on the image's library versions and without a network, is the referee.

Whatever it answers to a request, the embedded AWS's endpoint must answer too, bit by bit.
"""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.pipeline_code.hosting.invocations import CSV, Invocation, Rows, invocations
from tests.pipeline_code.hosting.servers import (
    ROOT,
    NotStartedError,
    Served,
    embedded,
    image_python,
    toolkit,
)
from tests.pipeline_code.test_steps import HOUSE_CATEGORIES, HOUSE_NUMBERS, flags

# A program of the kind that data scientists copy from examples.
FOUR_FUNCTIONS = """
def model_fn(folder): return 7
def input_fn(body, content_type):
    if not body: raise ValueError("nothing to predict")
    return f"{type(body).__name__} {content_type}"
def predict_fn(data, model): return f"{data} {model}"
def output_fn(prediction, accept): return f"{prediction} {accept}"
"""
TUPLE = FOUR_FUNCTIONS.replace('f"{prediction} {accept}"', 'prediction, "application/json"')
BUILD_SETTINGS = """
[build-system]
requires = []
build-backend = "served_code"
backend-path = ["."]
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which house prices were trained as a training job does it, in the image's environment."""
    base = tmp_path_factory.mktemp("trained")
    with zipfile.ZipFile(base / "code.zip", "w") as code:
        for module in sorted((ROOT / "pipeline_code").glob("*.py")):
            code.write(module, module.name)
    (base / "processing" / "input" / "raw").mkdir(parents=True)
    shutil.copy(ROOT / "data" / "house_prices.csv", base / "processing" / "input" / "raw")
    columns = flags("--numeric", HOUSE_NUMBERS) + flags("--categorical", HOUSE_CATEGORIES)
    problem = ["--problem", "regression", "--target", "Sale_Price", "--target-transform", "log"]
    _run(base, "preprocess", *problem, *columns, "--features-module", "features_house_prices")
    for part in ("train", "validation"):
        shutil.copytree(base / "processing" / "output" / part, base / "input" / "data" / part)
    (base / "input" / "config").mkdir()
    (base / "input" / "config" / "hyperparameters.json").write_text(json.dumps({"n_estimators": "60"}))
    _run(base, "train")
    return base


def _run(base: Path, *step: str) -> None:
    environment = {"SAGEMAKER_BASE_DIR": str(base), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    command = [str(image_python()), str(base / "code.zip"), *step]
    done = subprocess.run(command, env=environment, cwd=base, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def rows(trained: Path) -> Rows:
    return Rows.read(trained / "model", trained / "processing" / "output" / "test" / "test.csv")


@pytest.fixture(scope="module")
def aws(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with toolkit(trained / "model", tmp_path_factory.mktemp("toolkit")) as served:
        yield served


@pytest.fixture(scope="module")
def ours(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with embedded(trained / "model", tmp_path_factory.mktemp("embedded")) as served:
        yield served


EXAMPLE = Rows(("a", "b"), ["1,x"], [{"a": 1.0, "b": "x"}])


@pytest.mark.parametrize("about", invocations(EXAMPLE))
def test_the_embedded_endpoint_answers_as_awss_toolkit_does(
    about: str, rows: Rows, aws: Served, ours: Served
) -> None:
    invocation = invocations(rows)[about]
    answer = aws.ask(invocation.body, invocation.headers)
    assert ours.ask(invocation.body, invocation.headers) == answer
    assert answer.status == invocation.status
    expected = invocation.headers.get("Accept", "").replace("*/*", "") or invocation.headers.get(
        "Content-Type"
    )
    if answer.status == 200:
        assert answer.media_type == (expected or "application/json").split(";")[0]
    else:
        assert answer.media_type == "text/plain"


def test_a_good_request_after_a_hundred_bad_ones_is_answered(rows: Rows, aws: Served, ours: Served) -> None:
    for served in (aws, ours):
        assert {served.ask(b"1,2", CSV).status for _ in range(100)} == {400}
        assert served.ask(rows.lines[0].encode(), CSV).status == 200


@pytest.mark.parametrize("server", [toolkit, embedded])
def test_without_its_build_settings_a_model_cannot_be_served_offline(
    server: Callable[[Path, Path], AbstractContextManager[Served]], trained: Path, tmp_path: Path
) -> None:
    model = tmp_path / "lacking"
    shutil.copytree(trained / "model", model)
    (model / "code" / "pyproject.toml").unlink()
    with pytest.raises(NotStartedError, match="InstallModuleError"), server(model, tmp_path):
        pytest.fail("it started")


@pytest.mark.parametrize("program", [FOUR_FUNCTIONS, TUPLE])
def test_the_embedded_endpoint_treats_any_program_as_awss_toolkit_does(program: str, tmp_path: Path) -> None:
    code = tmp_path / "model" / "code"
    code.mkdir(parents=True)
    (code / "inference.py").write_text(program)
    (code / "pyproject.toml").write_text(BUILD_SETTINGS)
    shutil.copy(ROOT / "pipeline_code" / "served_code.py", code)
    asked = [
        Invocation(b"1,2", CSV),
        Invocation(b"1,2", {**CSV, "Accept": "text/csv"}),
        Invocation(b"1,2", {"Content-Type": "image/png", "Accept": "image/png"}),
        Invocation(b"1,2", {}),
        Invocation(b"", CSV),
    ]
    answers = []
    for server in (toolkit, embedded):
        folder = tmp_path / server.__name__
        folder.mkdir()
        with server(tmp_path / "model", folder) as served:
            answers.append([served.ask(invocation.body, invocation.headers) for invocation in asked])
    assert answers[0] == answers[1]
    assert [answer.status for answer in answers[0]] == [200, 200, 200, 200, 500]
    assert (answers[0][0].media_type or "").split(";")[0] == (
        "application/json" if program == TUPLE else "text/html"
    )
