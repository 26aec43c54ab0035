"""The table of AWS's images says what the SageMaker SDK says."""

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import ConfigurationError, Environment, Settings
from stacks.parts.images import (
    MODEL_MONITOR_REPOSITORY,
    REGISTRIES,
    SPARK_REPOSITORY,
    SPARK_VERSION,
    XGBOOST_LIBRARIES,
    XGBOOST_REPOSITORY,
    XGBOOST_VERSION,
    Images,
    image_repository_arns,
    main,
    model_monitor_image,
    spark_image,
    xgboost_image,
)
from tests.test_boundaries import CONTAINER_LIBRARIES

ROOT = Path(__file__).parents[3]
OTHER_PARTITIONS = ("cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-")


def _sdk_table(name: str) -> dict[str, Any]:
    """An image table of the SDK, read without importing the SDK, which takes seconds."""
    files = importlib.metadata.files("sagemaker-core") or []
    (path,) = (file for file in files if str(file).endswith(f"image_uri_config/{name}.json"))
    table: dict[str, Any] = json.loads(Path(str(path.locate())).read_text("utf-8"))
    return table


def _xgboost(purpose: str) -> dict[str, Any]:
    version: dict[str, Any] = _sdk_table("xgboost")[purpose]["versions"][XGBOOST_VERSION]
    return version


def _model_monitor() -> dict[str, Any]:
    (version,) = _sdk_table("model-monitor")["versions"].values()
    return dict(version)


@pytest.mark.parametrize("purpose", ["training", "inference"])
def test_xgboost_registries_are_those_of_the_sdk(purpose: str) -> None:
    version = _xgboost(purpose)
    assert version["repository"] == XGBOOST_REPOSITORY
    for region, registries in REGISTRIES.items():
        assert registries.xgboost == version["registries"][region], region


def test_model_monitor_registries_are_those_of_the_sdk() -> None:
    version = _model_monitor()
    assert version["repository"] == MODEL_MONITOR_REPOSITORY
    for region, registries in REGISTRIES.items():
        assert registries.model_monitor == version["registries"][region], region


def test_spark_registries_are_those_of_the_sdk() -> None:
    version, python = SPARK_VERSION.split("-")[0::2][:2]
    known: dict[str, Any] = _sdk_table("spark")["processing"]["versions"][version]
    assert known["repository"] == SPARK_REPOSITORY
    assert python in known["py_versions"]
    for region, registries in REGISTRIES.items():
        assert registries.spark == known["registries"][region], region


def test_every_commercial_region_with_both_images_is_in_the_table() -> None:
    both = _model_monitor()["registries"].keys() & _xgboost("training")["registries"].keys()
    commercial = {region for region in both if not region.startswith(OTHER_PARTITIONS)}
    assert commercial == REGISTRIES.keys()


def test_images_are_named_as_their_registry_does() -> None:
    assert xgboost_image("eu-west-1").startswith("141502667606.dkr.ecr.eu-west-1.amazonaws.com/")
    assert model_monitor_image("eu-west-1").startswith("468650794304.dkr.ecr.eu-west-1.amazonaws.com/")
    assert spark_image("eu-west-1").startswith("571004829621.dkr.ecr.eu-west-1.amazonaws.com/")
    assert len(image_repository_arns("eu-west-1")) == 3


def test_an_environment_by_digest_names_what_was_written_down(
    dev: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_digest = Images(dev.model_copy(update={"images": "by-digest"}))
    monkeypatch.setattr("stacks.parts.images.LOCK", tmp_path / "images.lock.json")
    with pytest.raises(ConfigurationError, match="run `make images ENVIRONMENT=dev` and commit the file"):
        _ = by_digest.xgboost
    digest = f"sha256:{'a' * 64}"
    tagged = [image(dev.region) for image in (xgboost_image, model_monitor_image, spark_image)]
    (tmp_path / "images.lock.json").write_text(json.dumps(dict.fromkeys(tagged, digest)))
    repositories = [image.rpartition(":")[0] or image for image in tagged]
    found = [by_digest.xgboost, by_digest.model_monitor, by_digest.spark]
    assert found == [f"{each}@{digest}" for each in repositories]
    assert Images(dev).xgboost == xgboost_image(dev.region)


def test_make_images_is_told_the_images_of_an_environment(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = settings.environments[-1]
    main(environment.name)
    images = [image(environment.region) for image in (xgboost_image, model_monitor_image, spark_image)]
    assert capsys.readouterr().out.split() == images


@pytest.mark.parametrize("name", ["dev", "image"])
def test_scripts_are_tested_with_the_versions_that_the_image_has(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    # The same module without the libraries of GPUs.
    pins["xgboost"] = pins["xgboost-cpu"]
    assert {library: pins.get(library) for library in XGBOOST_LIBRARIES} == XGBOOST_LIBRARIES


def test_what_scripts_import_is_in_the_table_of_the_image() -> None:
    modules = {library.replace("scikit-learn", "sklearn") for library in XGBOOST_LIBRARIES}
    assert modules == CONTAINER_LIBRARIES
