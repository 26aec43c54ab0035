"""An MLflow tracking server: experiments of a whole environment, their artifacts in its bucket."""

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Studio
from stacks.foundation.stack import FoundationStack
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import service_role
from stacks.permissions.statements import Statement, allow, allow_objects, list_zones, use_key

USERS = ("DataScientist", "MlopsEngineer")
USE = (
    *("CreateExperiment", "GetExperiment", "GetExperimentByName", "SearchExperiments", "UpdateExperiment"),
    *("CreateRun", "GetRun", "SearchRuns", "UpdateRun", "SetExperimentTag", "SetTag", "DeleteTag"),
    *("LogBatch", "LogInputs", "LogMetric", "LogModel", "LogParam", "GetMetricHistory", "ListArtifacts"),
)
"""What people do with MLflow. Its model registry is left out: versions are registered in SageMaker's.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerwithmlflow.html
"""


class TrackingServer(Construct):
    """The server, its role, and what people may do with it.

    Runs and metrics live in the server itself, so that it outlives its stack, together with the role that it
    cannot change.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, studio: Studio, foundation: FoundationStack
    ) -> None:
        super().__init__(scope, construct_id)
        role, policy = service_role(
            self, "Server", "sagemaker", "MLflow tracking server", _artifact_statements(foundation)
        )
        server = sagemaker.CfnMlflowTrackingServer(
            self,
            "Server",
            tracking_server_name=name,
            artifact_store_uri=foundation.layout.mlflow.uri(),
            role_arn=role.role_arn,
            tracking_server_size=studio.mlflow_size,
            automatic_model_registration=False,
        )
        server.node.add_dependency(policy)
        server.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        role.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
        self.users_policy = managed_policy(
            self,
            "UsersPolicy",
            description="Use of the MLflow tracking server",
            roles=[foundation.personas[persona] for persona in USERS],
            statements=_user_statements(server.attr_tracking_server_arn, foundation),
        )


def _user_statements(server_arn: str, foundation: FoundationStack) -> list[Statement]:
    return [
        allow("TrackExperiments", " ".join(f"sagemaker-mlflow:{action}" for action in USE), [server_arn]),
        allow("OpenMlflow", "sagemaker:CreatePresignedMlflowTrackingServerUrl", [server_arn]),
        allow_objects("KeepMlflowArtifacts", "s3:GetObject s3:PutObject", foundation.layout.mlflow),
    ]


def _artifact_statements(foundation: FoundationStack) -> list[Statement]:
    artifacts = foundation.layout.mlflow
    return [
        allow_objects("KeepArtifacts", "s3:DeleteObject s3:GetObject s3:PutObject", artifacts),
        list_zones("ListArtifacts", artifacts),
        use_key(foundation.key.key_arn),
    ]
