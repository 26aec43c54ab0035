"""Custom resources: a function of the template's author creates, updates and deletes them.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html; the words
of failures are those of https://github.com/aws/aws-cdk/issues/23958,
https://github.com/aws-samples/aws-cdk-examples/issues/671 and https://github.com/aws/aws-cdk/issues/18746.
"""

import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.letters import as_object
from tools.local_aws.cloudformation.parts import POLL_SECONDS
from tools.local_aws.cloudformation.row import Work

_DEFAULT_TIMEOUT_SECONDS = 3600
_LONGEST_ANSWER_BYTES = 4096
_NO_ANSWER = (
    "CloudFormation did not receive a response from your Custom Resource. Please check your logs for "
    "requestId [{}]. If you are using the Python cfn-response module, you may need to update your Lambda "
    "function code so that CloudFormation can attach the updated version."
)


class _Invocation(threading.Thread):
    """The call of the function; where it ends well, what it has started may still answer."""

    def __init__(self, work: Work, request: Mapping[str, Any]) -> None:
        super().__init__(daemon=True)
        self._client, self._request = work.clients("lambda"), request
        self.refusal: ClientError | None = None
        self.broken = False

    def run(self) -> None:
        token, payload = self._request["ServiceToken"], as_text(self._request)
        try:
            answer = self._client.invoke(FunctionName=token, Payload=payload)
            self.broken = "FunctionError" in answer
        except ClientError as error:
            self.refusal = error
        except BotoCoreError:
            # It takes longer than the client waits.
            return


def carry_out(work: Work) -> None:
    """Asks the function to do what the phase says, and takes over what it answers."""
    request = _request(work)
    invocation = _Invocation(work, request)
    invocation.start()
    letter = _awaited(work, request, invocation)
    chosen = work.physical_id or f"{work.fill('{stack}-{logical}-{suffix}')}"
    if letter is None:
        work.physical_id = chosen
        raise ResourceError(_NO_ANSWER.format(request["RequestId"]))
    answer = as_object(letter)
    work.physical_id = str(answer.get("PhysicalResourceId") or chosen)
    if len(letter) > _LONGEST_ANSWER_BYTES:
        raise ResourceError("Response object is too long.")
    if answer.get("Status") != "SUCCESS":
        raise ResourceError(
            f"Received response status [{answer.get('Status')}] from custom resource. Message returned: "
            f"{answer.get('Reason', '')} (RequestId: {request['RequestId']})"
        )
    if not answer.get("PhysicalResourceId"):
        raise ResourceError("Invalid PhysicalResourceId")
    work.attributes = {str(name): value for name, value in (answer.get("Data") or {}).items()}
    work.masked = as_text(answer.get("NoEcho", False)).lower() == "true"


def _request(work: Work) -> dict[str, Any]:
    token = str(work.properties["ServiceToken"])
    if ":lambda:" not in token:
        raise ResourceError(
            f"The embedded AWS asks Lambda functions to carry out custom resources; {token} is none."
        )
    if work.phase == "update" and work.previous["ServiceToken"] != token:
        # https://advancedweb.hu/2019/01/08/cf_custom_lessons_learned/
        raise ResourceError("Modifying service token is not allowed.")
    request_id = str(uuid.uuid4())
    request = {
        "RequestType": work.phase.capitalize(),
        "ServiceToken": token,
        "ResponseURL": work.home.boxes.url(f"{work.home.stack_id}|{work.logical_id}|{request_id}"),
        "StackId": work.home.stack_id,
        "RequestId": request_id,
        "LogicalResourceId": work.logical_id,
        "ResourceType": work.row.type_name,
        "ResourceProperties": _as_texts(work.properties),
    }
    if work.phase != "create":
        request["PhysicalResourceId"] = work.physical_id
    if work.phase == "update":
        request["OldResourceProperties"] = _as_texts(work.previous)
    return request


def _as_texts(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_texts(item) for name, item in value.items()}
    return [_as_texts(item) for item in value] if isinstance(value, list) else as_text(value)


def _awaited(work: Work, request: Mapping[str, Any], invocation: _Invocation) -> bytes | None:
    limit = float(work.properties.get("ServiceTimeout") or _DEFAULT_TIMEOUT_SECONDS)
    deadline = time.monotonic() + limit
    while True:
        is_over = time.monotonic() > deadline or (invocation.broken and not invocation.is_alive())
        letters = work.home.boxes.letters(request["ResponseURL"])
        if letters:
            return letters[0]
        if invocation.refusal is not None:
            raise invocation.refusal
        if is_over:
            return None
        time.sleep(POLL_SECONDS / 2)
