"""Stands for Lambda's Python runtime: `python python_runtime.py <event> <answer>`.

Reads the event from the first file, calls the handler, and writes what it returned or raised to the second.
The form of errors: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

import importlib
import json
import os
import resource
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

_MEGABYTE = 1 << 20


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.aws_request_id = os.environ["LOCAL_AWS_REQUEST_ID"]
        self.invoked_function_arn = os.environ["LOCAL_AWS_FUNCTION_ARN"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = self.client_context = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class InitError(Exception):
    """The handler cannot be found."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main(event: Path, answer: Path) -> None:
    request = os.environ["LOCAL_AWS_REQUEST_ID"]
    try:
        handler = _handler()
        seconds = float(os.environ["LOCAL_AWS_TIMEOUT"])
        timer = threading.Timer(seconds, _time_out, [answer])
        timer.daemon = True
        timer.start()
        payload = handler(json.loads(event.read_text()), Context(time.monotonic() + seconds))
        found: dict[str, Any] = {"payload": json.dumps(payload)}
        timer.cancel()
    except InitError as error:
        found = {"error": _described(error.kind, str(error), request, [])}
    except Exception as error:
        stack = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
        traceback.print_exc()
        found = {"error": _described(type(error).__name__, str(error), request, stack)}
    answer.write_text(json.dumps(found))


def _handler() -> Any:
    task, name = os.environ["LAMBDA_TASK_ROOT"], os.environ["_HANDLER"]
    memory = int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    sys.path.insert(0, task)
    os.chdir(task)
    module, _, function = name.rpartition(".")
    if not module:
        raise InitError("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack")
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise InitError(
            "Runtime.ImportModuleError", f"Unable to import module '{module}': {error}"
        ) from error
    if not hasattr(loaded, function):
        why = f"Handler '{function}' missing on module '{module}'"
        raise InitError("Runtime.HandlerNotFound", why)
    return getattr(loaded, function)


def _described(kind: str, message: str, request: str, stack: list[str]) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": kind, "requestId": request, "stackTrace": stack}


def _time_out(answer: Path) -> None:
    answer.write_text(json.dumps({"timed out": True}))
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
