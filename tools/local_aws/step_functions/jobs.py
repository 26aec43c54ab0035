"""Step Functions' own integration of SageMaker: a task that starts a processing job and waits for its end.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from tools.local_aws.step_functions.tasks import Roles, json_value

ACTION = "createProcessingJob"
RESOURCE = f"arn:aws:states:::sagemaker:{ACTION}.sync"
MANAGED_RULE = "StepFunctionsGetEventsForSageMakerProcessingJobsRule"
_PARAMETERS = {
    *("AppSpecification", "Environment", "ExperimentConfig", "NetworkConfig", "ProcessingInputs"),
    *("ProcessingJobName", "ProcessingOutputConfig", "ProcessingResources", "RoleArn"),
    *("StoppingCondition", "Tags"),
}
_POLL_SECONDS = 0.2


def knowing_sagemaker(service_for: Callable[..., Any], roles: Roles) -> Callable[..., Any]:
    """Moto's choice of what carries out a task, with SageMaker among it."""

    def choose(service_name: str) -> Any:
        return ProcessingJobTask(roles) if service_name == "sagemaker" else service_for(service_name)

    return choose


class ProcessingJobTask(StateTaskServiceCallback):  # type: ignore[misc]
    """`createProcessingJob.sync`; every other action is refused with the machine."""

    def __init__(self, roles: Roles) -> None:
        super().__init__(supported_integration_patterns={ResourceCondition.Sync})
        self._roles = roles

    def _get_supported_parameters(self) -> set[str] | None:
        known = self.resource.resource_arn == RESOURCE
        return _PARAMETERS if known else None

    def _client(self, part: Any, credentials: Any) -> Any:
        return self._roles.client_for_state(part.region, "sagemaker", credentials)

    def _eval_service_task(
        self,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> None:
        client = self._client(resource_runtime_part, state_credentials)
        answer = client.create_processing_job(**normalised_parameters)
        env.stack.append({"ProcessingJobArn": answer["ProcessingJobArn"]})

    def _eval_integration_pattern(
        self,
        env: Any,
        resource_runtime_part: Any,
        normalised_parameters: dict[str, Any],
        state_credentials: Any,
    ) -> None:
        """Takes the place of moto's, which breaks down where no task token is supported."""
        env.stack.pop()
        client = self._client(resource_runtime_part, state_credentials)
        name = normalised_parameters["ProcessingJobName"]
        job = client.describe_processing_job(ProcessingJobName=name)
        while env.is_running() and job["ProcessingJobStatus"] in ("InProgress", "Stopping"):
            time.sleep(_POLL_SECONDS)
            job = client.describe_processing_job(ProcessingJobName=name)
        job.pop("ResponseMetadata", None)
        described = json_value(job)
        if described["ProcessingJobStatus"] != "Completed":
            failed = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
            raise FailureEventException(self._failure(env, failed, json.dumps(described)))
        env.stack.append(described)

    def _from_error(self, env: Any, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            error = ex.response["Error"]
            return self._failure(env, CustomErrorName(f"SageMaker.{error['Code']}"), error["Message"])
        return super()._from_error(env=env, ex=ex)

    def _failure(self, env: Any, error: Any, cause: str) -> FailureEvent:
        details = TaskFailedEventDetails(
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
            error=error.error_name,
            cause=cause,
        )
        return FailureEvent(
            env=env,
            error_name=error,
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )
