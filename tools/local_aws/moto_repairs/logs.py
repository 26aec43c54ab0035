"""CloudWatch Logs: a group tells its class, as AWS does of every group."""

from collections.abc import Callable
from typing import Any

from moto.logs.models import LogGroup

from tools.local_aws.context import Context


def install(_: Context) -> None:
    LogGroup.to_describe_dict = _with_its_class(LogGroup.to_describe_dict)


def _with_its_class(describe: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    return lambda group: {"logGroupClass": "STANDARD"} | describe(group)
