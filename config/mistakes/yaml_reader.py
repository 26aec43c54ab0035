"""Reads YAML by the rules of YAML 1.2, and strictly.

PyYAML follows YAML 1.1, where `no` and `on` are booleans, `010` is eight and `12:30` is a number, and where
the second of two equal keys wins silently. Here only `true` and `false` are booleans, a leading zero and a
repeated key are mistakes, and tags, anchors and aliases are refused.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from config.mistakes.errors import UNREADABLE, KeyPath, Mistake

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MARKER = re.compile(r"<{7}( |$)|={7}$|>{7}( |$)")
_VARIABLE = re.compile(r"\$\{[A-Za-z_]\w*\}")
# PyYAML's words, scanner.py and parser.py: @ ` % * & cannot begin a value; a key where none can be.
_UNQUOTED = ("that cannot start any token", "while scanning an alias", "while scanning an anchor")
_MISPLACED = (
    *("mapping values are not allowed here", "expected <block end>", "could not find expected ':'"),
    "did not find expected key",
)
_REFUSED_TOKENS = (yaml.TagToken, yaml.AnchorToken, yaml.AliasToken)


def read_yaml(path: Path) -> tuple[dict[str, object] | None, list[Mistake]]:
    """Return what a file holds, None if it cannot be read, and the mistakes of its form."""
    try:
        text = path.read_text("utf-8")
        if markers := _merge_markers(text):
            problem = f"has the markers of a merge in {markers}"
            return None, [_unreadable(problem, "one YAML document", "keep one side, and remove the markers")]
        refused = [token for token in yaml.scan(text) if isinstance(token, _REFUSED_TOKENS)]
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except UnicodeDecodeError as error:
        return None, [_unreadable(f"byte {error.start} is not UTF-8", "UTF-8 text", "save the file as UTF-8")]
    except yaml.YAMLError as error:
        problem = f"is not YAML: {' '.join(str(error).split())}"
        return None, [_unreadable(problem, "one YAML document", _remedy(error))]
    if refused:
        lines = ", ".join(str(token.start_mark.line + 1) for token in refused)
        problem = f"has a tag, anchor or alias (!, &, *) in line {lines}"
        return None, [_unreadable(problem, "plain values", "write the value out, in quotes if it is text")]
    if not isinstance(node, yaml.MappingNode):
        return None, [_unreadable("does not hold keys and values", "lines of `key: value`", "write the keys")]
    reader = _Reader()
    return reader.mapping(node, ()), reader.mistakes


def _unreadable(problem: str, allowed: str, change: str) -> Mistake:
    return Mistake((), UNREADABLE, problem, allowed, change)


def _merge_markers(text: str) -> str:
    lines = [str(line) for line, content in enumerate(text.split("\n"), start=1) if _MARKER.match(content)]
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}" if lines else ""


def _remedy(error: yaml.YAMLError) -> str:
    """What to change, in the words of somebody who does not know YAML's grammar."""
    mark, said = getattr(error, "problem_mark", None), str(error)
    line = f"line {mark.line + 1}" if mark else "the line named"
    if "'\\t'" in said:
        return f"indent {line} with spaces, not with a tab"
    if any(words in said for words in _UNQUOTED):
        return f"put the value in {line} in quotes"
    if any(words in said for words in _MISPLACED):
        return f"indent {line} like the keys beside it, or put its text in quotes"
    return f"correct {line}"


class _Reader:
    """Turns composed nodes into plain values and remembers what was wrong with them."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        return dict(self._items(node, path))

    def _items(self, node: yaml.MappingNode, path: KeyPath) -> Iterator[tuple[str, object]]:
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                problem = f"the key in line {line} is a list or a mapping"
                self.mistakes.append(Mistake(path, UNREADABLE, problem, "text as a key", "write one word"))
                continue
            key = str(key_node.value)
            if key in lines:
                problem = f"the key is given twice, in lines {lines[key]} and {line}"
                value = self._value(value_node, (*path, key))
                self.mistakes.append(Mistake((*path, key), value, problem, "each key once", "remove one"))
                continue
            lines[key] = line
            yield key, self._value(value_node, (*path, key))

    def _value(self, node: yaml.Node, path: KeyPath) -> object:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        text = str(node.value)
        if "${Token[" in text:
            problem, change = "holds ${Token[, where CDK would fill in a value of its own", "leave it out"
            self.mistakes.append(Mistake(path, text, problem, "other text", change))
            return None
        if _VARIABLE.search(text):
            problem, allowed = "holds a variable, which nothing fills in", "the value itself"
            self.mistakes.append(Mistake(path, text, problem, allowed, "write the value"))
            return None
        is_quoted = node.style is not None
        if not is_quoted and _LEADING_ZERO.fullmatch(text):
            problem = "is a number and would lose its leading zero"
            allowed = "text in quotes, or a number without leading zeros"
            self.mistakes.append(Mistake(path, text, problem, allowed, f'quote it: "{text}"'))
            return text
        return text if is_quoted else _plain_scalar(text)


def _plain_scalar(text: str) -> object:
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "", 1)) if _NOT_FINITE.fullmatch(text) else text
