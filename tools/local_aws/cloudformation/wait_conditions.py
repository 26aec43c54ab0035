"""Wait conditions: a stack goes on when enough signals have been put at the URL of a handle.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html; the
words of failures are those of https://github.com/aws-samples/immersive-media-refarch/issues/7,
https://github.com/aws-samples/vpn-gateway-strongswan/issues/28 and
https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2088.
"""

import json
import time
from urllib.parse import unquote, urlsplit

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.letters import as_object
from tools.local_aws.cloudformation.parts import POLL_SECONDS
from tools.local_aws.cloudformation.row import Work


def make_handle(work: Work) -> None:
    if work.phase == "create":
        work.physical_id = work.home.boxes.url(f"{work.home.stack_id}/{work.logical_id}")


def await_signals(work: Work) -> None:
    """Waits for as many successful signals as the condition counts, of different senders."""
    if work.phase == "update":
        raise ResourceError("Update to resource type AWS::CloudFormation::WaitCondition is not supported.")
    if work.phase == "delete":
        return
    handle = work.properties.get("Handle")
    if not handle or "Timeout" not in work.properties:
        raise ResourceError("Handle and Timeout are required where no CreationPolicy is given.")
    work.physical_id = unquote(urlsplit(handle).path).split("/", 2)[-1]
    wanted = int(work.properties.get("Count", 1))
    deadline = time.monotonic() + float(work.properties["Timeout"])
    while len(data := _signals(work, handle)) < wanted:
        if time.monotonic() > deadline:
            raise ResourceError(
                f"WaitCondition timed out. Received {len(data)} conditions when expecting {wanted}"
            )
        time.sleep(POLL_SECONDS)
    work.attributes = {"Data": json.dumps(data)}


def _signals(work: Work, handle: str) -> dict[str, str]:
    """The data of each sender."""
    found: dict[str, str] = {}
    for letter in work.home.boxes.letters(handle):
        signal = as_object(letter)
        status, sender = signal.get("Status"), signal.get("UniqueId")
        if status not in ("SUCCESS", "FAILURE") or not sender:
            raise ResourceError("Unparsable WaitCondition data")
        if status == "FAILURE":
            raise ResourceError(
                f"WaitCondition received failed message: '{signal.get('Reason', '')}' for uniqueId: {sender}"
            )
        found[str(sender)] = str(signal.get("Data", ""))
    return found
