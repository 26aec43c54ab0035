"""`make images` asks the registries of AWS, for which the embedded AWS answers."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from config.settings import Settings
from stacks.parts.images import xgboost_image
from tools import images
from tools.local_aws.process import LocalAws

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
ANALYZER = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"


@pytest.fixture(autouse=True)
def _signed_in(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in local_aws.environment().items():
        monkeypatch.setenv(name, value)


def test_every_tag_has_a_digest_that_stays() -> None:
    found = images.digests([XGBOOST, ANALYZER])
    assert list(found) == [XGBOOST, ANALYZER]
    assert len({*found.values()}) == 2
    assert all(len(digest) == len("sha256:") + 64 for digest in found.values())
    assert images.digests([XGBOOST]) == {XGBOOST: found[XGBOOST]}


def test_an_image_that_its_registry_does_not_have_is_refused() -> None:
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        images.digests([XGBOOST.replace("sagemaker-xgboost", "elsewhere")])


def test_the_images_of_other_regions_stay_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "images.lock.json"
    images.lock(path, {"one": "sha256:1"})
    images.lock(path, {"two": "sha256:2"})
    assert json.loads(path.read_text("utf-8")) == {"one": "sha256:1", "two": "sha256:2"}


def test_the_file_is_written_and_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(images, "LOCK", tmp_path / "images.lock.json")
    environment = settings.environments[0]
    xgboost = xgboost_image(environment.region)
    monkeypatch.setattr("sys.argv", ["images", environment.name])
    assert images.main() == 0
    assert xgboost in json.loads((tmp_path / "images.lock.json").read_text("utf-8"))
    assert f"{xgboost} is sha256:" in capsys.readouterr().out
