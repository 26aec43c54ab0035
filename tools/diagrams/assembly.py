"""Reads a CDK cloud assembly: its stacks, and the JSON that their templates hold as text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_STACK = "aws:cloudformation:stack"


class DiagramError(Exception):
    """The assembly, or the page, does not hold what a diagram needs."""


@dataclass(frozen=True)
class StackTemplate:
    """One stack of the assembly: its name without the environment, its template, the stacks before it."""

    name: str
    body: Json
    waits_for: tuple[str, ...]


def read_stacks(assembly: Path) -> list[StackTemplate]:
    """The stacks by name of the environment that has most of them; DiagramError when there is none."""
    environments = [_read_stacks(folder) for folder in sorted(assembly.glob("assembly-*"))]
    if not environments:
        raise DiagramError(f"{assembly} has no environment")
    return max(environments, key=len)


def _read_stacks(folder: Path) -> list[StackTemplate]:
    artifacts = json.loads((folder / "manifest.json").read_text("utf-8"))["artifacts"]
    stacks = {key: item for key, item in artifacts.items() if item["type"] == _STACK}
    names = {key: item["displayName"].partition("/")[2] for key, item in stacks.items()}
    templates = [
        StackTemplate(
            name=names[key],
            body=json.loads((folder / item["properties"]["templateFile"]).read_text("utf-8")),
            waits_for=tuple(names[other] for other in item["dependencies"] if other in names),
        )
        for key, item in stacks.items()
    ]
    return sorted(templates, key=lambda template: template.name)


def embedded_json(stacks: list[StackTemplate], resource_type: str, *path: str) -> Json:
    """The JSON text at a path of the first resource of a type, without what CloudFormation fills in."""
    for resource in _resources(stacks):
        if resource["Type"] == resource_type:
            value = resource["Properties"]
            for key in path:
                value = value[key]
            content: Json = json.loads(_text(value))
            return content
    raise DiagramError(f"no stack has a resource of type {resource_type}")


def _resources(stacks: list[StackTemplate]) -> Iterator[Json]:
    for stack in stacks:
        yield from stack.body["Resources"].values()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    separator, pieces = value["Fn::Join"]
    return str(separator).join(piece if isinstance(piece, str) else "" for piece in pieces)
