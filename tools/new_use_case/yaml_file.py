"""Writes what was found as YAML: ready to run, and with what was seen as comments."""

import json
import re
from collections.abc import Iterable, Iterator

from tools.new_use_case.findings import Findings
from tools.new_use_case.table import Column

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_TEXT = re.compile("true|false|null", re.IGNORECASE)
_IMBALANCED = 3
_SEEN = "# Written by `make new-use-case`; what stands behind # is what it saw. Correct it, then rehearse."
SCHEMA = "# yaml-language-server: $schema=../schemas/use-case.schema.json"


def render(findings: Findings, file_name: str) -> str:
    """The text of config/use_cases/<name>.yaml."""
    return "\n".join([SCHEMA, _SEEN, *_lines(findings, file_name), ""])


def in_environment(text: str, name: str) -> str:
    """The text of an environment's file with the use case; raises ValueError when it names none yet.

    In production nothing serves before somebody writes which version, and no instance is alone.
    """
    model, instances = (
        ("none", "min: 2, max: 4") if is_protected(text) else ("latest-approved", "min: 1, max: 2")
    )
    entry = f"  {name}:\n    model: {model}\n    endpoint: {{instances: {{{instances}}}}}\n"
    changed, count = re.subn(r"(?m)^(use_cases:[^\n{]*\n)", lambda found: found[1] + entry, text)
    if count != 1:
        raise ValueError("use_cases: is not followed by one line per use case")
    return changed


def is_protected(text: str) -> bool:
    """Whether the file is that of a production."""
    return not re.search(r"(?m)^termination_protection: *false\b", text)


def _lines(findings: Findings, file_name: str) -> Iterator[str]:
    target, table = findings.target, findings.table
    yield f"problem: {findings.problem}"
    yield f"target: {_text(target.name)} # {target.description}"
    if findings.problem == "binary-classification":
        positive = findings.positive
        yield f"positive: {json.dumps(positive, ensure_ascii=False)} # {_share(findings):.1%} of rows"
    if findings.is_skewed:
        yield "target_transform: log # a few values are much larger than the others"
    if table.missing_values:
        yield f"missing_values: {json.dumps(table.missing_values)} # these stand where numbers are expected"
    if target.missing_share:
        yield f"rows_without_target: drop # {target.missing_share:.1%} of rows"
    yield "features:"
    yield from _listed("numeric", findings.numeric)
    yield from _listed("dates", findings.dates)
    yield from _listed("categorical", findings.categorical)
    if findings.drop:
        yield "drop:"
        for name, reason in findings.drop.items():
            yield f"  {_text(name)}: {_text(reason, is_sentence=True)} # {table[name].description}"
    if findings.personal:
        treatments = ", ".join(f"{_text(name)}: drop" for name in findings.personal)
        yield f"personal_data: {{{treatments}}} # or keep one as a feature, with mask 2 or bucket 10"
    if findings.problem == "binary-classification" and (weight := 1 / _share(findings) - 1) > _IMBALANCED:
        yield f"class_weight: balanced # {weight:.1f} rows are not, for each that is"
    yield f"success: {_success(findings)} # little more than guessing: raise it to what the model must reach"
    yield "drift:"
    yield f"  features: [{', '.join(map(_text, findings.drift))}]"
    yield "  threshold: 0.1"
    later = findings.later
    which = f"at_least: {later.at_least!r}"
    if later.at_least is None:
        which = f"value: {json.dumps(later.value, ensure_ascii=False)}"
    yield f"sample: {{file: {file_name}, later: {{column: {_text(later.column)}, {which}}}}}"


def _share(findings: Findings) -> float:
    return findings.target.counts[findings.positive] / len(findings.target.present)


def _success(findings: Findings) -> str:
    if findings.problem == "regression":
        return "{metric: r2, at_least: 0.05}"
    if findings.problem == "binary-classification":
        return "{metric: auc, at_least: 0.55}"
    return f"{{metric: balanced_accuracy, at_least: {1.1 / len(findings.target.counts):.2f}}}"


def _listed(kind: str, columns: Iterable[Column]) -> Iterator[str]:
    lines = [f"    - {_text(column.name)} # {column.description}" for column in columns]
    if lines:
        yield f"  {kind}:"
        yield from lines


def _text(value: str, *, is_sentence: bool = False) -> str:
    """Plain where YAML cannot take it for something else."""
    if is_sentence and re.fullmatch(r"[A-Za-z][A-Za-z0-9_ ,;.%]*", value):
        return value
    is_plain = _PLAIN.fullmatch(value) and not _NOT_TEXT.fullmatch(value)
    return value if is_plain else json.dumps(value, ensure_ascii=False)
