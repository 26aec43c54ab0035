"""The interpreter of state machines: roles of their own, values and errors as on AWS, short waits, an end."""

import sys
from types import SimpleNamespace
from typing import Any

import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_aws_sdk
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from tools.local_aws.context import Context
from tools.local_aws.step_functions import jobs, machines, tasks
from tools.local_aws.step_functions.paths import single_values


def repair_interpreter(context: Context) -> None:
    roles = tasks.Roles(context)
    _repair_tasks(roles)
    repair_paths()
    WaitFunction._wait_interval = machines.shortened_wait(WaitFunction._wait_interval)
    retrier_decl.time = SimpleNamespace(sleep=machines.pause)
    backend = StepFunctionsParserBackend
    backend.create_state_machine = machines.checked(backend.create_state_machine, roles)
    backend.update_state_machine = machines.checked(backend.update_state_machine, roles)
    backend.start_execution = machines.named(backend.start_execution)
    backend.delete_state_machine = machines.going_with_its_executions(backend.delete_state_machine)
    Execution.stop = machines.dated(Execution.stop)
    EventManager.add_event = machines.with_an_end(EventManager.add_event)
    ExecutionWorker._get_evaluation_environment = machines.with_moments_as_text(
        ExecutionWorker._get_evaluation_environment
    )
    ExecutionWorker._execution_logic = machines.always_ending(ExecutionWorker._execution_logic)
    communication = BaseExecutionWorkerCommunication
    communication.terminated = machines.announced(communication.terminated, context)


def _repair_tasks(roles: tasks.Roles) -> None:
    StateTaskService._eval_execution = roles.remembering_machine(StateTaskService._eval_execution)
    StateTaskService._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES = tasks.BOTO_NAMES
    StateTaskServiceAwsSdk._normalise_parameters = tasks.as_the_api_has_them
    StateTaskServiceAwsSdk._normalise_response = tasks.as_json
    state_task_service_aws_sdk._SERVICE_ERROR_NAMES = tasks.ERROR_PREFIXES
    state_task_factory.state_task_service_for = jobs.knowing_sagemaker(
        state_task_factory.state_task_service_for, roles
    )
    for module in _modules("moto.stepfunctions.parser.asl."):
        if hasattr(module, "boto_client_for"):
            module.boto_client_for = roles.client_for_state


def repair_paths() -> None:
    extract_any = json_path.extract_json
    extract = single_values(extract_any)
    # The modules have imported the function by its name.
    for module in _modules("moto.stepfunctions."):
        if vars(module).get("extract_json") is extract_any:
            module.extract_json = extract


def _modules(prefix: str) -> list[Any]:
    return [module for name, module in list(sys.modules.items()) if name.startswith(prefix)]
