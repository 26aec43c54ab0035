"""The tasks of state machines: clients act as the machine's role, errors and results look as on AWS."""

import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.response import StreamingBody

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.shapes.constraints import service_model

SERVICE_PRINCIPAL = "states.amazonaws.com"

# How the errors of a service are prefixed: by the name of its client in AWS's SDK for Java.
# https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
ERROR_PREFIXES = {
    "applicationautoscaling": "ApplicationAutoScaling",
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "cloudwatchlogs": "CloudWatchLogs",
    "dynamodb": "DynamoDb",
    "ec2": "Ec2",
    "ecr": "Ecr",
    "eventbridge": "EventBridge",
    "glue": "Glue",
    "iam": "Iam",
    "kms": "Kms",
    "lambda": "Lambda",
    "s3": "S3",
    "sagemaker": "SageMaker",
    "sagemakerruntime": "SageMakerRuntime",
    "sfn": "Sfn",
    "sns": "Sns",
    "sqs": "Sqs",
    "ssm": "Ssm",
    "sts": "Sts",
}
BOTO_NAMES = {
    "applicationautoscaling": "application-autoscaling",
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
    "sagemakerruntime": "sagemaker-runtime",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}


def as_the_api_has_them(state: Any, parameters: dict[str, Any], *_: Any) -> None:
    """Names of members as the API has them, in place: state machines begin all with a capital letter.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    _rename(parameters, _operation(state).input_shape, _as_member)


def as_json(state: Any, answer: dict[str, Any], *_: Any) -> None:
    """Turns what boto3 has beyond JSON into JSON, in place: moments, and bodies of objects."""
    for name, value in answer.items():
        answer[name] = json_value(value)
    _rename(answer, _operation(state).output_shape, _as_in_states)


def _operation(state: Any) -> OperationModel:
    model = service_model(state._get_boto_service_name())
    action = state.resource.api_action.partition(".")[0]
    return model.operation_model(action[:1].upper() + action[1:])


def _as_member(name: str, members: Collection[str]) -> str:
    own = name[:1].lower() + name[1:]
    return own if own in members and name not in members else name


def _as_in_states(name: str, _: Collection[str]) -> str:
    return name[:1].upper() + name[1:]


def _rename(value: Any, shape: Shape | None, rename: Callable[[str, Collection[str]], str]) -> None:
    if isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            _rename(item, shape.member, rename)
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for item in value.values():
            _rename(item, shape.value, rename)
    elif isinstance(shape, StructureShape) and isinstance(value, dict):
        members = shape.members
        for name in list(value):
            member = _as_member(name, members)
            _rename(value[name], members.get(member), rename)
            value[rename(name, members)] = value.pop(name)


def json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: json_value(member) for name, member in value.items()}
    if isinstance(value, list):
        return [json_value(member) for member in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, StreamingBody):
        return value.read().decode()
    return value


class Roles:
    """The roles of state machines, assumed as Step Functions assumes them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._running = threading.local()

    def remembering_machine(self, evaluate: Callable[..., None]) -> Callable[..., None]:
        """Notes for which machine this thread is about to evaluate a task."""

        def evaluate_task(state: Any, env: Any) -> None:
            self._running.machine_arn = env.states.context_object.context_object_data["StateMachine"]["Id"]
            evaluate(state, env)

        return evaluate_task

    def client_for_state(self, region: str, service: str, state_credentials: Any) -> Any:  # noqa: ARG002
        """Takes the place of moto's function of the same purpose, which has one identity for all."""
        machine_arn = self._running.machine_arn
        return self._context.client(service, self.assume(state_credentials.role_arn, machine_arn))

    def assume(self, role_arn: str, machine_arn: str) -> Credentials:
        """Credentials of a machine's role. `ClientError` if it does not trust Step Functions."""
        sts = self._context.of(machine_arn).client("sts", service_credentials(SERVICE_PRINCIPAL, machine_arn))
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=machine_arn.rsplit(":", 1)[-1][:64])
        return Credentials.from_sts(answer["Credentials"])

    def check_managed_rule(self, role_arn: str, machine_arn: str, rule: str) -> None:
        """Refuses a machine whose role may not make the rule by which Step Functions hears of jobs."""
        events = self._context.client("events", self.assume(role_arn, machine_arn))
        try:
            events.put_rule(Name=rule, EventPattern='{"source": ["aws.sagemaker"]}')
            events.describe_rule(Name=rule)
        except ClientError as error:
            raise ApiError(
                "AccessDeniedException", f"'{role_arn}' is not authorized to create managed-rule."
            ) from error

    def check(self, role_arn: str, machine_arn: str) -> None:
        """Refuses a machine whose role cannot be assumed, as AWS does when the machine is created."""
        try:
            self.assume(role_arn, machine_arn)
        except ClientError as error:
            raise ApiError(
                "AccessDeniedException",
                "Neither the global service principal states.amazonaws.com, nor the regional one is "
                f"authorized to assume the provided role {role_arn}.",
            ) from error
