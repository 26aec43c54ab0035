"""The module that AWS puts beside code that stands in a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
"""

import json
from typing import Any
from urllib.request import Request, urlopen

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(
    event: dict[str, Any],
    context: Any,
    responseStatus: str,  # noqa: N803
    responseData: dict[str, Any],  # noqa: N803
    physicalResourceId: str | None = None,  # noqa: N803
    noEcho: bool = False,  # noqa: N803
    reason: str | None = None,
) -> None:
    letter = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        "NoEcho": noEcho,
        "Data": responseData,
    }
    headers = {"Content-Type": ""}
    urlopen(Request(event["ResponseURL"], json.dumps(letter).encode(), headers, method="PUT")).close()
