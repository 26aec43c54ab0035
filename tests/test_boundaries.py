"""The arrows between the rooms, and other rules about the source that no linter knows."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_settings

ROOT = Path(__file__).parent.parent
PACKAGES = Path(pytest.__file__).parent.parent
ROOMS = ("app.py", "benchmarks", "config", "glue_jobs", "pipeline_code", "stacks", "tests", "tools")
OWN = {"app", "benchmarks", "config", "glue_jobs", "pipeline_code", "stacks", "tests", "tools"}
LONGEST_FILE_LINES = 400

# What an AWS call, a clock, a random number, the machine or the network would need.
IMPURE = {
    *("boto3", "botocore", "sagemaker", "requests", "urllib", "http", "socket", "subprocess"),
    *("os", "platform", "getpass", "datetime", "time", "uuid", "random", "secrets", "tempfile"),
}
FORBIDDEN = {
    "app.py": {*IMPURE, "yaml", "tools", "tests", "pipeline_code", "benchmarks"},
    "config": {*IMPURE, "aws_cdk", "constructs", *(OWN - {"config"})},
    "stacks": {*IMPURE, "yaml", *(OWN - {"config", "stacks"})},
    "tools": {"aws_cdk", "constructs", "cdk_nag", *(OWN - {"tools"})},
    "stacks/training/pipeline_decision.py": {"aws_cdk", "constructs"},
    "stacks/training/pipeline_definition.py": {"aws_cdk", "constructs"},
    "stacks/training/pipeline_steps.py": {"aws_cdk", "constructs"},
    "stacks/release/machine.py": {"aws_cdk", "constructs"},
    "tools/local_aws/iam/calls": {*IMPURE - {"urllib"}, "moto", *(OWN - {"tools"})},
    "tools/local_aws/iam/engine": {*IMPURE - {"datetime"}, "moto", *(OWN - {"tools"})},
}
"""What a room, or a file, must not import."""
WRITES_CONFIGURATION = "tools/fork/"
"""The only tool that knows `config`: before it writes files there it asks whether they would be accepted."""
REACHES_AWS = ("mlflow_api", "track")
"""The scripts of the only job that is not isolated from the network; the image has AWS's SDK, 1.38."""
CONTAINER_LIBRARIES = {
    "flask",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
    "xgboost",
}
"""What AWS's XGBoost image has, and pipeline_code may therefore import."""

OF_ANOTHER_IMAGE = {"spark_preprocess.py": {"pyspark"}}
"""What AWS's Spark image has more, and a file that only runs there may therefore import."""

# Examples of AWS's documentation.
DOCUMENTATION_ACCOUNTS = {"111111111111", "222222222222", "123456789012", "111122223333"}
ACCOUNTS_BELONG_TO = ("config", "stacks/parts/images.py")


def python_files(*rooms: str) -> list[Path]:
    found = []
    for room in rooms:
        path = ROOT / room
        found += [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    return found


def imports_of(path: Path) -> Iterator[str]:
    """Names of the packages that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("room", FORBIDDEN)
def test_no_file_imports_against_the_arrows(room: str) -> None:
    crossings = [
        f"{shown(path)} imports {name}"
        for path in python_files(room)
        for name in imports_of(path)
        if name in FORBIDDEN[room] and not (name == "config" and shown(path).startswith(WRITES_CONFIGURATION))
    ]
    assert crossings == []


def test_what_runs_in_containers_imports_only_what_they_have() -> None:
    siblings = {path.stem for path in python_files("pipeline_code")}
    allowed = CONTAINER_LIBRARIES | siblings | set(sys.stdlib_module_names)
    # Only in the function that makes or reads its trees, and in `image: own`, which adds the library.
    own_image = {"pipeline_code/light_trees.py": "lightgbm"}
    crossings = [
        f"{shown(path)} imports {name}"
        for path in python_files("pipeline_code")
        for name in imports_of(path)
        if name not in allowed | OF_ANOTHER_IMAGE.get(path.name, set())
        and own_image.get(shown(path)) != name
        and not (path.stem in REACHES_AWS and name in ("boto3", "botocore"))
    ]
    assert crossings == []


def test_what_runs_in_glue_imports_only_what_it_has() -> None:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html"""
    has = {"awsglue", "awsgluedq", "boto3", "py4j", "pyarrow", "pyspark", *sys.stdlib_module_names}
    crossings = [name for path in python_files("glue_jobs") for name in imports_of(path) if name not in has]
    assert crossings == []


def test_only_the_configuration_reads_yaml() -> None:
    readers = {shown(path).split("/")[0] for path in python_files(*ROOMS) if "yaml" in imports_of(path)}
    assert readers <= {"config", "tests", "tools"}


def test_no_package_shadows_a_library() -> None:
    libraries = {"constructs", "aws_cdk", "sagemaker", "test", *sys.stdlib_module_names}
    at_root = {path.stem for path in ROOT.iterdir() if path.is_dir() or path.suffix == ".py"}
    assert at_root & libraries == set()
    # pipeline_code is on the path as a whole, in containers and in tests.
    modules = {path.stem for path in python_files("pipeline_code")}
    assert modules & ({*sys.stdlib_module_names} | CONTAINER_LIBRARIES | OWN) == set()


def test_files_stay_short_enough_to_read() -> None:
    lengths = {
        shown(path): len(path.read_text("utf-8").splitlines())
        for path in python_files(*ROOMS)
        if "tests" not in path.relative_to(ROOT).parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES} == {}


def test_account_numbers_stand_in_the_configuration_only() -> None:
    misplaced = [
        f"{shown(path)}: {account}"
        for path in python_files(*ROOMS)
        if not shown(path).startswith(ACCOUNTS_BELONG_TO)
        for account in re.findall(r"(?<![\w.])\d{12}(?![\w.])", path.read_text("utf-8"))
        if account not in DOCUMENTATION_ACCOUNTS and not shown(path).startswith("tests/")
    ]
    assert misplaced == []


def test_the_organisation_is_named_in_the_configuration_only() -> None:
    """So that a fork finds its own names, and nobody else's, wherever it looks."""
    environments = load_settings().environments
    names = {each.delivery.github_repository for each in environments if each.delivery}
    names |= {each.alerts.email for each in environments if each.alerts.email}
    named = [
        f"{shown(path)}: {name}"
        for path in python_files(*ROOMS)
        for name in names
        if name in path.read_text("utf-8")
    ]
    assert named == []


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|@pytest\.mark\.(skip|xfail)")
    this = Path(__file__)
    unfinished = [
        f"{shown(path)}: {mark.group()}"
        for path in python_files(*ROOMS)
        if path != this
        for mark in marks.finditer(path.read_text("utf-8"))
    ]
    assert unfinished == []


def test_the_types_of_every_service_that_code_imports_are_checked() -> None:
    """Those of the bases of its classes too: a class with an unknown base has every attribute."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    checked = {
        module
        for override in pyproject["tool"]["mypy"]["overrides"]
        if override.get("follow_imports") == "silent"
        for module in override["module"]
    }
    needed = {name for path in python_files(*ROOMS) for name in _modules_of_the_cdk(path)}
    looked_at: set[str] = set()
    while left := needed - looked_at:
        looked_at |= left
        needed |= {base for module in left for base in _bases_of_the_cdk(module)}
    assert checked == needed


def _modules_of_the_cdk(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "aws_cdk")
        elif isinstance(node, ast.ImportFrom) and node.module == "aws_cdk":
            services = [alias.name for alias in node.names if alias.name.startswith("aws_")]
            yield from (f"aws_cdk.{service}" for service in services)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aws_cdk."):
            yield str(node.module)


_IMPORTED = re.compile(r"^    import (aws_cdk[\w.]*) as (\w+)$", re.MULTILINE)
_BASE = re.compile(r"^(?:class \w+\(|    )(\w+)\.\w+[,)]", re.MULTILINE)


def _bases_of_the_cdk(module: str) -> set[str]:
    text = (PACKAGES / module.replace(".", "/") / "__init__.py").read_text("utf-8")
    modules = {alias: name for name, alias in _IMPORTED.findall(text)}
    return {modules[alias] for alias in _BASE.findall(text) if alias in modules}
