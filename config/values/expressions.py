"""Expressions that compute a column from columns; pipeline_code/expressions.py computes the same."""

import ast
import math
import re
from collections.abc import Iterator
from typing import Annotated

from config.mistakes.errors import Mistake, checked, suggest

FUNCTIONS = {"abs": 1, "log": 1, "max": 2, "min": 2, "month": 1, "year": 1}
"""By name, how many arguments each has."""
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UAdd, ast.USub)
LONGEST = 160
"""With its name and its option an expression is one argument of a job."""

_ELSEWHERE = "write it in a features module"
_QUOTED = re.compile("`[^`]+`")
_ALLOWED = f"columns (`in backticks` unless a plain name), numbers, + - * / ** ( ), {', '.join(FUNCTIONS)}"


def columns_in(text: str) -> list[tuple[int, str]]:
    """Return the columns that an expression names, each with its place; none if it cannot be read."""
    try:
        tree, source = _read(text), text.encode()
    except SyntaxError:
        return []
    names = [node for node in _walk(tree) if isinstance(node, ast.Name)]
    written = [source[node.col_offset : node.end_col_offset].decode() for node in names]
    return [(_place(text, node), name.strip("`")) for node, name in zip(names, written, strict=True)]


def _read(text: str) -> ast.expr:
    return ast.parse(_unquoted(text), mode="eval").body


def _unquoted(text: str) -> str:
    """Underscores of the same length keep each quoted name where it stands."""
    return _QUOTED.sub(lambda quoted: "_" * len(quoted[0].encode()), text)


def _place(text: str, node: ast.expr) -> int:
    return _character(text, node.col_offset)


def _character(text: str, byte: int) -> int:
    return len(text.encode()[:byte].decode()) + 1


def _expression(text: str) -> Iterator[Mistake]:
    if len(text) > LONGEST or not text.isprintable() or text != text.strip():
        problem = f"has {len(text)} characters, or holds line breaks or spaces around it"
        allowed = f"one line of at most {LONGEST} characters"
        yield Mistake((), text, problem, allowed, "divide it: an expression may use those above it")
        return
    try:
        tree = _read(text)
    except SyntaxError as error:
        before = _unquoted(text)[: error.offset - 1] if error.offset else text
        problem = f"cannot be read at character {_character(text, len(before.encode()))}"
        yield Mistake((), text, problem, _ALLOWED, "correct it there; names with spaces stand in backticks")
        return
    for node in _walk(tree):
        for problem, change in _refused(node):
            yield Mistake((), text, f"at character {_place(text, node)}, {problem}", _ALLOWED, change)
    if not columns_in(text):
        yield Mistake((), text, "names no column, so that all rows would be alike", _ALLOWED, "name a column")


def _walk(node: ast.expr) -> Iterator[ast.expr]:
    """Yield an expression and its parts, but none of what is no part of one."""
    yield node
    parts: list[ast.expr] = []
    match node:
        case ast.UnaryOp():
            parts = [node.operand]
        case ast.BinOp():
            parts = [node.left, node.right]
        case ast.Call(func=ast.Name()):
            parts = node.args
    for part in parts:
        yield from _walk(part)


def _refused(node: ast.expr) -> Iterator[tuple[str, str]]:
    """Yield why this is neither number, column, operator nor function, and the remedy."""
    match node:
        case ast.Name():
            pass
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if not math.isfinite(number):
                yield "the number is too large", "write a smaller one"
        case ast.UnaryOp(op=sign) | ast.BinOp(op=sign) if isinstance(sign, OPERATORS):
            pass
        case ast.Call(func=ast.Name(id=name)) if name not in FUNCTIONS:
            yield f"there is no function {name}", suggest(name, FUNCTIONS, _ELSEWHERE)
        case ast.Call(func=ast.Name(id=name)):
            if len(node.args) != FUNCTIONS[name] or node.keywords:
                yield f"{name} has another number of arguments", f"give it {FUNCTIONS[name]}"
        case _:
            yield f"{ast.unparse(node)} is no part of an expression", _ELSEWHERE


Expression = Annotated[str, checked(_expression)]
