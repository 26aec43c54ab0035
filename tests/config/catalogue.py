"""How a mistake of the catalogue is written down: a change of a valid configuration, what must be told."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest

from config.mistakes.errors import show_value
from tests.config.conftest import MISSING, Workspace

DEV, PROD, RENTS = "environments/dev", "environments/prod", "use_cases/rents"
DEPLOYMENT = "use_cases.rents."


class Change(Protocol):
    """One edit of the files."""

    def make(self, workspace: Workspace) -> None:
        """Edit the files of a workspace."""


@dataclass(frozen=True)
class Set:
    """A key gets another value, or is removed."""

    file: str
    path: str
    value: object

    def make(self, workspace: Workspace) -> None:
        workspace.set(self.file, self.path, self.value)


@dataclass(frozen=True)
class Copy:
    """A file exists under another name too."""

    file: str
    to: str

    def make(self, workspace: Workspace) -> None:
        workspace.copy(self.file, self.to)


@dataclass(frozen=True)
class Replace:
    """Text in a file is another one; the last change of an example, since the others write the file anew."""

    file: str
    old: str
    new: str

    def make(self, workspace: Workspace) -> None:
        workspace.replace(self.file, self.old, self.new)


@dataclass(frozen=True)
class Example:
    """Changes, and the line that they must lead to: its beginning (file, key path, value) and more of it."""

    changes: tuple[Change, ...]
    beginning: str
    words: tuple[str, ...]
    lines: int = 1
    is_a_setting: bool = True


@dataclass(frozen=True)
class ConfigurationMistake:
    """One row of the catalogue: a mistake that must be refused before anything is synthesized."""

    number: str
    sentence: str
    examples: tuple[Example, ...]

    @property
    def can_be_made(self) -> bool:
        """Whether there is a setting to make it with; otherwise its keys are refused as unknown."""
        return any(example.is_a_setting for example in self.examples)


def mistake(number: str, sentence: str, *examples: Example) -> ConfigurationMistake:
    """Return a row of the catalogue."""
    return ConfigurationMistake(number, sentence, examples)


def wrong(file: str, path: str, value: object, *words: str) -> Example:
    """One key has a value that is refused right there."""
    shown = "(missing)" if value == MISSING else show_value(value)
    return Example((Set(file, path, value),), f"config/{file}.yaml: {path}: {shown}: ", words)


def unknown(file: str, path: str, value: object) -> Example:
    """There is no such setting, so the mistake cannot be made: the key itself is refused."""
    return replace(wrong(file, path, value, "is an unknown key"), is_a_setting=False)


def elsewhere(place: str, changes: tuple[Change, ...], *words: str, lines: int = 1) -> Example:
    """Changes whose mistake is told at a place: file, key path and value as the line shows them."""
    return Example(changes, f"config/{place.removesuffix(': ')}: ", words, lines)


def refuse(example: Example, workspace: Workspace) -> None:
    """Make an example's changes; assert that they are refused with the one line that helps."""
    for change in example.changes:
        change.make(workspace)
    lines = workspace.mistakes()
    assert len(lines) == example.lines, lines
    begun = [line for line in lines if line.startswith(example.beginning)]
    assert begun, f"none of {lines} begins with {example.beginning!r}"
    helpful = [line for line in begun if all(word in line for word in example.words)]
    assert len(helpful) == 1, f"not one of {begun} has {example.words}"
    assert re.search(r"; allowed: .+; change: .+", helpful[0]), helpful[0]


def not_refused(mistake: ConfigurationMistake, folder: Path) -> list[str]:
    """Return the examples of a mistake that are not refused as they should be; the folder is empty."""
    failures = []
    for index, example in enumerate(mistake.examples):
        try:
            refuse(example, Workspace(folder / str(index)))
        except (AssertionError, pytest.fail.Exception) as failure:
            failures.append(f"{mistake.number} {mistake.sentence} ({index + 1}): {failure}")
    return failures


def in_dev(shown: str, key: str, value: object, *words: str) -> Example:
    """One part of dev has a value with a mistake inside, which is shown as key path and value."""
    return elsewhere(f"environments/dev.yaml: {shown}", (Set(DEV, key, value),), *words)


def in_rents(shown: str, key: str, value: object, *words: str) -> Example:
    """The same for the use case."""
    return elsewhere(f"use_cases/rents.yaml: {shown}", (Set(RENTS, key, value),), *words)
