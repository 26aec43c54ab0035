"""What tells MLflow of every execution of every pipeline, whatever its end: a rule, a state machine, a job.

The job has a role, a name and a way to the network of its own. Jobs that see data are isolated from the
network, so none of them can reach MLflow: docs/decisions/0034-tracking.md.
"""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from stacks.foundation.guardrails import create_guardrails
from stacks.foundation.stack import FoundationStack
from stacks.parts.dead_letters import queue_of_rules
from stacks.parts.encryption import create_log_group
from stacks.parts.images import Images
from stacks.parts.jobs import Code, Container, JobSettings, Json, processing_request
from stacks.parts.place import ENVIRONMENT, TRACKING_JOBS, Place
from stacks.parts.references import json_text
from stacks.parts.state_machines import failure_alarm, log_group_of_machines, logged_in, started_by_rule
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
    hear_of_jobs,
    job_statements,
    pass_role,
    read_zones,
    state_machine_statements,
    tag_when_creating,
)

INSTANCE_TYPE = "ml.t3.medium"
VOLUME_GB = 5
MAX_RUNTIME_SECONDS = 900
ENDS = ["Succeeded", "Failed", "Stopped"]


def tracking_machine(request: Json, prefix: str) -> Json:
    """Runs the job for the execution of its input, `{"Execution": <arn>}`.

    Its arguments end with the ARN. A job that fails for a moment of SageMaker's or MLflow's is run again.
    """
    unique = "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 4)"
    quoted = ", ".join(f"'{argument}'" for argument in request["AppSpecification"]["ContainerArguments"])
    given = {key: value for key, value in request["AppSpecification"].items() if key != "ContainerArguments"}
    return {
        "Comment": "MLflow is told of an execution of a pipeline",
        "StartAt": "Track",
        "States": {
            "Track": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
                "Parameters": {
                    **request,
                    "ProcessingJobName.$": f"States.Format('{prefix}-{{}}', {unique})",
                    "AppSpecification": {
                        **given,
                        "ContainerArguments.$": f"States.Array({quoted}, $.Execution)",
                    },
                },
                "Retry": [
                    {
                        "ErrorEquals": ["States.ALL"],
                        "IntervalSeconds": 60,
                        "BackoffRate": 4,
                        "MaxAttempts": 2,
                    }
                ],
                "End": True,
            }
        },
    }


def _instance_type(allowed: Sequence[str]) -> str:
    return INSTANCE_TYPE if INSTANCE_TYPE in allowed else allowed[0]


class Tracking(Construct):
    """Part of MLflow's stack: pipelines do not know of it, and come and go without it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: FoundationStack,
        mlflow: str,
        mlflow_arn: str,
        use: Statement,
    ) -> None:
        """`mlflow` is the kind that there is; `use` is what a role needs to write runs down."""
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self._place = Place.of(self)
        job = self._create_job_role()
        may_use = managed_policy(
            self, f"{mlflow}Policy", description="Writes runs down", roles=[job.role], statements=[use]
        )
        machine = self._create_machine(job, mlflow_arn)
        machine.node.add_dependency(may_use)
        self._create_rule(machine)

    def _create_job_role(self) -> ServiceRole:
        """It sees what the evaluation wrote, which people look at too, and no data."""
        layout, place = self._foundation.layout, self._place
        described = [*place.pipeline_jobs("processing-job", "training-job")]
        searches = place.tuning_jobs("hyper-parameter-tuning-job", "training-job")
        statements = [
            *read_zones("Scripts", place.assets),
            *read_zones("Reports", layout.executions),
            allow_objects("KeepArtifacts", "s3:PutObject", layout.mlflow),
            allow_own(
                "ReadExecutions",
                "sagemaker:DescribePipelineExecution sagemaker:ListPipelineExecutionSteps "
                "sagemaker:ListPipelineParametersForExecution",
                place.own("pipeline"),
            ),
            allow_own(
                "ReadJobs",
                "sagemaker:DescribeHyperParameterTuningJob sagemaker:DescribeProcessingJob "
                "sagemaker:DescribeTrainingJob",
                [*described, *searches],
            ),
            *job_statements(place, self._foundation.key_arn),
        ]
        return service_role(self, "Job", "sagemaker", "Jobs that tell MLflow of executions", statements)

    def _create_machine(self, job: ServiceRole, mlflow_arn: str) -> stepfunctions.CfnStateMachine:
        stack, foundation = cdk.Stack.of(self), self._foundation
        log_group = create_log_group(
            self,
            "Logs",
            key=foundation.key,
            retention_days=foundation.settings.log_retention_days,
            name=log_group_of_machines(self._place.name(TRACKING_JOBS)),
        )
        why = "Runs the jobs that tell MLflow of executions"
        role, policy = service_role(self, "Machine", "states", why, self._machine_statements(job.role))
        guardrails = create_guardrails(
            stack,
            environment=foundation.settings,
            network=foundation.network,
            key_arn=foundation.key_arn,
            roles=[role],
            isolated=False,
        )
        definition = tracking_machine(self._job_request(job, mlflow_arn), self._place.name(TRACKING_JOBS))
        machine = stepfunctions.CfnStateMachine(
            self,
            "Machine",
            state_machine_name=self._place.name(TRACKING_JOBS),
            role_arn=role.role_arn,
            definition_string=json_text(definition),
            logging_configuration=logged_in(log_group.attr_arn),
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )
        # Step Functions checks at creation that the role may write to the log group.
        machine.node.add_dependency(policy, guardrails, job.policy)
        failure_alarm(
            self,
            "Failed",
            machine,
            alert_topic_arn=foundation.alert_topic_arn,
            description="MLflow was not told of an execution of a pipeline",
        )
        return machine

    def _machine_statements(self, job: iam.Role) -> list[Statement]:
        jobs = self._place.tracking_jobs
        return [
            # https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
            allow_own(
                "RunJobs",
                "sagemaker:CreateProcessingJob sagemaker:DescribeProcessingJob "
                "sagemaker:ListTags sagemaker:StopProcessingJob",
                jobs,
            ),
            tag_when_creating(jobs, ["CreateProcessingJob"]),
            pass_role("PassJobRole", [job.role_arn], "sagemaker"),
            hear_of_jobs(self._place),
            *state_machine_statements(),
        ]

    def _job_request(self, job: ServiceRole, mlflow_arn: str) -> Json:
        foundation, environment = self._foundation, self._foundation.settings
        code = Code.uploaded(self)
        request = processing_request(
            Container(
                Images(environment).xgboost,
                code.processing_command("track"),
                ["--mlflow", mlflow_arn, "--execution"],
            ),
            inputs={"code": code.s3_uri},
            outputs=[],
            role_arn=job.role.role_arn,
            instance_type=_instance_type(environment.allowed_instance_types),
            settings=JobSettings(
                kms_key_arn=foundation.key_arn,
                subnet_ids=foundation.network.subnet_ids,
                security_group_ids=foundation.network.security_group_ids,
                volume_size_gb=VOLUME_GB,
                max_runtime_seconds=MAX_RUNTIME_SECONDS,
            ),
        )
        # Only so it reaches MLflow, by the VPC's endpoints.
        request["NetworkConfig"]["EnableNetworkIsolation"] = False
        tags = {**environment.tags, ENVIRONMENT: environment.prefix}
        return {**request, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def _create_rule(self, machine: stepfunctions.CfnStateMachine) -> None:
        undelivered = self._create_dead_letter_queue()
        start = allow("StartTracking", "states:StartExecution", [machine.attr_arn])
        role, policy = service_role(
            self, "Start", "events", "Starts what tells MLflow of an execution", [start]
        )
        created = events.CfnRule(
            self,
            "Ended",
            description=f"An execution of a pipeline of {self._place.prefix} has ended",
            state="ENABLED",
            event_pattern={
                "source": ["aws.sagemaker"],
                "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
                "detail": {
                    "pipelineArn": [{"prefix": self._place.sagemaker("pipeline", self._place.name(""))}],
                    "currentPipelineExecutionStatus": ENDS,
                },
            },
            targets=started_by_rule(
                machine,
                role,
                undelivered,
                paths={"execution": "$.detail.pipelineExecutionArn"},
                template='{"Execution":<execution>}',
            ),
        )
        created.node.add_dependency(policy)

    def _create_dead_letter_queue(self) -> sqs.Queue:
        return queue_of_rules(
            self,
            "Undelivered",
            key=self._foundation.key,
            topic=self._foundation.alert_topic,
            alarm="The end of a pipeline's execution did not start what tells MLflow of it",
            rules_arn=self._place.arn("events", f"rule/{cdk.Stack.of(self).stack_name}-*"),
        )
