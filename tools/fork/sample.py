"""The organisation that the template is configured for: what has to become another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

ENVIRONMENTS, USE_CASES = "config/environments/", "config/use_cases/"


class ForkError(Exception):
    """Why this tree cannot become a fork, or take an update."""


@dataclass(frozen=True)
class SampleEnvironment:
    """A file of config/environments, by which others are written."""

    name: str
    text: str
    content: Mapping[str, Any]

    @property
    def prefix(self) -> str:
        """What its names on AWS begin with."""
        return f"{self.content['project']}-{self.name}"


@dataclass(frozen=True)
class SampleOrganisation:
    """What the template calls itself in its configuration, and therefore in its pages."""

    first: SampleEnvironment
    """The environment that is not protected."""
    last: SampleEnvironment
    """The one that stands for production."""
    repository: str
    email: str

    @property
    def use_cases(self) -> list[str]:
        """Those that its environments run."""
        named = (each.content.get("use_cases") or {} for each in (self.first, self.last))
        return list(dict.fromkeys(name for use_cases in named for name in use_cases))

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "SampleOrganisation":
        """What the files of a template say, by path; raises ForkError."""
        environments = [_environment(path, text) for path, text in texts.items() if _is_environment(path)]
        open_ones = [each for each in environments if not each.content.get("termination_protection", True)]
        protected = [each for each in environments if each not in open_ones]
        if len(open_ones) != 1 or len(protected) != 1:
            names = ", ".join(each.name for each in environments) or "nothing"
            raise ForkError(f"{ENVIRONMENTS} holds {names}: one environment and one production")
        try:
            (project,) = {each.content["project"] for each in environments}
            (repository,) = {each.content["delivery"]["github_repository"] for each in environments}
            (email,) = {each.content["alerts"]["email"] for each in environments}
        except (KeyError, TypeError, ValueError):
            what = "one project, delivery.github_repository and alerts.email, in both files"
            raise ForkError(f"{ENVIRONMENTS} does not name {what}") from None
        assert project
        return cls(open_ones[0], protected[0], repository, email)


def _is_environment(path: str) -> bool:
    return path.startswith(ENVIRONMENTS) and path.endswith(".yaml")


def _environment(path: str, text: str) -> SampleEnvironment:
    content = yaml.safe_load(text)
    name = path.removeprefix(ENVIRONMENTS).removesuffix(".yaml")
    return SampleEnvironment(name, text, content if isinstance(content, dict) else {})
