"""One environment as it is synthesized: account, region, and its stacks in the order of their deployment."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
_STACK = "aws:cloudformation:stack"
_FOLLOWED = "FollowedModelPackageGroups"


@dataclass(frozen=True)
class Stack:
    """A stack with the roles of the CDK bootstrap that the CDK CLI would use for it."""

    name: str
    path: str
    """By which the CDK CLI selects it: `dev/foundation`."""
    region: str
    template: Json
    is_protected: bool
    """Whether it refuses to be deleted."""
    deploy_role_arn: str
    execution_role_arn: str
    lookup_role_arn: str
    bootstrap_version: int = 0
    """The oldest version of the CDK bootstrap that it can be deployed with."""
    waits_for: tuple[str, ...] = ()
    """Paths of the stacks of its environment that are deployed before."""


@dataclass(frozen=True)
class Synthesized:
    """One environment."""

    name: str
    account: str
    region: str
    stacks: tuple[Stack, ...]

    @property
    def prefix(self) -> str:
        """What all names of the environment begin with."""
        first = self.stacks[0]
        return first.name.removesuffix(f"-{first.path.partition('/')[2]}")

    def group(self, use_case: str) -> str:
        """The model package group of a use case: its name, or its ARN where another environment trains."""
        outputs = (stack.template.get("Outputs", {}) for stack in self.stacks)
        followed = [each[_FOLLOWED]["Value"] for each in outputs if _FOLLOWED in each]
        return str(followed[0]).replace("*", use_case) if followed else f"{self.prefix}-{use_case}"

    @property
    def regions(self) -> list[str]:
        """Of all its stacks: copies are in another one."""
        return sorted({stack.region for stack in self.stacks})

    @property
    def qualifier(self) -> str:
        """The part of the names of all that `cdk bootstrap` makes for it."""
        return self.stacks[0].deploy_role_arn.rpartition("/")[2].split("-")[1]


def synthesize(environment: str, folder: Path) -> Synthesized:
    """Write the cloud assembly of all environments into a folder, and read one of them."""
    synthesize_all(folder)
    return read_environment(folder / f"assembly-{environment}")


def synthesize_all(folder: Path) -> None:
    """Write the cloud assembly of all environments; ends the program with what is wrong with them."""
    command = ["cdk", "synth", "--quiet", "--output", str(folder)]
    synthesized = subprocess.run(command, capture_output=True, text=True, check=False)
    if synthesized.returncode:
        sys.exit(synthesized.stdout + synthesized.stderr)


def read_environment(assembly: Path) -> Synthesized:
    """Read one environment's part of a cloud assembly; ends the program if there is none."""
    manifest = assembly / "manifest.json"
    if not manifest.exists():
        folders = sorted(path.parent.name for path in assembly.parent.glob("assembly-*/manifest.json"))
        known = ", ".join(name.removeprefix("assembly-") for name in folders) or "none"
        sys.exit(f"There is no environment {assembly.name.removeprefix('assembly-')}; there are {known}.")
    artifacts = json.loads(manifest.read_text("utf-8"))["artifacts"]
    stacks = {key: item for key, item in artifacts.items() if item["type"] == _STACK}
    paths = {key: item["displayName"] for key, item in stacks.items()}
    read = {key: _read(assembly, item, paths) for key, item in _in_order(stacks)}
    name = assembly.name.removeprefix("assembly-")
    # Copies are in another region.
    (place,) = (
        item["environment"] for item in stacks.values() if item["displayName"] == f"{name}/foundation"
    )
    account, region = place.removeprefix("aws://").split("/")
    return Synthesized(name, account, region, tuple(read.values()))


def _is_foundation(item: Json) -> bool:
    return str(item["displayName"]).endswith("/foundation")


def _in_order(stacks: dict[str, Json]) -> list[tuple[str, Json]]:
    ordered: dict[str, Json] = {}
    while len(ordered) < len(stacks):
        for key, item in stacks.items():
            waits_for = {name for name in item["dependencies"] if name in stacks}
            if waits_for <= ordered.keys():
                ordered.setdefault(key, item)
    return list(ordered.items())


def _read(assembly: Path, item: Json, paths: Mapping[str, str]) -> Stack:
    properties = item["properties"]

    def role(arn: str) -> str:
        return arn.replace("${AWS::Partition}", "aws")

    return Stack(
        name=properties["stackName"],
        path=item["displayName"],
        region=item["environment"].rpartition("/")[2],
        template=json.loads((assembly / properties["templateFile"]).read_text("utf-8")),
        is_protected=properties.get("terminationProtection", False),
        deploy_role_arn=role(properties["assumeRoleArn"]),
        execution_role_arn=role(properties["cloudFormationExecutionRoleArn"]),
        lookup_role_arn=role(properties["lookupRole"]["arn"]),
        bootstrap_version=properties["requiresBootstrapStackVersion"],
        waits_for=tuple(sorted(paths[key] for key in item["dependencies"] if key in paths)),
    )
