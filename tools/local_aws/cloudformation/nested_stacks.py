"""Stacks inside stacks, over the API of CloudFormation itself, as the identity that deploys the outer one.

The words of failures are those of
https://github.com/aws-solutions-library-samples/aws-batch-arch-for-protein-folding/issues/41.
"""

import time
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.parts import POLL_SECONDS
from tools.local_aws.cloudformation.row import Work

_NO_UPDATES = "No updates are to be performed."


def carry_out(work: Work) -> None:
    {"create": _create, "update": _update, "delete": _delete}[work.phase](work)


def _create(work: Work) -> None:
    name = work.fill("{stack}-{logical}-{suffix}")
    arguments = _arguments(work, "CreateStack", name)
    work.home.nest(name)
    work.physical_id = work.clients("cloudformation").create_stack(**arguments)["StackId"]
    status, why = _settled(work)
    if status != "CREATE_COMPLETE":
        raise ResourceError(f"Embedded stack {work.physical_id} was not successfully created: {why}")


def _update(work: Work) -> None:
    arguments = _arguments(work, "UpdateStack", str(work.physical_id))
    try:
        work.clients("cloudformation").update_stack(**arguments)
    except ClientError as error:
        if _NO_UPDATES not in str(error):
            raise
        _settled(work)
        return
    status, why = _settled(work)
    if not status.endswith("_COMPLETE") or "ROLLBACK" in status:
        raise ResourceError(
            f"Embedded stack {work.physical_id} was not successfully updated. Currently in {status} with "
            f"reason: {why}"
        )


def _delete(work: Work) -> None:
    work.clients("cloudformation").delete_stack(StackName=work.physical_id)
    status, why = _settled(work)
    if status != "DELETE_COMPLETE":
        raise ResourceError(f"Embedded stack {work.physical_id} was not successfully deleted: {why}")


def _arguments(work: Work, operation: str, name: str) -> dict[str, Any]:
    given = work.properties
    parameters = {
        key: ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
        for key, value in given.get("Parameters", {}).items()
    }
    arguments = {
        "StackName": name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": text} for key, text in parameters.items()],
        "Capabilities": list(work.home.capabilities),
        "Tags": given.get("Tags", []),
    }
    fitting, _ = work.fit(operation, {**given, **arguments})
    return fitting


def _settled(work: Work) -> tuple[str, str]:
    while True:
        status, why, outputs = work.home.nested(str(work.physical_id))
        if not status.endswith("_IN_PROGRESS"):
            work.attributes = {"Outputs": outputs}
            return status, why
        time.sleep(POLL_SECONDS)
