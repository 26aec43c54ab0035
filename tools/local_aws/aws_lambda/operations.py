"""The operations of Lambda that moto leaves to Docker, or takes too friendly."""

import functools
import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from tools.local_aws.aws_lambda.invocations import RESERVED, Invocations
from tools.local_aws.aws_lambda.runtimes import command
from tools.local_aws.errors import ApiError

# Lambda invokes a function again that failed where nobody waits for its answer; AWS waits minutes in between.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
_ATTEMPTS = 3
_LONGEST_ANSWER_BYTES = 6_291_556
_NOT_CARRIED_OUT = (
    *("CapacityProviderConfig", "CodeSigningConfigArn", "DeadLetterConfig", "DurableConfig"),
    *("FileSystemConfigs", "ImageConfig", "Layers", "LoggingConfig", "SnapStart", "TenancyConfig"),
)
# https://github.com/aws/aws-cdk/pull/28048
_RESERVED_KEYS = (
    "Lambda was unable to configure your environment variables because the environment variables you have "
    "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
    "in this request: {}"
)
Operation = Callable[[Any], Any]


def invoke(invocations: Invocations) -> Operation:
    """Invoke: synchronous, asynchronous or as a trial."""

    def answer(response: Any) -> tuple[int, dict[str, Any], str]:
        # Moto does not know the end of an ARN, `<account>:function:<name>`.
        name = unquote(response.path.rsplit("/", 2)[-2]).removeprefix(f"{response.current_account}:function:")
        function = response.backend.get_function(name, response._get_param("Qualifier"))
        event = _event(response.body)
        how = response.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if how == "DryRun":
            return 204, {"status": 204}, ""
        if how == "Event":
            work = functools.partial(_run_until_it_works, invocations, function, event)
            threading.Thread(target=work, daemon=True).start()
            return 202, {"status": 202}, ""
        outcome = invocations.run(function, event)
        headers: dict[str, Any] = {
            "X-Amz-Executed-Version": str(function.version),
            "Content-Type": "application/json",
        }
        if outcome.is_error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if response.headers.get("X-Amz-Log-Type") == "Tail":
            headers["X-Amz-Log-Result"] = outcome.tail
        if len(outcome.payload) > _LONGEST_ANSWER_BYTES:
            headers["X-Amz-Function-Error"] = "Unhandled"
            return 200, headers, json.dumps(_TOO_LARGE)
        return 200, headers, outcome.payload

    return answer


_TOO_LARGE = {
    "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    "errorType": "Function.ResponseSizeTooLarge",
}


def _event(body: Any) -> str:
    text = body.decode() if isinstance(body, bytes) else str(body or "")
    try:
        json.loads(text or "{}")
    except ValueError as error:
        why = f"Could not parse request body into json: {error}"
        raise ApiError("InvalidRequestContentException", why) from error
    return text or "{}"


def _run_until_it_works(invocations: Invocations, function: Any, event: str) -> None:
    for _ in range(_ATTEMPTS):
        if not invocations.run(function, event).is_error:
            return


def creating(invocations: Invocations, create: Operation) -> Operation:
    """CreateFunction and its like, of what can be run under a role that can be assumed."""

    def answer(response: Any) -> Any:
        given = response.json_body
        left_out = [name for name in _NOT_CARRIED_OUT if given.get(name)]
        if given.get("PackageType", "Zip") != "Zip":
            left_out.append("PackageType")
        if left_out:
            what = f"The embedded AWS does not carry out {', '.join(left_out)}: leave it out."
            raise ApiError("InvalidParameterValueException", what)
        reserved = sorted(RESERVED & set(given.get("Environment", {}).get("Variables", {})))
        if reserved:
            raise ApiError("InvalidParameterValueException", _RESERVED_KEYS.format(", ".join(reserved)))
        if "Runtime" in given:
            command(given["Runtime"], 0)
        if "Role" in given:
            invocations.assume(given["Role"], "trial")
        return create(response)

    return answer


def run_for_service(invocations: Invocations) -> Callable[..., tuple[str, bool, str]]:
    """What moto calls where one of its services invokes a function."""

    def run(function: Any, event: Any = None) -> tuple[str, bool, str]:
        outcome = invocations.run(function, json.dumps(event or {}))
        return outcome.payload, outcome.is_error, outcome.log

    return run
