"""A small valid configuration in a folder of its own, which tests spoil in one place."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import ConfigurationError, Settings, load_settings

DEV: dict[str, Any] = {
    "account": "111111111111",
    "region": "eu-west-1",
    "termination_protection": False,
    "network": {"cidr": "10.0.0.0/16", "availability_zones": ["eu-west-1a", "eu-west-1b"]},
    "allowed_instance_types": ["ml.t2.medium", "ml.t3.medium", "ml.t3.large", "ml.m5.large"],
    "use_cases": {"rents": {"model": "latest-approved", "endpoint": {"instances": {"min": 1, "max": 2}}}},
}
PROD: dict[str, Any] = {
    "account": "222222222222",
    "region": "us-east-1",
    "network": {
        "vpc_id": "vpc-0123456789abcdef0",
        "subnet_ids": ["subnet-00000001", "subnet-00000002"],
        "security_group_ids": ["sg-00000001"],
        "availability_zones": ["us-east-1a", "us-east-1b"],
        "vpc_endpoints": [
            *("s3", "sagemaker.api", "sagemaker.runtime", "sts", "logs", "monitoring"),
            *("kms", "ecr.api", "ecr.dkr", "glue", "secretsmanager"),
        ],
    },
    "use_cases": {"rents": {"model": 7}},
}
RENTS: dict[str, Any] = {
    "problem": "regression",
    "target": "Rent",
    "features": {"numeric": ["Area", "Rooms"], "categorical": ["District"]},
    "drop": {"Contract": "known only when the flat is let"},
    "success": {"metric": "within_10_percent", "at_least": 0.7},
    "drift": {"features": ["Area"], "threshold": 0.1},
}
MISSING = "remove this key"


class Workspace:
    """Files of a configuration, editable key by key or as text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "config"
        self.documents = copy.deepcopy(
            {"environments/dev": DEV, "environments/prod": PROD, "use_cases/rents": RENTS}
        )
        for name in ("environments", "use_cases"):
            (self.folder / name).mkdir(parents=True)
        for file in self.documents:
            self._save(file)

    def set(self, file: str, path: str, value: object) -> None:
        """Set the value at a dotted key path, or remove the key."""
        *parents, key = path.split(".")
        place = self.documents[file]
        for parent in parents:
            place = place.setdefault(parent, {})
        if value == MISSING:
            del place[key]
        else:
            place[key] = value
        self._save(file)

    def copy(self, file: str, to: str) -> None:
        """Write a file again under another name."""
        self.documents[to] = copy.deepcopy(self.documents[file])
        self._save(to)

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace text in a file."""
        text = self._path(file).read_text("utf-8")
        assert old in text
        self._path(file).write_text(text.replace(old, new), "utf-8")

    def write(self, name: str, content: bytes) -> None:
        """Write any file."""
        (self.folder / name).write_bytes(content)

    def load(self) -> Settings:
        """Read the folder."""
        return load_settings(self.folder)

    def mistakes(self) -> list[str]:
        """Return the lines that reading the folder fails with."""
        with pytest.raises(ConfigurationError) as caught:
            self.load()
        return str(caught.value).splitlines()

    def _path(self, file: str) -> Path:
        return self.folder / f"{file}.yaml"

    def _save(self, file: str) -> None:
        self._path(file).write_text(yaml.safe_dump(self.documents[file], sort_keys=False), "utf-8")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def mistakes_of(workspace: Workspace) -> Callable[[str, str, object], list[str]]:
    """Set one value and return the lines of the report."""

    def spoil(file: str, path: str, value: object) -> list[str]:
        workspace.set(file, path, value)
        return workspace.mistakes()

    return spoil
