"""The stacks of a commit: from committed snapshots, or from a cloud assembly."""

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tools.review.readable import readable
from tools.synthesized import read_environment

Json = dict[str, Any]
Stacks = Mapping[str, "Stack"]
"""Stacks by place: `dev/foundation`."""

SNAPSHOTS, ENVIRONMENTS = "tests/snapshots", "config/environments"
_PART = {"Resources"}
_USE_CASE = re.compile(r"(?P<use_case>.+)-(catalog|training|serving|monitoring)")
_WITHOUT_A_PREFIX = re.compile(r"(?!)")


class ReviewError(Exception):
    """What is compared cannot be read; the text says why."""


@dataclass(frozen=True)
class Stack:
    """One stack, its template as `readable` writes it."""

    environment: str
    name: str
    """Without what all names of its environment begin with."""
    template: Json
    is_protected: bool | None = None
    """Whether it refuses to be deleted; None where nothing says so."""

    @property
    def place(self) -> str:
        return f"{self.environment}/{self.name}"

    @property
    def resources(self) -> dict[str, Json]:
        content: dict[str, Json] = self.template.get("Resources", {})
        return content

    @property
    def use_case(self) -> str:
        """Empty for a stack of the whole environment."""
        named = _USE_CASE.fullmatch(self.name)
        return named["use_case"] if named else ""

    @cached_property
    def text(self) -> str:
        return json.dumps(self.template, ensure_ascii=False)

    def of_text(self, text: str) -> "Stack":
        """The stack with another text of its template."""
        return self if text == self.text else replace(self, template=json.loads(text))

    @cached_property
    def neutral(self) -> re.Pattern[str]:
        """What stands for the environment in texts of the stack: `<project>-<environment>`."""
        found = re.search(rf"\$\{{([\w-]+)-{re.escape(self.name)}:", self.text)
        found = found or re.search(r"\$\{([\w-]+)-(?:foundation|network):", self.text)
        found = found or re.search(rf'"Name": "([\w-]+)-{re.escape(self.name)}:Exports', self.text)
        return re.compile(rf"\b{re.escape(found[1])}\b") if found else _WITHOUT_A_PREFIX


def of_templates(environment: str, templates: Mapping[str, Json]) -> dict[str, Stack]:
    """Stacks of synthesized templates, by the stack's name without its prefix."""
    stacks = [Stack(environment, name, readable(body)) for name, body in templates.items()]
    return {stack.place: stack for stack in stacks}


def of_commit(repository: Path, reference: str) -> dict[str, Stack]:
    """What the snapshots of a commit show, or nothing; ReviewError for a commit that is not there."""
    listed = subprocess.run(
        ["git", "ls-tree", "-d", reference, SNAPSHOTS], cwd=repository, capture_output=True, check=False
    )
    if listed.returncode == 0 and not listed.stdout:
        return {}
    command = ["git", "archive", "--format=tar", reference, SNAPSHOTS]
    packed = subprocess.run(command, cwd=repository, capture_output=True, check=False)
    if packed.returncode:
        raise ReviewError(f"no snapshots at {reference}: {packed.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        members = [member for member in archive if member.isfile() and member.name.endswith(".json")]
        texts = {
            member.name.removeprefix(f"{SNAPSHOTS}/"): (archive.extractfile(member) or io.BytesIO()).read()
            for member in members
        }
    pages = {name: _page(name, text) for name, text in texts.items() if name.count("/") == 1}
    return _protected(
        _of_pages(pages), lambda name: _at(repository, reference, f"{ENVIRONMENTS}/{name}.yaml")
    )


def of_working_tree(repository: Path) -> dict[str, Stack]:
    """What the snapshots of a working tree show."""
    folder = repository / ENVIRONMENTS
    files = {path.stem: path.read_text("utf-8") for path in folder.glob("*.yaml")}
    return _protected(of_folder(repository / SNAPSHOTS), lambda name: files.get(name, ""))


def _at(repository: Path, reference: str, path: str) -> str:
    """A file at a commit; empty when it had none."""
    command = ["git", "show", f"{reference}:{path}"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False).stdout


def _protected(stacks: dict[str, Stack], text_of: Callable[[str], str]) -> dict[str, Stack]:
    """With what only the environment's file says: whether stacks are protected. Unsaid, they are."""
    found: dict[str, bool | None] = {}
    for name in {stack.environment for stack in stacks.values()}:
        try:
            content = yaml.safe_load(text_of(name))
        except yaml.YAMLError as error:
            raise ReviewError(f"{ENVIRONMENTS}/{name}.yaml is no YAML: {error}") from error
        found[name] = bool(content.get("termination_protection", True)) if isinstance(content, dict) else None
    return {place: replace(stack, is_protected=found[stack.environment]) for place, stack in stacks.items()}


def of_folder(folder: Path) -> dict[str, Stack]:
    """A folder of snapshots, or a cloud assembly; ReviewError when it is neither."""
    assemblies = sorted(folder.glob("assembly-*"))
    if assemblies:
        return {stack.place: stack for each in assemblies for stack in _of_assembly(each)}
    pages = {
        path.relative_to(folder).as_posix(): _page(str(path), path.read_bytes())
        for path in sorted(folder.glob("*/*.json"))
    }
    if not pages:
        raise ReviewError(f"{folder} holds neither snapshots nor a cloud assembly")
    return _of_pages(pages)


def _page(name: str, text: bytes) -> Json:
    try:
        page: Json = json.loads(text)
        for body in page["Resources"].values():
            body["Type"], body.get("Properties", {}).items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReviewError(
            f"{name} is no page of a template: {error!r}; renew it with make snapshots"
        ) from error
    return page


def _of_assembly(folder: Path) -> list[Stack]:
    synthesized = read_environment(folder)
    return [
        Stack(synthesized.name, stack.path.partition("/")[2], readable(stack.template), stack.is_protected)
        for stack in synthesized.stacks
    ]


def _of_pages(pages: Mapping[str, Json]) -> dict[str, Stack]:
    """A page with resources alone is what a stack holds for one use case; it is put back into that stack."""
    whole = {name.removesuffix(".json"): page for name, page in pages.items() if page.keys() != _PART}
    resources = {place: dict(page.get("Resources", {})) for place, page in whole.items()}
    for name, page in pages.items():
        place = name.removesuffix(".json")
        if place not in whole:
            owner = max((each for each in whole if place.startswith(f"{each}-")), key=len, default=place)
            resources.setdefault(owner, {}).update(page["Resources"])
    return {
        place: Stack(*_environment_and_name(place), {**whole.get(place, {}), "Resources": held})
        for place, held in resources.items()
    }


def _environment_and_name(place: str) -> tuple[str, str]:
    environment, _, name = place.partition("/")
    return environment, name
