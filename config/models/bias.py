"""Whose outcomes are compared: facets, and which outcome counts as positive."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from config.mistakes.errors import MISSING, Mistake, checked
from config.models.base import ConfigurationModel
from config.values import fields
from config.values.columns import ColumnName

_MOST_FACETS = 10


class Facet(ConfigurationModel):
    """A feature and what sets a group apart: categories, or a number that its rows are above."""

    column: ColumnName
    """A feature of the use case."""
    values: fields.Categories = ()
    """Categories of the group."""
    above: float | None = None
    """The number that the rows of the group are above."""

    def mistakes(self) -> Iterator[Mistake]:
        if bool(self.values) == (self.above is not None):
            problem = (
                "says twice which rows are the group"
                if self.values
                else "does not say which rows are the group"
            )
            change = 'write e.g. values: ["yes"], or above: 65'
            given = self.model_dump(include={"values", "above"}, exclude_defaults=True)
            yield Mistake((), given or MISSING, problem, "exactly one of values, above", change)

    @property
    def test(self) -> str:
        """What a cell of the group is, as the evaluation takes it."""
        return f"={'|'.join(self.values)}" if self.values else f">{self.above}"


def _facets(facets: tuple[Facet, ...]) -> Iterator[Mistake]:
    if not 1 <= len(facets) <= _MOST_FACETS:
        allowed, change = f"1 to {_MOST_FACETS} facets", "name the groups that matter, or remove bias"
        yield Mistake((), len(facets), "is no number of groups to compare", allowed, change)


class Bias(ConfigurationModel):
    """Groups whose outcomes every evaluation compares with those of all other rows."""

    facets: Annotated[tuple[Facet, ...], Field(strict=False), checked(_facets)]
    """One to ten groups."""
    positive_labels: fields.Categories = ()
    """The classes that count as the positive outcome; for several classes only."""
    positive_above: float | None = None
    """The number above which the target counts as the positive outcome; for regression only."""
