"""Policies with one mistake each, to see whether the case table would notice it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from tests.security.iam.cases import Case
from tests.security.iam.estate import Document
from tools.local_aws.iam.engine.evaluator import applies
from tools.local_aws.iam.engine.model import Effect, Policy, Statement
from tools.local_aws.iam.engine.patterns import matches


@dataclass(frozen=True)
class Mutant:
    """A policy with one mistake. `name` says which."""

    name: str
    policy: Policy
    original: Statement
    instead: tuple[Statement, ...]

    def is_noticed_by(self, case: Case) -> bool:
        """Whether a case comes out other than it must."""
        return self._concerns(case) and case.decide(self.policy).allowed != case.row.allowed

    def _concerns(self, case: Case) -> bool:
        """Whether the statement says something else of the case than before; if not, nothing changes."""
        before = applies(self.original, case.request)
        for changed in self.instead:
            if (changed.effect, changed.principals) != (self.original.effect, self.original.principals):
                return before
            return before != applies(changed, case.request)
        return before


@dataclass(frozen=True)
class Result:
    """What became of all mutants of one environment."""

    mutants: tuple[str, ...]
    survivors: tuple[str, ...]

    @property
    def score(self) -> float:
        """The share that was noticed."""
        return 1 - len(self.survivors) / len(self.mutants)


def mutate_all(documents: Iterable[Document], cases: Sequence[Case]) -> Result:
    """Makes every mistake in every policy, one at a time."""
    mutants, survivors = [], []
    for document in documents:
        concerned = [case for case in cases if any(d.name == document.name for d in case.documents)]
        for original, alike in groupby(mutants_of(document), key=lambda mutant: mutant.original):
            asked = [case for case in concerned if _speaks_of(original, case.request.action)]
            for mutant in alike:
                mutants.append(mutant.name)
                if not any(mutant.is_noticed_by(case) for case in asked):
                    survivors.append(mutant.name)
    return Result(tuple(mutants), tuple(survivors))


def _speaks_of(statement: Statement, action: str) -> bool:
    """Whether a statement can say anything of an action, before or after a mistake in it."""
    if statement.actions is None:
        return True
    return any(matches(pattern, action, ignore_case=True) for pattern in statement.actions)


def mutants_of(document: Document) -> Iterator[Mutant]:
    """All mistakes that are made in one policy."""
    statements = document.parsed.statements
    for position, original in enumerate(statements):
        label = f"{document.name} {original.sid or f'statement {position + 1}'}"
        for what, instead in _mistakes(original):
            changed = (*statements[:position], *instead, *statements[position + 1 :])
            yield Mutant(f"{label}: {what}", replace(document.parsed, statements=changed), original, instead)


def _mistakes(statement: Statement) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    opposite = Effect.DENY if statement.effect is Effect.ALLOW else Effect.ALLOW
    yield "dropped", ()
    yield "effect flipped", (replace(statement, effect=opposite),)
    for what, changed in _changes(statement):
        yield what, (changed,)


def _changes(statement: Statement) -> Iterator[tuple[str, Statement]]:
    yield from _shorter_lists(statement)
    yield from _weaker_conditions(statement)
    if statement.effect is Effect.ALLOW and _could_reach_more(statement):
        yield "on all resources", replace(statement, resources=("*",))


def _could_reach_more(statement: Statement) -> bool:
    """Policies of topics and queues are about all of what they hang on, whatever their Resource says."""
    if not statement.resources or "*" in statement.resources:
        return False
    return statement.principals is None or any("/" in resource for resource in statement.resources)


def _shorter_lists(statement: Statement) -> Iterator[tuple[str, Statement]]:
    for item, rest in _each_left_out(statement.actions):
        yield f"without {item}", replace(statement, actions=rest)
    for item, rest in _each_left_out(statement.not_actions):
        yield f"without the exception of {item}", replace(statement, not_actions=rest)
    for item, rest in _each_left_out(statement.resources):
        yield f"not on {item}", replace(statement, resources=rest)
    for kind, names in (statement.principals or {}).items():
        for item, rest in _each_left_out(names):
            principals = {**(statement.principals or {}), kind: rest}
            yield f"not for {item}", replace(statement, principals=principals)


def _weaker_conditions(statement: Statement) -> Iterator[tuple[str, Statement]]:
    for position, condition in enumerate(statement.conditions):
        before, after = statement.conditions[:position], statement.conditions[position + 1 :]
        label = f"{condition.operator} {condition.key}"
        yield f"without the condition {label}", replace(statement, conditions=(*before, *after))
        for item, rest in _each_left_out(condition.values):
            changed = replace(condition, values=rest)
            yield f"{label} without {item}", replace(statement, conditions=(*before, changed, *after))


def _each_left_out(items: Sequence[Any] | None) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    if items is not None and len(items) > 1:
        for position, item in enumerate(items):
            yield item, (*items[:position], *items[position + 1 :])
