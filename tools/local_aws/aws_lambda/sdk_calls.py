"""Makes one call of AWS's SDK for JavaScript with boto3, from standard input to standard output."""

import json
import sys
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

# The SDKs name a few services differently.
_SERVICES = {"cloudwatch-logs": "logs", "eventbridge": "events", "sfn": "stepfunctions"}


def main() -> None:
    request = json.load(sys.stdin)
    service = _SERVICES.get(request["service"], request["service"])
    try:
        client = boto3.client(service)
        result = getattr(client, xform_name(request["operation"]))(**request["input"])
        del result["ResponseMetadata"]
        answer: dict[str, Any] = {"result": result}
    except ClientError as error:
        details = error.response["Error"]
        answer = {"error": {"name": details["Code"], "message": details["Message"]}}
    except (AttributeError, BotoCoreError, ValueError) as error:
        answer = {"error": {"name": type(error).__name__, "message": str(error)}}
    json.dump(answer, sys.stdout, default=_as_text)


def _as_text(value: Any) -> str:
    if hasattr(value, "read"):
        value = value.read()
    return value.decode(errors="replace") if isinstance(value, bytes) else value.isoformat()


if __name__ == "__main__":
    main()
