"""Step Functions: state machines really run, by moto's interpreter, repaired on its first use."""

import functools
from typing import Any

import moto.stepfunctions.responses as responses
from moto.core.config import default_user_config

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
