"""The synthesized environment: which account and region it is for, and which stacks it has."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tools.rehearse.errors import RehearsalError

_STACK_ENVIRONMENT = re.compile(r"aws://(?P<account>\d{12})/(?P<region>[a-z0-9-]+)")


@dataclass(frozen=True)
class Assembly:
    """One environment's part of the CDK cloud assembly."""

    folder: Path
    account: str
    region: str
    stack_names: tuple[str, ...]


def read_assembly(cdk_out: Path, environment: str) -> Assembly:
    """The assembly of an environment; RehearsalError names those that exist if it does not."""
    folder = cdk_out / f"assembly-{environment}"
    if not folder.is_dir():
        known = sorted(path.name.removeprefix("assembly-") for path in cdk_out.glob("assembly-*"))
        raise RehearsalError(f"no environment {environment!r} was synthesized; there are: {', '.join(known)}")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    stacks = [item for item in manifest["artifacts"].values() if item["type"] == "aws:cloudformation:stack"]
    places = {stack["environment"] for stack in stacks}
    place = _STACK_ENVIRONMENT.fullmatch(places.pop())
    if place is None or places:
        raise RehearsalError(f"the stacks of {environment} are not all in one account and region")
    names = tuple(stack["properties"]["stackName"] for stack in stacks)
    return Assembly(folder, place["account"], place["region"], names)
