"""What is rehearsed: an environment of the configuration, and a use case of it that has a sample."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.rehearse.assembly import Assembly
from tools.rehearse.errors import NotThereError
from tools.rehearse.samples import Sample


@dataclass(frozen=True)
class Wanted:
    """What somebody has asked for; an empty text leaves it open."""

    environment: str = ""
    use_case: str = ""
    every_use_case: bool = False
    """Of the environment, in one deployment."""


@dataclass(frozen=True)
class Choice:
    """One use case in one environment."""

    assembly: Assembly
    sample: Sample

    @property
    def name(self) -> str:
        """The name of its pipeline, of its model package group and of its endpoint."""
        return f"{self.assembly.prefix}-{self.sample.use_case}"

    @property
    def all_of_its_environment(self) -> "list[Choice]":
        """This one, and those beside it that have a sample."""
        return [Choice(self.assembly, sample) for sample in self.assembly.samples.values()]

    @property
    def suits_an_empty_account(self) -> bool:
        """Whether it deploys without a model, and then the version that is approved."""
        approved = self.assembly.deploys_what_is_approved(self.sample.use_case)
        return approved and not self.assembly.pins_a_version


def add_arguments(parser: argparse.ArgumentParser, folder: Path) -> None:
    """The options of everything that rehearses."""
    parser.add_argument(
        "--environment", default="", help="one of config/environments; else the first that fits"
    )
    parser.add_argument(
        "--use-case", default="", help="one of config/use_cases; else the first with a sample"
    )
    parser.add_argument(
        "--folder", type=Path, default=folder, help="where templates, logs and pictures go; emptied first"
    )


def choose(assemblies: Sequence[Assembly], wanted: Wanted) -> Choice:
    """The first that is wanted and has a sample; rather one that suits an empty account.

    NotThereError says what there is instead.
    """
    there = [
        (assembly, use_case)
        for assembly in assemblies
        for use_case in assembly.use_cases
        if wanted.environment in ("", assembly.environment) and wanted.use_case in ("", use_case)
    ]
    choices = [
        Choice(assembly, assembly.samples[use_case])
        for assembly, use_case in there
        if use_case in assembly.samples
    ]
    if choices:
        return next((choice for choice in choices if choice.suits_an_empty_account), choices[0])
    if there:
        names = ", ".join(sorted({use_case for _, use_case in there}))
        raise NotThereError(
            f"no sample for {names}: name its file as `sample` in config/use_cases; or nothing is trained "
            "there, then rehearse the environment that trains"
        )
    known = "; ".join(f"{each.environment} ({', '.join(each.use_cases) or 'none'})" for each in assemblies)
    asked = f"{wanted.environment or 'any environment'} with {wanted.use_case or 'any use case'}"
    raise NotThereError(f"{asked} was not synthesized; there are: {known}")
