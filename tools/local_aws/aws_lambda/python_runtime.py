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
from types import SimpleNamespace
from typing import Any

_GIVEN = os.environ
_REQUEST = _GIVEN["LOCAL_AWS_REQUEST_ID"]


def main(event: Path, answer: Path) -> None:
    found = _found(json.loads(event.read_text()), answer)
    answer.write_text(json.dumps(found))


def _found(event: Any, answer: Path) -> dict[str, Any]:
    _enter_the_task()
    module, _, name = _GIVEN["_HANDLER"].rpartition(".")
    try:
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        return _error("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}")
    except Exception as error:
        return _raised(error)
    if not hasattr(loaded, name):
        return _error("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'")
    timer = threading.Timer(float(_GIVEN["LOCAL_AWS_TIMEOUT"]), _time_out, [answer])
    timer.daemon = True
    timer.start()
    try:
        return {"payload": json.dumps(getattr(loaded, name)(event, _context()))}
    except Exception as error:
        return _raised(error)
    finally:
        timer.cancel()


def _enter_the_task() -> None:
    memory = int(_GIVEN["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    sys.path[0] = _GIVEN["LAMBDA_TASK_ROOT"]
    os.chdir(sys.path[0])


def _context() -> SimpleNamespace:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""
    deadline = time.monotonic() + float(_GIVEN["LOCAL_AWS_TIMEOUT"])
    return SimpleNamespace(
        aws_request_id=_REQUEST,
        invoked_function_arn=_GIVEN["LOCAL_AWS_FUNCTION_ARN"],
        function_name=_GIVEN["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=_GIVEN["AWS_LAMBDA_FUNCTION_VERSION"],
        memory_limit_in_mb=_GIVEN["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        log_group_name=_GIVEN["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=_GIVEN["AWS_LAMBDA_LOG_STREAM_NAME"],
        identity=None,
        client_context=None,
        get_remaining_time_in_millis=lambda: max(0, int((deadline - time.monotonic()) * 1000)),
    )


def _raised(error: Exception) -> dict[str, Any]:
    traceback.print_exception(error)
    stack = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return _error(type(error).__name__, str(error), stack)


def _error(kind: str, message: str, stack: list[str] | None = None) -> dict[str, Any]:
    described = {"errorMessage": message, "errorType": kind, "requestId": _REQUEST, "stackTrace": stack or []}
    return {"error": described}


def _time_out(answer: Path) -> None:
    answer.write_text(json.dumps({"timed out": True}))
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
