"""Columns computed from columns, as a use case writes it: `(sold - built) / 365.25`.

Python's syntax and few of its words; a name with spaces or odd signs stands in backticks, as with pandas.
What has no finite value is missing: a division by zero, the logarithm of a negative number, what follows.
config/values/expressions.py checks the same before anything is deployed.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import numpy as np
from tabular import DataError, Features

_QUOTED = re.compile("`[^`]+`")
_OPERATORS: dict[type, Callable[..., np.ndarray]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_EPOCH_YEAR, _MONTHS, _MOST_DAYS = 1970, 12, 2**31


def _months(days: np.ndarray) -> np.ndarray:
    """Months since 1970 of days since then, where a calendar has them."""
    known = np.abs(days) < _MOST_DAYS
    dates = np.where(known, np.floor(days), 0).astype("datetime64[D]").astype("datetime64[M]")
    return np.where(known, dates.astype(np.float64), np.nan)


def _year(days: np.ndarray) -> np.ndarray:
    return np.asarray(_EPOCH_YEAR + _months(days) // _MONTHS)


def _month(days: np.ndarray) -> np.ndarray:
    return np.asarray(1 + _months(days) % _MONTHS)


FUNCTIONS: dict[str, tuple[int, Callable[..., np.ndarray]]] = {
    "abs": (1, np.abs),
    "log": (1, np.log),
    "max": (2, np.maximum),
    "min": (2, np.minimum),
    "month": (1, _month),
    "year": (1, _year),
}
"""By name, how many arguments each has, and what it does."""


def evaluate(expressions: Mapping[str, str], features: Features) -> Features:
    """One number per row and expression; each may use the features and the expressions before it."""
    known = dict(features)
    with np.errstate(all="ignore"):
        for name, text in expressions.items():
            known[name] = _value(parse(text), known)
    return {name: known[name] for name in expressions}


def mistakes_of(expressions: Mapping[str, str], numeric: Iterable[str]) -> Iterator[str]:
    """What keeps the expressions from being computed from these columns."""
    known = set(numeric)
    for name, text in expressions.items():
        try:
            used = _columns_in(parse(text))
        except DataError as error:
            yield f"--derived {name}: {error}"
            continue
        if not used or used - known:
            wrong = f"{', '.join(sorted(used - known))} is no numeric column" if used else "names no column"
            yield f"--derived {name}: {wrong}"
        known.add(name)


def _columns_in(tree: ast.expr) -> set[str]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


@lru_cache(maxsize=1000)
def parse(text: str) -> ast.expr:
    """The expression as a tree, whose names are those of columns; raises DataError for anything else."""
    # Underscores of the same length keep each name where it stands.
    plain = _QUOTED.sub(lambda quoted: "_" * len(quoted[0].encode()), text)
    try:
        tree = ast.parse(plain.strip(), mode="eval").body
    except SyntaxError:
        raise DataError("is no expression") from None
    source = text.strip().encode()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = source[node.col_offset : node.end_col_offset].decode().strip("`")
    _check(tree)
    return tree


def _check(node: ast.expr) -> None:
    """Raise DataError unless numbers, columns, operators and functions are all there is."""
    parts: list[ast.expr] = []
    match node:
        case ast.Name():
            pass
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if not math.isfinite(number):
                raise DataError("has a number that is too large")
        case ast.UnaryOp(op=sign) if type(sign) in _OPERATORS:
            parts = [node.operand]
        case ast.BinOp(op=sign) if type(sign) in _OPERATORS:
            parts = [node.left, node.right]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            parts = arguments
            if len(arguments) != FUNCTIONS[name][0]:
                raise DataError(f"{name} has {FUNCTIONS[name][0]} arguments")
        case _:
            raise DataError(f"has {type(node).__name__} in it, which no expression may have")
    for part in parts:
        _check(part)


def _value(node: ast.expr, columns: Features) -> np.ndarray:
    match node:
        case ast.Name():
            return columns[node.id]
        case ast.Constant(value=int() | float() as number):
            return np.asarray(number, dtype=np.float64)
        case ast.UnaryOp():
            found = _OPERATORS[type(node.op)](_value(node.operand, columns))
        case ast.BinOp():
            found = _OPERATORS[type(node.op)](_value(node.left, columns), _value(node.right, columns))
        case ast.Call(func=ast.Name(id=name)):
            found = FUNCTIONS[name][1](*(_value(argument, columns) for argument in node.args))
    return np.where(np.isfinite(found), found, np.nan)
