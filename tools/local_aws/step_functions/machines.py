"""What moto's interpreter of state machines misses: checked definitions, short waits, an end to be seen.

Different from AWS: a Wait state and the pause before a retry take at most one second, so that a rehearsal of
polling loops is short; definitions in JSONata are refused; nothing is written to the log group of a state
machine, `get_execution_history` has it all.
"""

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidDefinition

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.step_functions.definitions import check
from tools.local_aws.step_functions.jobs import MANAGED_RULE, RESOURCE
from tools.local_aws.step_functions.tasks import Roles, json_value

LONGEST_PAUSE_SECONDS = 1.0
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MOST_EVENTS = 25_000
# https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
LOG_POLICY_CHARACTERS, VENDED_LOGS = 5120, ":log-group:/aws/vendedlogs/"

_LOOKS_SECONDS = 0.1
_DELETING: set[str] = set()
"""ARNs of machines whose executions still run."""

log = logging.getLogger(__name__)


def checked(change: Callable[..., Any], roles: Roles) -> Callable[..., Any]:
    """Refuses what AWS or the interpreter cannot run: roles that do not trust Step Functions, JSONata.

    And, as AWS does, roles that may not make the rule by which Step Functions hears of the end of jobs.
    """

    def changed(backend: Any, *positional: Any, **named: Any) -> Any:
        definition = named.get("definition")
        if definition:
            check(definition)
        if definition and _uses_jsonata(json.loads(definition)):
            raise ApiError(
                "InvalidDefinition",
                "The embedded AWS runs state machines in JSONPath only, this definition has QueryLanguage "
                "JSONata: write its paths as JSONPath.",
            )
        role_arn = named.get("roleArn") or named.get("role_arn")
        if role_arn:
            name = named.get("name") or str(named.get("arn") or positional[0]).rsplit(":", 1)[-1]
            prefix = f"arn:aws:states:{backend.region_name}:{backend.account_id}:stateMachine:"
            roles.check(role_arn, prefix + name)
            if definition and RESOURCE in definition:
                roles.check_managed_rule(role_arn, prefix + name, MANAGED_RULE)
        _refuse_beyond_the_log_policy(backend, named)
        try:
            return change(backend, *positional, **named)
        except InvalidDefinition as error:
            raise ApiError(
                "InvalidDefinition", f"Invalid State Machine Definition: {error.message}"
            ) from error

    return changed


def _refuse_beyond_the_log_policy(backend: Any, request: Mapping[str, Any]) -> None:
    """Each log group with another name takes a place in one policy of the account, which has an end."""
    logged = {name for machine in backend.state_machines for name in _log_groups(vars(machine))}
    logged |= (asked := _log_groups(request))
    written = sum(len(f'"{name}",') for name in logged if VENDED_LOGS not in name)
    if asked and written > LOG_POLICY_CHARACTERS and not all(VENDED_LOGS in name for name in asked):
        raise ApiError(
            "AccessDeniedException",
            "The state machine IAM Role is not authorized to access the Log Destination",
        )


def _log_groups(machine: Mapping[str, Any]) -> set[str]:
    logging_to = machine.get("loggingConfiguration") or {}
    return {to["cloudWatchLogsLogGroup"]["logGroupArn"] for to in logging_to.get("destinations", [])}


def named(start: Callable[..., Any]) -> Callable[..., Any]:
    """Moto names all executions None that are started without a name."""

    def start_with_name(backend: Any, state_machine_arn: str, name: str | None = None, *more: Any) -> Any:
        if state_machine_arn in _DELETING:
            raise ApiError("StateMachineDeleting", f"State Machine is being deleted: '{state_machine_arn}'")
        return start(backend, state_machine_arn, name or str(uuid.uuid4()), *more)

    return start_with_name


def going_with_its_executions(delete: Callable[..., None]) -> Callable[..., None]:
    """A machine stays until its last execution has ended, which it does when it goes to its next state.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html: one that rests
    in a Wait of days keeps it as long (https://repost.aws/knowledge-center/step-functions-stuck-deleting-status).
    """

    def deleted(backend: Any, arn: str) -> None:
        running = [
            execution
            for machine in backend.state_machines
            for execution in machine.executions
            if machine.arn == arn and execution.exec_status is ExecutionStatus.RUNNING
        ]
        if not running:
            delete(backend, arn)
        elif arn not in _DELETING:
            _DELETING.add(arn)
            threading.Thread(target=later, args=(backend, arn, running), daemon=True).start()

    def later(backend: Any, arn: str, running: list[Any]) -> None:
        left = {execution.exec_arn: _events(execution) for execution in running}
        while running := [each for each in running if each.exec_status is ExecutionStatus.RUNNING]:
            for execution in running:
                if _events(execution) > left[execution.exec_arn]:
                    execution.stop(datetime.now(UTC), error=None, cause="The state machine is being deleted")
            time.sleep(_LOOKS_SECONDS)
        delete(backend, arn)
        _DELETING.discard(arn)

    return deleted


def _events(execution: Any) -> int:
    return len(execution.to_history_output()["events"])


def dated(stop: Callable[..., None]) -> Callable[..., None]:
    """The answer to StopExecution has a date, which moto only knows once the interpreter has ended."""

    def stopped(execution: Any, stop_date: Any, error: str | None, cause: str | None) -> None:
        execution.stop_date = stop_date
        stop(execution, stop_date=stop_date, error=error, cause=cause)

    return stopped


def _uses_jsonata(part: Any) -> bool:
    if isinstance(part, dict):
        return part.get("QueryLanguage") == "JSONata" or any(_uses_jsonata(value) for value in part.values())
    return isinstance(part, list) and any(_uses_jsonata(member) for member in part)


def pause(seconds: float) -> None:
    time.sleep(min(seconds, LONGEST_PAUSE_SECONDS))


def shortened_wait(wait: Callable[..., None]) -> Callable[..., None]:
    def shortened(function: Any, env: Any, wait_seconds: float) -> None:
        wait(function, env=env, wait_seconds=min(wait_seconds, LONGEST_PAUSE_SECONDS))

    return shortened


class HistoryFullError(Exception):
    """A machine that goes in circles has come to the end of what AWS records of one execution."""


def with_an_end(add_event: Callable[..., int]) -> Callable[..., int]:
    def add(manager: Any, *given: Any, **named: Any) -> int:
        if len(manager._history_event_list) >= MOST_EVENTS:
            raise HistoryFullError(
                f"The execution reached the maximum number of history events ({MOST_EVENTS})."
            )
        return add_event(manager, *given, **named)

    return add


def with_moments_as_text(environment_of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html."""

    def evaluated(worker: Any) -> Any:
        environment = environment_of(worker)
        context = environment.states.context_object.context_object_data
        context["Execution"] = json_value(context["Execution"])
        return environment

    return evaluated


def always_ending(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """An execution whose interpreter breaks down fails; with moto alone it would run for ever."""

    def run_to_an_end(worker: Any) -> None:
        try:
            run(worker)
        except Exception as error:
            log.exception("The interpreter broke down")
            execution = worker._execution_communication.execution
            execution.exec_status = ExecutionStatus.FAILED
            execution.error, execution.cause = "States.Runtime", f"{type(error).__name__}: {error}"

    return run_to_an_end


def announced(terminated: Callable[[Any], None], context: Context) -> Callable[[Any], None]:
    """Tells the end of an execution as AWS does: an event, a metric; and a line in the log when it failed."""

    def terminated_and_told(communication: Any) -> None:
        terminated(communication)
        execution = communication.execution
        if isinstance(execution.output, str):
            # Moto hands a text out as it is, but an output is always JSON.
            execution.output = json.dumps(execution.output)
        status = str(execution.exec_status.value)
        if execution.exec_status is not ExecutionStatus.SUCCEEDED:
            log.warning("%s %s: %s: %s", execution.exec_arn, status, execution.error, execution.cause)
        try:
            _tell(context, execution, status)
        except ClientError:
            log.exception("The end of %s could not be told", execution.exec_arn)

    return terminated_and_told


def _tell(context: Context, execution: Any, status: str) -> None:
    machine_arn = execution.state_machine.arn
    context = context.of(machine_arn)
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": machine_arn,
        "name": execution.name,
        "status": status,
        "startDate": int(execution.start_date.timestamp() * 1000),
        "stopDate": int(execution.stop_date.timestamp() * 1000),
        "input": json.dumps(execution.input_data),
        "error": execution.error,
        "cause": execution.cause,
    }
    event = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail),
        "Resources": [execution.exec_arn],
    }
    metric = "ExecutionsTimedOut" if status == "TIMED_OUT" else f"Executions{status.capitalize()}"
    dimensions = [{"Name": "StateMachineArn", "Value": machine_arn}]
    context.client("events").put_events(Entries=[event])
    context.client("cloudwatch").put_metric_data(
        Namespace="AWS/States",
        MetricData=[{"MetricName": metric, "Dimensions": dimensions, "Value": 1, "Unit": "Count"}],
    )
