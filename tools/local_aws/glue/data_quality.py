"""Data quality rulesets of Glue, which moto does not have. Rules are checked, not evaluated on data."""

import re
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from tools.local_aws.errors import ApiError

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


def rules_of(text: str) -> list[str]:
    """The rules of a ruleset in DQDL; refuses text that is none, and types of rules that do not exist."""
    ruleset = _RULESET.fullmatch(text)
    if ruleset is None:
        raise ApiError("InvalidInputException", "A ruleset is written as Rules = [ rule, rule ].")
    rules, position = [], 0
    while True:
        rule = _RULE.match(ruleset["rules"], position)
        if rule is None:
            where = ruleset["rules"][position : position + 30].strip() or "the end"
            raise ApiError("InvalidInputException", f"A rule is expected at {where!r}.")
        if rule["type"] not in RULE_TYPES:
            raise ApiError("InvalidInputException", f"Rule type {rule['type']} does not exist.")
        rules.append(rule[0].strip())
        position = rule.end()
        if position == len(ruleset["rules"]):
            return rules
        if ruleset["rules"][position] != ",":
            raise ApiError(
                "InvalidInputException",
                f"Unexpected {ruleset['rules'][position:][:30]!r} after {rules[-1]!r}.",
            )
        position += 1


def _rulesets(response: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = response.glue_backend.__dict__.setdefault("data_quality_rulesets", {})
    return found


def _known(response: Any, name: str) -> dict[str, Any]:
    if name not in _rulesets(response):
        raise ApiError("EntityNotFoundException", f"Data quality ruleset {name} is not found.")
    return _rulesets(response)[name]


def create_ruleset(response: Any) -> ActionResult:
    given = dict(response.parameters)
    name = given["Name"]
    if name in _rulesets(response):
        raise ApiError("AlreadyExistsException", f"Data quality ruleset {name} already exists.")
    rules_of(given["Ruleset"])
    backend = response.glue_backend
    arn = f"arn:aws:glue:{backend.region_name}:{backend.account_id}:dataQualityRuleset/{name}"
    backend.tag_resource(arn, given.pop("Tags", {}))
    given.pop("ClientToken", None)
    _rulesets(response)[name] = {**given, "CreatedOn": utcnow(), "LastModifiedOn": utcnow()}
    return ActionResult({"Name": name})


def get_ruleset(response: Any) -> ActionResult:
    return ActionResult(_known(response, response.parameters["Name"]))


def update_ruleset(response: Any) -> ActionResult:
    given = response.parameters
    ruleset = _known(response, given["Name"])
    if "Ruleset" in given:
        rules_of(given["Ruleset"])
    changes = {name: given[name] for name in ("Description", "Ruleset") if name in given}
    ruleset.update(changes, LastModifiedOn=utcnow())
    return ActionResult({name: ruleset.get(name) for name in ("Name", "Description", "Ruleset")})


def delete_ruleset(response: Any) -> ActionResult:
    _known(response, response.parameters["Name"])
    del _rulesets(response)[response.parameters["Name"]]
    return ActionResult({})


def list_rulesets(response: Any) -> ActionResult:
    unsupported = sorted({"Filter", "Tags", "NextToken"} & set(response.parameters))
    if unsupported:
        raise ApiError("InvalidInputException", f"The embedded AWS does not take {', '.join(unsupported)}.")
    summaries = [
        {
            **{name: ruleset.get(name) for name in ("Name", "Description", "TargetTable", "CreatedOn")},
            "LastModifiedOn": ruleset["LastModifiedOn"],
            "RuleCount": len(rules_of(ruleset["Ruleset"])),
        }
        for ruleset in _rulesets(response).values()
    ]
    return ActionResult({"Rulesets": summaries})
