"""DataBrew with checks that moto leaves out, and tags. Jobs can be deployed and described, not run."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.glue.roles import assume

_TABLES = {"dataset": "datasets", "job": "jobs", "recipe": "recipes", "ruleset": "rulesets"}


def checking_first(context: Context, create: Callable[[Any], str]) -> Callable[[Any], str]:
    def check_and_create(response: Any) -> str:
        given = response.parameters
        assume(context, given["RoleArn"], "databrew", "ValidationException")
        backend = response.databrew_backend
        if given.get("DatasetName") not in backend.datasets:
            raise ApiError("ResourceNotFoundException", f"Dataset {given.get('DatasetName')} wasn't found.")
        recipe = (given.get("RecipeReference") or {}).get("Name")
        if recipe and recipe not in backend.recipes:
            raise ApiError("ResourceNotFoundException", f"The recipe {recipe} wasn't found.")
        return create(response)

    return check_and_create


def refusing_used_datasets(delete: Callable[[Any], str]) -> Callable[[Any], str]:
    def delete_unused(response: Any) -> str:
        name = response._get_path().split("/")[-1]
        users = [job.name for job in response.databrew_backend.jobs.values() if job.dataset_name == name]
        if users:
            raise ApiError("ConflictException", f"Dataset {name} is used by job {users[0]}.")
        return delete(response)

    return delete_unused


def _tagged(response: Any) -> Any:
    arn = unquote(response._get_path().split("/tags/", 1)[1])
    kind, _, name = arn.rsplit(":", 1)[1].partition("/")
    table = getattr(response.databrew_backend, _TABLES.get(kind, ""), {})
    if name not in table:
        raise ApiError("ResourceNotFoundException", f"{arn} wasn't found.")
    return table[name].latest_working if kind == "recipe" else table[name]


def tag(response: Any) -> str:
    resource = _tagged(response)
    resource.tags = {**(resource.tags or {}), **response.parameters["Tags"]}
    return json.dumps({})


def untag(response: Any) -> str:
    resource = _tagged(response)
    gone = response.querystring.get("tagKeys", [])
    resource.tags = {key: value for key, value in (resource.tags or {}).items() if key not in gone}
    return json.dumps({})


def list_tags(response: Any) -> str:
    return json.dumps({"Tags": _tagged(response).tags or {}})
