"""A cloud assembly as the promises see it: templates, their resources, and what refers to what."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pytest

Json = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """One stack: its template, and what the CDK CLI knows about it."""

    environment: str
    account: str
    region: str
    stack: str
    short_name: str
    """The stack's name without what all names of its environment begin with."""
    path: Path
    body: Json
    waits_for: tuple[str, ...]
    termination_protection: bool

    @property
    def prefix(self) -> str:
        """What all names of its environment begin with: `<project>-<environment>`."""
        return self.stack.removesuffix(f"-{self.short_name}")

    @property
    def resources(self) -> list["Resource"]:
        return [Resource(self, name, body) for name, body in self.section("Resources").items()]

    def of_type(self, type_name: str) -> list["Resource"]:
        """Resources of a type; perhaps there is none."""
        return [resource for resource in self.resources if resource.type == type_name]

    def section(self, name: str) -> Json:
        """Resources, Parameters, Conditions or Outputs; empty when the template has none."""
        content: Json = self.body.get(name, {})
        return content


@dataclass(frozen=True)
class Resource:
    """One resource of one template. Messages show it as `dev-foundation/Key961B73FD`."""

    template: Template
    logical_id: str
    body: Json

    def __str__(self) -> str:
        return f"{self.template.stack}/{self.logical_id}"

    @property
    def type(self) -> str:
        name: str = self.body["Type"]
        return name

    @property
    def properties(self) -> Json:
        content: Json = self.body.get("Properties", {})
        return content

    def get(self, *path: str) -> Any:
        """The value at a path of properties, or None."""
        value: Any = self.properties
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


class Cloud:
    """All templates of some environments, with references followed also from stack to stack.

    What is complete has every option. Elsewhere one may be missing, and what is promised about it is skipped.
    """

    def __init__(self, templates: Sequence[Template], *, is_complete: bool = True) -> None:
        self.templates = tuple(templates)
        self._is_complete = is_complete

    def lacks(self, what: str) -> NoReturn:
        """End a promise that would hold of nothing: skipped where an option may be missing, else failed."""
        if self._is_complete:
            raise AssertionError(f"the sample lacks {what}")
        pytest.skip(f"nothing that is configured has {what}")

    def stack(self, name: str) -> Template:
        (template,) = (each for each in self.templates if each.stack == name)
        return template

    @cached_property
    def resources(self) -> list[Resource]:
        return [resource for template in self.templates for resource in template.resources]

    @cached_property
    def _by_name(self) -> dict[str, Resource]:
        return {str(resource): resource for resource in self.resources}

    @cached_property
    def _exports(self) -> dict[str, tuple[Template, Any]]:
        return {
            output["Export"]["Name"]: (template, output["Value"])
            for template in self.templates
            for output in template.section("Outputs").values()
            if "Export" in output
        }

    def of_type(self, *types: str) -> list[Resource]:
        """Resources of these types. There must be some, or a promise would hold of nothing."""
        return [item for item in self.resources if item.type in types] or self.lacks(" or ".join(types))

    def referenced(self, template: Template, value: Any) -> list[Resource]:
        """The resources that a value of a template names by Ref, Fn::GetAtt or Fn::ImportValue."""
        found = []
        for logical_id, export in _references(value):
            if export:
                found += self.referenced(*self._exports[export])
            elif logical_id in template.section("Resources"):
                found.append(self._by_name[f"{template.stack}/{logical_id}"])
        return found

    def the_one(self, resource: Resource, *path: str) -> Resource:
        """The only resource that a property refers to."""
        value = resource.get(*path)
        (target,) = self.referenced(resource.template, value)
        return target

    def waits_for(self, resource: Resource) -> set[str]:
        """Names of all resources of the same template that exist before this one."""
        found: set[str] = set()
        waiting = [resource]
        while waiting:
            current = waiting.pop()
            depends_on = current.body.get("DependsOn", [])
            named = [depends_on] if isinstance(depends_on, str) else list(depends_on)
            named += [logical_id for logical_id, export in _references(current.properties) if not export]
            for logical_id in named:
                target = self._by_name.get(f"{resource.template.stack}/{logical_id}")
                if target and str(target) not in found:
                    found.add(str(target))
                    waiting.append(target)
        return found

    def stacks_before(self, stack: str) -> set[str]:
        """Names of all stacks that are deployed before this one."""
        direct = {template.stack: template.waits_for for template in self.templates}
        found: set[str] = set()
        waiting = list(direct[stack])
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += direct[name]
        return found


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Pairs of logical id and export name, of which one is empty."""
    if isinstance(value, Mapping):
        if set(value) == {"Ref"}:
            yield value["Ref"], ""
        elif set(value) == {"Fn::GetAtt"}:
            target = value["Fn::GetAtt"]
            yield (target.split(".")[0] if isinstance(target, str) else target[0]), ""
        elif set(value) == {"Fn::ImportValue"}:
            yield "", value["Fn::ImportValue"]
        else:
            for item in value.values():
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def text_of(value: Any, fill: Callable[[Json], str] | None = None) -> str:
    """Text that CloudFormation may join from pieces; `fill` says what stands for what it fills in.

    Without `fill` that is a name, such as `${Data.Arn}`.
    """
    if isinstance(value, str):
        return value
    if set(value) == {"Fn::Join"}:
        separator, pieces = value["Fn::Join"]
        return str(separator).join(text_of(piece, fill) for piece in pieces)
    if fill is not None:
        return fill(value)
    ((_, argument),) = value.items()
    return "${" + (argument if isinstance(argument, str) else ".".join(argument)) + "}"


def listed(value: Any) -> list[Any]:
    """A value that policies write with or without a list."""
    return value if isinstance(value, list) else [value]


def read_assembly(folder: Path) -> list[Template]:
    """The templates of all stages in a cloud assembly's folder."""
    return [
        template
        for stage in sorted(folder.glob("assembly-*"))
        for template in _read_stage(stage, stage.name.removeprefix("assembly-"))
    ]


def _read_stage(folder: Path, environment: str) -> Iterator[Template]:
    artifacts = json.loads((folder / "manifest.json").read_text("utf-8"))["artifacts"]
    kind = "aws:cloudformation:stack"
    stacks = {name: artifact for name, artifact in artifacts.items() if artifact["type"] == kind}
    names = {name: artifact["properties"]["stackName"] for name, artifact in stacks.items()}
    for name, artifact in stacks.items():
        path = folder / artifact["properties"]["templateFile"]
        account, region = artifact["environment"].removeprefix("aws://").split("/")
        yield Template(
            environment=environment,
            account=account,
            region=region,
            stack=names[name],
            short_name=artifact["displayName"].partition("/")[2],
            path=path,
            body=json.loads(path.read_bytes()),
            waits_for=tuple(names[other] for other in artifact["dependencies"] if other in names),
            termination_protection=artifact["properties"].get("terminationProtection", False),
        )
