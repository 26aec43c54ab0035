"""The files that ship, whatever they say, and the sample: they fit schemas, data and scripts."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import hyperparameters as training
import jsonschema
import metrics as evaluation
import numpy as np
import pytest

from config.keys_page import PAGE
from config.mistakes.yaml_reader import read_yaml
from config.models.use_case import Algorithm, metrics_of
from config.schema import SCHEMAS, reference, render
from config.settings import load_settings
from config.values.hyperparameters import AUTO, LIMITS_OF, OBJECTIVES

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
SAMPLE = ROOT / "tests" / "sample"
SCHEMA_OF = {"environments": "environment", "use_cases": "use-case"}
REFERENCE = "# yaml-language-server: $schema="
FILES = [path for folder in (CONFIG, SAMPLE) for path in sorted(folder.glob("*s/*.yaml"))]


def test_in_the_sample_dev_follows_approvals_and_production_is_protected() -> None:
    environments = {environment.name: environment for environment in load_settings(SAMPLE).environments}
    assert environments["dev"].use_cases["house-prices"].model == "latest-approved"
    assert environments["prod"].termination_protection


def test_every_column_of_the_house_prices_has_one_place() -> None:
    use_case = load_settings(SAMPLE).use_cases["house-prices"]
    with (ROOT / "data" / "house_prices.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert sorted(header) == sorted([*use_case.columns, *use_case.drop])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schema_is_current(name: str) -> None:
    committed = (CONFIG / "schemas" / f"{name}.schema.json").read_text("utf-8")
    assert committed == render(SCHEMAS[name]), "run: python -m config.schema"


def test_the_page_of_all_keys_is_current() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run: python -m config.schema"


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_every_file_fits_its_schema_and_names_no_other(path: Path) -> None:
    schema = CONFIG / "schemas" / f"{SCHEMA_OF[path.parent.name]}.schema.json"
    first_line = path.read_text("utf-8").splitlines()[0]
    if first_line.startswith(REFERENCE):
        assert (path.parent / first_line.removeprefix(REFERENCE)).resolve() == schema
    document, mistakes = read_yaml(path)
    assert not mistakes
    content = json.loads(schema.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(content)
    jsonschema.Draft202012Validator(content).validate(document)


def test_the_schema_refuses_unknown_keys_instance_types_and_times_of_day() -> None:
    document, _ = read_yaml(SAMPLE / "environments" / "dev.yaml")
    validator = jsonschema.Draft202012Validator(json.loads(render(SCHEMAS["environment"])))
    assert document
    assert not validator.is_valid({**document, "acount": "1"})
    assert not validator.is_valid({**document, "off_hours": {"stop": "19:00", "start": "7:00"}})
    training_resources = {"training_instance_type": "m5.large"}
    assert not validator.is_valid(
        {**document, "use_cases": {"house-prices": {"model": "none", "training": training_resources}}}
    )


def test_the_hyperparameters_are_those_that_training_understands() -> None:
    known = {name: set(rules) for name, rules in training.RULES_OF.items()}
    assert {name: set(limits) for name, limits in LIMITS_OF.items()} == known
    assert (*LIMITS_OF, AUTO) == training.ALGORITHMS == get_args(Algorithm)
    assert OBJECTIVES == training.OBJECTIVES


HYPERPARAMETERS = [(algorithm, name) for algorithm, limits in LIMITS_OF.items() for name in limits]


@pytest.mark.parametrize(("algorithm", "name"), HYPERPARAMETERS)
def test_the_limits_of_hyperparameters_are_those_of_training(algorithm: str, name: str) -> None:
    limits, rule = LIMITS_OF[algorithm][name], training.RULES_OF[algorithm][name]
    assert rule.default is None or limits.allow(rule.default)
    edges = [limits.least - 1, limits.least, limits.least + 1, limits.most, limits.most + 1]
    for edge in (edge for edge in edges if np.isfinite(edge)):
        assert limits.allow(edge) == rule.allows(edge), edge


def test_the_metrics_are_those_that_evaluation_reports() -> None:
    numbers = np.array([100.0, 200.0, 300.0])
    assert set(metrics_of("regression")) == set(evaluation.measure("regression", numbers, numbers + 1))
    classes, chances = np.array([0, 1, 1]), np.array([0.2, 0.7, 0.4])
    binary = evaluation.measure("binary-classification", classes, chances, costs=np.ones((2, 2)))
    assert set(metrics_of("binary-classification")) == set(binary)
    all_alike = np.ones((3, 3))
    several = evaluation.measure("multiclass-classification", np.array([0, 1, 2]), np.eye(3), costs=all_alike)
    assert set(metrics_of("multiclass-classification")) == set(several)


def test_reading_needs_only_pydantic_and_yaml() -> None:
    code = (
        "import sys, config.settings as s; s.load_settings();"
        "heavy = {'boto3', 'botocore', 'aws_cdk', 'jsii', 'pandas', 'numpy', 'jsonschema', 'urllib3'};"
        "print(*sorted({module.split('.')[0] for module in sys.modules} & heavy))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == ""
