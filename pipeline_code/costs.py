"""What decisions cost, by what is so and what is decided, in whatever unit the use case counts in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tabular import Arguments, DataError

METRIC = "cost_per_row"


@dataclass(frozen=True)
class Asked:
    """The costs of the arguments; a matrix needs the labels of a model."""

    of_two: tuple[float, ...] = ()
    """Of a true negative, false positive, false negative and true positive."""
    other: float | None = None
    """Of every mistake between several classes that `mistakes` do not name."""
    mistakes: tuple[tuple[str, str, float], ...] = ()
    """What is so, what is decided, and the cost."""

    def matrix(self, labels: Sequence[str]) -> np.ndarray | None:
        """By the class that is so, then by the one that is decided; None where nothing was asked."""
        if self.of_two:
            return np.array(self.of_two).reshape(2, 2)
        if self.other is None:
            return None
        unknown = sorted({label for pair in self.mistakes for label in pair[:2]} - set(labels))
        if unknown:
            raise DataError(f"costs name labels that the training part does not have: {', '.join(unknown)}")
        matrix = np.full((len(labels), len(labels)), self.other)
        np.fill_diagonal(matrix, 0.0)
        for actual, decided, cost in self.mistakes:
            matrix[labels.index(actual), labels.index(decided)] = cost
        return matrix


def add_arguments(parser: Arguments) -> None:
    """Of two classes four numbers, of several one for all mistakes and one for each that costs otherwise."""
    parser.add_argument("--costs-of-two", nargs=4, type=float, default=(), metavar=("TN", "FP", "FN", "TP"))
    parser.add_argument("--cost", type=float, metavar="OF EVERY MISTAKE")
    parser.add_argument("--cost-of", action="append", default=[], metavar="ACTUAL|DECIDED|COST")


def asked(arguments: argparse.Namespace) -> Asked:
    """Raises DataError for a cost that is no number."""
    try:
        split = (text.split("|") for text in arguments.cost_of)
        mistakes = tuple((actual, decided, float(cost)) for actual, decided, cost in split)
    except ValueError as error:
        raise DataError("--cost-of takes ACTUAL|DECIDED|COST, and the cost is a number") from error
    return Asked(tuple(arguments.costs_of_two), arguments.cost, mistakes)


def per_row(costs: np.ndarray, actual: np.ndarray, decided: np.ndarray) -> float:
    """The mean; classes are numbers."""
    return float(costs[actual.astype(int), decided.astype(int)].mean())
