"""MLflow: experiments of a whole environment, their artifacts in its bucket."""

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from config.settings import Studio
from stacks.foundation.stack import FoundationStack
from stacks.parts.layout import Zone
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import ServiceRole, name_role, service_role
from stacks.permissions.statements import Statement, allow, allow_objects, list_zones, use_key
from stacks.studio.tracking import Tracking

USERS = ("DataScientist", "MlopsEngineer")
USE_OF_A_SERVER = (
    *("CreateExperiment", "GetExperiment", "GetExperimentByName", "SearchExperiments", "UpdateExperiment"),
    *("CreateRun", "GetRun", "SearchRuns", "UpdateRun", "SetExperimentTag", "SetTag", "DeleteTag"),
    *("LogBatch", "LogInputs", "LogOutputs", "LogMetric", "LogModel", "LogParam", "GetMetricHistory"),
    *("FinalizeLoggedModel", "GetLoggedModel", "LogLoggedModelParams", "SearchLoggedModels"),
    *("SetLoggedModelTags", "ListArtifacts", "ListLoggedModelArtifacts"),
)
"""What people do with a tracking server, with clients of MLflow 2 and 3.

Its model registry is left out: versions are registered in SageMaker's.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemakerwithmlflow.html
"""
TRACKING_ON_A_SERVER = (
    *("CreateExperiment", "GetExperimentByName"),
    *("CreateRun", "SearchRuns", "UpdateRun", "LogBatch"),
)
"""What pipeline_code/mlflow_api.py calls."""
USE_OF_AN_APP = "sagemaker:CallMlflowAppApi"
"""Everything that an app can do, its only action: `sagemaker-mlflow:` has no resource type for apps.

https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-app-setup-prerequisites-iam.html
"""
NO_RESOURCE_TYPE = "The action takes no resource; which MLflow somebody opens, the presigned URL says."


class Mlflow(Construct):
    """The app or the server, its role, and what people may do with it.

    Runs and metrics live in the app or server itself, so that it outlives its stack, together with the role
    that it cannot change.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, studio: Studio, foundation: FoundationStack
    ) -> None:
        super().__init__(scope, construct_id)
        self._foundation = foundation
        self.users_policy = (
            self._create_app(name)
            if studio.mlflow == "app"
            else self._create_server(name, studio.mlflow_size)
        )

    def _create_app(self, name: str) -> iam.ManagedPolicy:
        made = self._create_role("App", "MLflow app")
        app = sagemaker.CfnMlflowApp(
            self,
            "App",
            # Studio shows only one of an app and a server with the same name:
            # https://github.com/aws/amazon-sagemaker-feedback/issues/247
            name=f"{name}-mlflow",
            artifact_store_uri=self._artifacts.uri(),
            role_arn=made.role.role_arn,
            # An update that leaves it out switches it on:
            # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateMlflowApp.html
            model_registration_mode="AutoModelRegistrationDisabled",
        )
        _keep(app, made)
        track = allow("TrackExperiments", USE_OF_AN_APP, [app.attr_arn])
        self._track_executions("App", app.attr_arn, track)
        return self._allow_users(
            "App",
            track,
            allow("OpenMlflow", "sagemaker:CreatePresignedMlflowAppUrl", [app.attr_arn]),
        )

    def _create_server(self, name: str, size: str) -> iam.ManagedPolicy:
        made = self._create_role("Server", "MLflow tracking server")
        server = sagemaker.CfnMlflowTrackingServer(
            self,
            "Server",
            tracking_server_name=name,
            artifact_store_uri=self._artifacts.uri(),
            role_arn=made.role.role_arn,
            tracking_server_size=size,
            automatic_model_registration=False,
        )
        _keep(server, made)
        arn = server.attr_tracking_server_arn
        track = allow("TrackExecutions", _on_a_server(TRACKING_ON_A_SERVER), [arn])
        self._track_executions("Server", arn, track)
        return self._allow_users(
            "Server",
            allow("TrackExperiments", _on_a_server(USE_OF_A_SERVER), [arn]),
            allow("OpenMlflow", "sagemaker:CreatePresignedMlflowTrackingServerUrl", [arn]),
        )

    def _track_executions(self, kind: str, arn: str, use: Statement) -> None:
        foundation = self._foundation
        Tracking(self, "Tracking", foundation=foundation, mlflow=kind, mlflow_arn=arn, use=use)

    @property
    def _artifacts(self) -> Zone:
        return self._foundation.layout.mlflow

    def _create_role(self, name: str, description: str) -> ServiceRole:
        statements = [
            allow_objects("KeepArtifacts", "s3:DeleteObject s3:GetObject s3:PutObject", self._artifacts),
            list_zones("ListArtifacts", self._artifacts),
            use_key(self._foundation.key_arn),
        ]
        made = service_role(self, name, "sagemaker", description, statements)
        name_role(made.role, self._foundation.place.name("mlflow"))
        return made

    def _allow_users(self, name: str, *use: Statement) -> iam.ManagedPolicy:
        see = allow("SeeMlflow", "sagemaker-mlflow:AccessUI", ["*"], because=NO_RESOURCE_TYPE)
        keep = allow_objects("KeepMlflowArtifacts", "s3:GetObject s3:PutObject", self._artifacts)
        return managed_policy(
            self,
            f"{name}UsersPolicy",
            description="Use of MLflow",
            roles=[self._foundation.personas[persona] for persona in USERS],
            statements=[*use, see, keep],
        )


def _on_a_server(actions: Iterable[str]) -> str:
    return " ".join(f"sagemaker-mlflow:{action}" for action in actions)


def _keep(resource: cdk.CfnResource, made: ServiceRole) -> None:
    """Created after its role may do its work, and retained with it."""
    resource.node.add_dependency(made.policy)
    for kept in (resource, *made):
        kept.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
