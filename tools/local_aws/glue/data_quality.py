"""Data quality rulesets of Glue, which moto does not have. Rules are checked, not evaluated on data."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from tools.local_aws.errors import ApiError
from tools.local_aws.glue.dqdl import DqdlError, rules_of


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
    _check(given["Ruleset"])
    backend = response.glue_backend
    arn = f"arn:aws:glue:{backend.region_name}:{backend.account_id}:dataQualityRuleset/{name}"
    backend.tag_resource(arn, given.pop("Tags", {}))
    given.pop("ClientToken", None)
    _rulesets(response)[name] = {**given, "CreatedOn": utcnow(), "LastModifiedOn": utcnow()}
    return ActionResult({"Name": name})


def _check(ruleset: str) -> None:
    try:
        rules_of(ruleset)
    except DqdlError as error:
        raise ApiError("InvalidInputException", str(error)) from error


def get_ruleset(response: Any) -> ActionResult:
    return ActionResult(_known(response, response.parameters["Name"]))


def update_ruleset(response: Any) -> ActionResult:
    given = response.parameters
    ruleset = _known(response, given["Name"])
    if "Ruleset" in given:
        _check(given["Ruleset"])
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
