"""The synthesized environments: account and region of each, its stacks, and what their templates say."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.own_image import OwnImage
from tools.rehearse.errors import RehearsalError
from tools.rehearse.samples import Sample
from tools.synthesized import read_environment

OPTIONAL_STACKS = ("catalog", "studio", "delivery")
CLOSED_TO_NEW_CUSTOMERS = (
    "AWS::SageMaker::DataQualityJobDefinition",
    "AWS::SageMaker::MonitoringSchedule",
    "AWS::SageMaker::Workteam",
)
_PLACE = re.compile(r"aws://(?P<account>\d{12})/(?P<region>[a-z0-9-]+)")


@dataclass(frozen=True)
class Assembly:
    """One environment's part of the CDK cloud assembly."""

    environment: str
    prefix: str
    """What all names of the environment begin with: `<project>-<environment>`."""
    qualifier: str
    """The part of the names of all that `cdk bootstrap` makes for it."""
    folder: Path
    places: frozenset[str]
    """Where its stacks are, as `aws://account/region`."""
    templates: Mapping[str, dict[str, Any]]
    """By the name of the stack."""
    is_protected: bool = False
    """Whether stacks refuse to be deleted, as those of production do."""
    own_image: OwnImage | None = None
    """What its use cases run in that do not run in AWS's image."""

    @property
    def place(self) -> tuple[str, str]:
        """Account and region of all stacks; RehearsalError if they are not all in one."""
        found = [_PLACE.fullmatch(place) for place in self.places]
        if len(found) != 1 or found[0] is None:
            raise RehearsalError(f"the stacks of {self.environment} are not all in one account and region")
        return found[0]["account"], found[0]["region"]

    @property
    def use_cases(self) -> list[str]:
        """The use cases of the environment as configured: each has a stack that serves it."""
        prefix, suffix = f"{self.prefix}-", "-serving"
        names = (name.removeprefix(prefix) for name in self.templates)
        return [name.removesuffix(suffix) for name in names if name.endswith(suffix)]

    def stacks_for(self, use_cases: Collection[str]) -> dict[str, str]:
        """What the CDK CLI calls the stacks that these use cases need, by name: all but those of others."""
        names = (name for name in self.templates if self._use_case_of(name) in (None, *use_cases))
        return {name: f"{self.environment}/{name.removeprefix(f'{self.prefix}-')}" for name in names}

    @property
    def left_out(self) -> list[str]:
        """The stacks that an environment can have and this one has not."""
        return [stack for stack in OPTIONAL_STACKS if f"{self.prefix}-{stack}" not in self.templates]

    @property
    def existing_network(self) -> dict[str, Any] | None:
        """The network that the environment uses and does not make; its network stack records it."""
        for resource in self.templates[f"{self.prefix}-network"]["Resources"].values():
            if resource["Type"] == "AWS::SSM::Parameter":
                return dict(json.loads(resource["Properties"]["Value"]))
        return None

    @property
    def slack_workspaces(self) -> list[str]:
        """Those that somebody has to have authorized in the account before it is deployed."""
        resources = self.templates[f"{self.prefix}-foundation"]["Resources"].values()
        channels = [each for each in resources if each["Type"] == "AWS::Chatbot::SlackChannelConfiguration"]
        return [each["Properties"]["SlackWorkspaceId"] for each in channels]

    @property
    def samples(self) -> dict[str, Sample]:
        """What its use cases are rehearsed with, in the order of the configuration."""
        found = {use_case: self._training(use_case).get("Metadata", {}) for use_case in self.use_cases}
        return {name: Sample.of(name, each["Sample"]) for name, each in found.items() if "Sample" in each}

    def deploys_what_is_approved(self, use_case: str) -> bool:
        """Whether the use case has `model: latest-approved`."""
        return "ModelVersion" in self._serving(use_case).get("Parameters", {})

    @property
    def needs_what_is_closed(self) -> bool:
        """Whether it has what AWS lets only those create who have used it before."""
        return any(
            resource["Type"] in CLOSED_TO_NEW_CUSTOMERS
            for template in self.templates.values()
            for resource in template.get("Resources", {}).values()
        )

    @property
    def pins_a_version(self) -> bool:
        """Whether a use case has `model: 7`, which cannot be deployed before there is such a version."""
        return any(
            resource["Type"] == "AWS::SageMaker::Model"
            for use_case in self.use_cases
            if not self.deploys_what_is_approved(use_case)
            for resource in self._serving(use_case).get("Resources", {}).values()
        )

    def _use_case_of(self, stack: str) -> str | None:
        owners = (each for each in self.use_cases if stack.startswith(f"{self.prefix}-{each}-"))
        # `churn-abroad-training` is not of `churn`.
        return max(owners, key=len, default=None)

    def _training(self, use_case: str) -> dict[str, Any]:
        """Nothing where versions come from another environment."""
        return self.templates.get(f"{self.prefix}-{use_case}-training", {})

    def _serving(self, use_case: str) -> dict[str, Any]:
        return self.templates[f"{self.prefix}-{use_case}-serving"]


def read_assemblies(cdk_out: Path) -> list[Assembly]:
    """The environments of a cloud assembly by name."""
    return [_read(folder) for folder in sorted(cdk_out.glob("assembly-*"))]


def _read(folder: Path) -> Assembly:
    found = read_environment(folder)
    return Assembly(
        environment=found.name,
        prefix=found.prefix,
        qualifier=found.qualifier,
        folder=folder,
        places=frozenset(f"aws://{found.account}/{stack.region}" for stack in found.stacks),
        templates={stack.name: stack.template for stack in found.stacks},
        is_protected=any(stack.is_protected for stack in found.stacks),
        own_image=OwnImage.of(found),
    )
