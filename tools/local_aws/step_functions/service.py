"""Step Functions: state machines really run, each with the credentials of its role.

Moto's interpreter does the running. It is loaded with the first call to Step Functions, because that takes
more than a second. Different from AWS: a Wait state and the pause before a retry take at most one second, so
that a rehearsal of polling loops is short; definitions in JSONata are refused; nothing is written to the log
group of a state machine, `get_execution_history` has it all.
"""

import functools
from typing import Any

import moto.stepfunctions.responses as responses
from moto.core.config import default_user_config

from tools.local_aws.context import Context


def install(context: Context) -> None:
    """Switches the interpreter on."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    get_backend = responses.get_backend

    @functools.cache
    def prepare() -> None:
        from tools.local_aws.step_functions.machines import equip_interpreter

        equip_interpreter(context)

    def prepared_backend(account: str, region: str) -> Any:
        prepare()
        return get_backend(account, region)

    responses.get_backend = prepared_backend
