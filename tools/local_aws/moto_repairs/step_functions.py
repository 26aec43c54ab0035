"""Step Functions: state machines really run, by moto's interpreter, repaired on its first use."""

import functools
from collections.abc import Callable
from typing import Any

import moto.stepfunctions.responses as responses
from moto.core.config import default_user_config
from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from tools.local_aws.context import Context


def install(context: Context) -> None:
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    get_backend = responses.get_backend

    @functools.cache
    def prepare() -> None:
        # Loading the interpreter takes more than a second.
        from tools.local_aws.moto_repairs.state_machines import repair_interpreter

        repair_interpreter(context)

    def prepared_backend(account: str, region: str) -> Any:
        prepare()
        return get_backend(account, region)

    responses.get_backend = prepared_backend
    StepFunctionResponse.get_execution_history = _in_order(StepFunctionResponse.get_execution_history)


def _in_order(get_history: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """The newest event first where somebody asks for that, which moto does not hear.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
    """

    def get_execution_history(response: Any) -> ActionResult:
        history: Any = get_history(response).result
        step = -1 if response._get_param("reverseOrder") else 1
        return ActionResult({**history, "events": history["events"][::step]})

    return get_execution_history
