"""Which findings are acknowledged, as the cloud assembly says: by whom and where is in its metadata files."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tests.security.template_tools import Finding


class Acknowledgement(NamedTuple):
    """A rule that a construct may break, and why."""

    rule: str
    path: str
    reason: str


@dataclass(frozen=True)
class Metadata:
    """What an assembly tells about its constructs: their logical ids, and what is acknowledged on them."""

    folder: Path

    @cached_property
    def _entries(self) -> list[tuple[Path, str, str, Any]]:
        """Template, construct path, kind and content of everything that is known."""
        return [
            (template, path.removeprefix("/"), entry["type"], entry.get("data"))
            for file in sorted(self.folder.rglob("*.metadata.json"))
            for template in [file.with_name(file.name.replace(".metadata.json", ".template.json"))]
            for path, entries in json.loads(file.read_text("utf-8")).items()
            for entry in entries
        ]

    @cached_property
    def paths(self) -> dict[tuple[Path, str], str]:
        """The construct path of every logical id of every template."""
        return {
            (template, data): path
            for template, path, kind, data in self._entries
            if kind == "aws:cdk:logicalId"
        }

    @cached_property
    def acknowledgements(self) -> list[Acknowledgement]:
        """All of them, by construct."""
        return [
            Acknowledgement(rule.removeprefix("Annotation::"), path, reason)
            for _, path, kind, data in self._entries
            if kind == "aws:cdk:acknowledged-rules"
            for rule, reason in data.items()
        ]

    @cached_property
    def _known(self) -> set[tuple[str, str]]:
        return {(each.rule, each.path) for each in self.acknowledgements}

    def has(self, finding: Finding) -> bool:
        """Whether the finding is about a template of this assembly."""
        return (finding.template, finding.logical_id) in self.paths

    def acknowledges(self, finding: Finding) -> bool:
        """Whether somebody acknowledged it on its resource or on a construct around it."""
        names = self.paths[finding.template, finding.logical_id].split("/")
        around = ["/".join(names[:length]) for length in range(1, len(names) + 1)]
        return any((finding.rule, construct) in self._known for construct in around)

    def is_about_one_resource(self, acknowledgement: Acknowledgement) -> bool:
        """Whether the construct is a resource, or the usual construct around one."""
        resources = set(self.paths.values())
        return bool({acknowledgement.path, f"{acknowledgement.path}/Resource"} & resources)


def unacknowledged(findings: Iterable[Finding], assemblies: Sequence[Metadata]) -> list[Finding]:
    """Findings that nobody acknowledged where they were found."""
    return [
        finding
        for finding in findings
        if not any(assembly.has(finding) and assembly.acknowledges(finding) for assembly in assemblies)
    ]
