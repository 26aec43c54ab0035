"""The configuration's public face: typed models and the only function that reads the YAML files."""

from pathlib import Path

import yaml

from config.base import ConfigurationModel
from config.environment import (
    Alerts,
    Deployment,
    EndpointResources,
    Environment,
    InstanceRange,
    MonitoringResources,
    TrainingResources,
)
from config.network import ExistingNetwork, ManagedNetwork
from config.use_case import Drift, Features, Split, Success, UseCase

__all__ = [
    "Alerts",
    "ConfigurationError",
    "Deployment",
    "Drift",
    "EndpointResources",
    "Environment",
    "ExistingNetwork",
    "Features",
    "InstanceRange",
    "ManagedNetwork",
    "MonitoringResources",
    "Settings",
    "Split",
    "Success",
    "TrainingResources",
    "UseCase",
    "load_settings",
]


class ConfigurationError(Exception):
    """The configuration has mistakes; the text has one line for each."""


class Settings(ConfigurationModel):
    """Everything that is deployed."""

    environments: tuple[Environment, ...]
    use_cases: dict[str, UseCase]


def load_settings(folder: Path = Path(__file__).parent) -> Settings:
    """Read all environments and use cases below a folder."""
    environments = {
        path.stem: yaml.safe_load(path.read_text("utf-8"))
        for path in sorted(folder.glob("environments/*.yaml"))
    }
    use_cases = {
        path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("use_cases/*.yaml"))
    }
    try:
        return Settings(
            environments=tuple(Environment(name=name, **document) for name, document in environments.items()),
            use_cases={name: UseCase(name=name, **document) for name, document in use_cases.items()},
        )
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
