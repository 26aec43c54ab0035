"""Parts that each account has of its own, behind the one address that all of them ask."""

from collections.abc import Mapping
from typing import Any

from moto.core.responses import BaseResponse

from tools.local_aws.gate.signatures import SIGNED


def of_caller(classes: Mapping[str, type[BaseResponse]]) -> Any:
    """What answers with the class of the caller's account; moto asks for a class."""

    class OfCaller:
        @classmethod
        def dispatch(cls, request: Any, *given: Any, **named: Any) -> Any:
            return classes[request.environ[SIGNED].account].dispatch(request, *given, **named)

    return OfCaller
