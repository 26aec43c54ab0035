"""Rulesets in Glue's Data Quality Definition Language, divided into rules."""

import re

RULE_TYPES = frozenset(
    {
        "AggregateMatch",
        "ColumnCorrelation",
        "ColumnCount",
        "ColumnDataType",
        "ColumnExists",
        "ColumnLength",
        "ColumnNamesMatchPattern",
        "ColumnValues",
        "Completeness",
        "CustomSql",
        "DataFreshness",
        "DatasetMatch",
        "DetectAnomalies",
        "DistinctValuesCount",
        "Entropy",
        "FileFreshness",
        "FileMatch",
        "FileSize",
        "FileUniqueness",
        "IsComplete",
        "IsPrimaryKey",
        "IsUnique",
        "Mean",
        "ReferentialIntegrity",
        "RowCount",
        "RowCountMatch",
        "SchemaMatch",
        "StandardDeviation",
        "Sum",
        "UniqueValueRatio",
        "Uniqueness",
    }
)
"""https://docs.aws.amazon.com/glue/latest/dg/dqdl.html"""
_RULESET = re.compile(r"\s*Rules\s*=\s*\[(?P<rules>.*)\]\s*", re.DOTALL)
_RULE = re.compile(r'\s*(?P<type>[A-Za-z]+)(?P<rest>(?:"[^"]*"|[^",\[\]]|\[[^\]]*\])*)')


class DqdlError(ValueError):
    """The text is no ruleset."""


def rules_of(text: str) -> list[str]:
    """The rules of a ruleset in DQDL; refuses text that is none, and types of rules that do not exist."""
    ruleset = _RULESET.fullmatch(text)
    if ruleset is None:
        raise DqdlError("A ruleset is written as Rules = [ rule, rule ].")
    rules, position = [], 0
    while True:
        rule = _RULE.match(ruleset["rules"], position)
        if rule is None:
            where = ruleset["rules"][position : position + 30].strip() or "the end"
            raise DqdlError(f"A rule is expected at {where!r}.")
        if rule["type"] not in RULE_TYPES:
            raise DqdlError(f"Rule type {rule['type']} does not exist.")
        rules.append(rule[0].strip())
        position = rule.end()
        if position == len(ruleset["rules"]):
            return rules
        if ruleset["rules"][position] != ",":
            raise DqdlError(
                f"Unexpected {ruleset['rules'][position:][:30]!r} after {rules[-1]!r}.",
            )
        position += 1
