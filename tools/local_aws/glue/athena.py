"""Workgroups of Athena that can be changed. There is no query engine: queries are refused."""

import json
from collections.abc import Callable
from typing import Any

from tools.local_aws.errors import ApiError

_RESULT_UPDATES = "ResultConfigurationUpdates"
_PLAIN_UPDATES = (
    "BytesScannedCutoffPerQuery",
    "EnforceWorkGroupConfiguration",
    "EngineVersion",
    "PublishCloudWatchMetricsEnabled",
    "RequesterPaysEnabled",
)
_RESULT_PARTS = ("EncryptionConfiguration", "ExpectedBucketOwner", "OutputLocation")


def of_existing(operation: Callable[[Any], str]) -> Callable[[Any], str]:
    """Moto answers with nothing about a workgroup that does not exist."""

    def answer(response: Any) -> str:
        _workgroup(response)
        return operation(response)

    return answer


def _workgroup(response: Any) -> Any:
    name = response._get_param("WorkGroup")
    workgroup = response.athena_backend.work_groups.get(name)
    if workgroup is None:
        raise ApiError("InvalidRequestException", f"WorkGroup {name} is not found.")
    return workgroup


def update_work_group(response: Any) -> str:
    workgroup = _workgroup(response)
    updates = dict(response._get_param("ConfigurationUpdates") or {})
    results = dict(updates.pop(_RESULT_UPDATES, {}))
    unknown = sorted((set(updates) - set(_PLAIN_UPDATES)) | (set(results) - set(_RESULT_PARTS)))
    if unknown:
        raise ApiError("InvalidRequestException", f"The embedded AWS does not update {', '.join(unknown)}.")
    workgroup.configuration.update(updates)
    if results:
        workgroup.configuration.setdefault("ResultConfiguration", {}).update(results)
    workgroup.description = response._get_param("Description") or workgroup.description
    workgroup.state = response._get_param("State") or workgroup.state
    return json.dumps({})


def refuse_queries(_: Any) -> str:
    raise ApiError(
        "InvalidRequestException",
        "The embedded AWS has no query engine: workgroups can be deployed and described, but queries run in "
        "AWS only.",
    )
