"""The whole proof: cases, their decisions by both engines, and what becomes of mutated policies."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tests.security.iam import second_engine
from tests.security.iam.cases import Case, cases_of
from tests.security.iam.estate import Estate, read_estate
from tests.security.iam.mutation import Result, mutate_all
from tests.security.iam.rows import Row
from tests.security.iam.table import (
    boundary,
    catalog,
    delivery,
    guardrails,
    jobs,
    people,
    personas,
    pipeline,
    resources,
    services,
    studio,
)
from tests.stacks.cloud import Cloud

ENVIRONMENTS = ("dev", "prod")
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
)
ROWS: list[Row] = [row for table in _TABLES for row in table.ROWS]


@dataclass(frozen=True)
class Proof:
    """Cases and policies of all environments."""

    estates: tuple[Estate, ...]

    @classmethod
    def of(cls, cloud: Cloud, environments: Iterable[str] = ENVIRONMENTS) -> "Proof":
        """The proof about the templates of these environments."""
        return cls(tuple(read_estate(cloud, environment) for environment in environments))

    @cached_property
    def cases_by_environment(self) -> dict[str, list[Case]]:
        """The table made concrete for each environment."""
        return {estate.environment: cases_of(ROWS, estate) for estate in self.estates}

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
            estate.environment: mutate_all(estate.documents, self.cases_by_environment[estate.environment])
            for estate in self.estates
        }
