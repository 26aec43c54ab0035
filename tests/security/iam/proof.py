"""The whole proof: cases, their decisions by both engines, and what becomes of mutated policies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from config.settings import Settings, load_settings
from tests.conftest import SAMPLE
from tests.security.iam import second_engine
from tests.security.iam.cases import Case, cases_of
from tests.security.iam.estate import Document, Estate, read_estate
from tests.security.iam.mutation import Result, mutate_all
from tests.security.iam.rows import Row
from tests.security.iam.table import (
    boundary,
    canvas_and_copies,
    catalog,
    components,
    delivery,
    following,
    guardrails,
    jobs,
    own_image,
    people,
    personas,
    pipeline,
    resources,
    services,
    studio,
    tracking,
)
from tests.stacks.cloud import Cloud

ENVIRONMENTS = ("dev", "prod")
OPTIONS = ("data", "studio", "none", "unwatched", "matrix")
"""Variants with options that the environments do not take: of them, only what these options add."""
OTHERWISE = {
    "trainer": ("foundation/ArtifactsPolicy", "foundation/Key"),
    "follower": ("release/ReleasePolicy",),
}
"""Variants in which policies of the environments say something else; the same for what they add."""
_TABLES = (
    people,
    personas,
    studio,
    jobs,
    pipeline,
    catalog,
    services,
    delivery,
    guardrails,
    boundary,
    resources,
    canvas_and_copies,
    own_image,
    tracking,
    components,
    following,
)
ROWS: list[Row] = [row for table in _TABLES for row in table.ROWS]


@dataclass(frozen=True)
class Proof:
    """Cases and policies of all environments."""

    estates: tuple[Estate, ...]
    options: tuple[Estate, ...] = ()

    @classmethod
    def of(
        cls, cloud: Cloud, settings: Settings, environments: Iterable[str], options: Iterable[str] = ()
    ) -> "Proof":
        """The proof about the templates of these environments, and about what options add to them."""
        return cls(
            tuple(read_estate(cloud, settings, environment) for environment in environments),
            tuple(read_estate(cloud, settings, environment) for environment in options),
        )

    @cached_property
    def all_estates(self) -> tuple[Estate, ...]:
        """Environments, then variants."""
        return (*self.estates, *self.options)

    @cached_property
    def documents(self) -> dict[str, list[Document]]:
        """What is to be proven: all policies of the environments, and those that options add."""
        known = {document.name for estate in self.estates for document in estate.documents}
        everything = {estate.environment: estate.documents for estate in self.estates}
        return everything | {
            estate.environment: [
                document
                for document in estate.documents
                if document.name not in known or document.name in OTHERWISE.get(estate.environment, ())
            ]
            for estate in self.options
        }

    @cached_property
    def cases_by_environment(self) -> dict[str, list[Case]]:
        """The table made concrete for each environment."""
        return {
            estate.environment: list(self._about_its_documents(cases_of(ROWS, estate), estate))
            for estate in self.all_estates
        }

    def _about_its_documents(self, cases: list[Case], estate: Estate) -> Iterator[Case]:
        names = {document.name for document in self.documents[estate.environment]}
        for case in cases:
            if estate in self.estates or any(document.name in names for document in case.documents):
                yield case

    @cached_property
    def cases(self) -> list[Case]:
        """All of them."""
        return [case for cases in self.cases_by_environment.values() for case in cases]

    @cached_property
    def wrong(self) -> list[str]:
        """Cases that the evaluator decides otherwise, with its reason."""
        decisions = ((case, case.decide()) for case in self.cases)
        return [f"{case}, but is {d.message}" for case, d in decisions if d.allowed != case.row.allowed]

    @cached_property
    def second_opinion(self) -> second_engine.Running:
        """The second engine at work on all cases."""
        return second_engine.start(self.cases)

    @cached_property
    def answers(self) -> list[second_engine.Answer]:
        """What the second engine says of each case."""
        return self.second_opinion.answers()

    @cached_property
    def mutation(self) -> dict[str, Result]:
        """What became of every mutant, by environment."""
        return {
            environment: mutate_all(documents, self.cases_by_environment[environment])
            for environment, documents in self.documents.items()
        }


def the_table_holds(sample: Cloud) -> None:
    """The promise of the whole table, about the development environment."""
    proof = Proof.of(sample, load_settings(SAMPLE), ENVIRONMENTS[:1])
    assert not proof.wrong, proof.wrong[0]
