"""What decisions cost, in a unit of the use case's own."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from config.mistakes.errors import MISSING, Mistake
from config.models.base import ConfigurationModel
from config.values import fields

Cost = Annotated[float, Field(ge=0)]
_MOST_MISTAKES = 40


class CostOfMistake(ConfigurationModel):
    """A mistake between several classes that costs otherwise than the others."""

    actual: fields.Label
    """The class that a row is of."""
    decided: fields.Label
    """The class that is answered."""
    cost: Cost
    """What that costs."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.actual == self.decided:
            problem, change = "is no mistake: a right answer costs nothing", "name two classes, or remove it"
            yield Mistake(("decided",), self.decided, problem, "another class than actual", change)
        for key, label in (("actual", self.actual), ("decided", self.decided)):
            if "|" in label:
                problem, allowed = "cannot be an argument of a job", "a label without |"
                yield Mistake((key,), label, problem, allowed, "write the label otherwise in the data")


class Costs(ConfigurationModel):
    """What is decided, by what it costs: of two classes by outcome, of several by mistake."""

    false_positive: Cost | None = None
    """Of a row that counts as positive and is not; for two classes."""
    false_negative: Cost | None = None
    """Of a row that is positive and does not count as such; for two classes."""
    true_positive: Cost = 0.0
    """Of a row that rightly counts as positive, such as the call to a customer who would have left."""
    mistake: Cost | None = None
    """Of every mistake that is not named; for several classes."""
    mistakes_between: Annotated[tuple[CostOfMistake, ...], Field(strict=False)] = ()
    """The mistakes that cost otherwise; for several classes."""

    @property
    def is_of_two(self) -> bool:
        """Whether these are costs of two classes."""
        return self.false_positive is not None or self.false_negative is not None

    @property
    def is_of_several(self) -> bool:
        """Whether these are costs of several classes."""
        return self.mistake is not None or bool(self.mistakes_between)

    @property
    def _of_mistakes(self) -> tuple[float | None, ...]:
        between = (each.cost for each in self.mistakes_between)
        return (self.false_positive, self.false_negative, self.mistake, *between)

    def mistakes(self) -> Iterator[Mistake]:
        of_two, of_several = (self.false_positive, self.false_negative), self.is_of_several
        if of_several == self.is_of_two:
            given = self.model_dump(exclude_defaults=True)
            problem = "are of two classes and of several" if of_several else "say nothing"
            allowed = "false_positive and false_negative, or mistake"
            yield Mistake((), given or "{}", problem, allowed, "write e.g. false_positive: 7")
        elif of_several and self.mistake is None:
            yield _lacking("mistake", "what every mistake costs that is not named")
        elif not of_several and None in of_two:
            lacking = "false_positive" if self.false_positive is None else "false_negative"
            yield _lacking(lacking, "what each of both mistakes costs")
        elif not any(self._of_mistakes):
            given, change = self.model_dump(exclude_unset=True), "write e.g. 1 for one of them"
            yield Mistake((), given, "no mistake costs anything", "a mistake that costs more than 0", change)
        if of_several and not self.is_of_two and "true_positive" in self.model_fields_set:
            problem, allowed = "is a cost of two classes", "left out beside mistake"
            yield Mistake(("true_positive",), self.true_positive, problem, allowed, "remove it")
        if len(self.mistakes_between) > _MOST_MISTAKES:
            allowed = f"at most {_MOST_MISTAKES}, which are arguments of a job"
            change, count = "let mistake say what most of them cost", len(self.mistakes_between)
            yield Mistake(("mistakes_between",), count, "are too many", allowed, change)
        pairs = [(each.actual, each.decided) for each in self.mistakes_between]
        for index, pair in enumerate(pairs):
            if pair in pairs[:index]:
                path, told = ("mistakes_between", index), " as ".join(pair)
                yield Mistake(path, told, "is named twice", "each mistake once", "remove one of them")


def _lacking(key: str, allowed: str) -> Mistake:
    return Mistake((key,), MISSING, "is missing beside the others", allowed, f"add {key}")
