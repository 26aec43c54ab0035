"""What nothing reads is refused by its name, for every member of every operation of SageMaker."""

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.cloudformation.responses import CloudFormationResponse
from tools.local_aws.context import Context
from tools.local_aws.process import LocalAws
from tools.local_aws.requests.reading import words_read
from tools.local_aws.requests.silence import has_no_effect, not_carried_out
from tools.local_aws.requests.unread import CARRIED_OUT_AS, WITHOUT_EFFECT
from tools.local_aws.requests.wire import Request
from tools.local_aws.sagemaker import service
from tools.local_aws.shapes.constraints import service_model

S3_SOURCE = "InputDataConfig.DataSource.S3DataSource"
TESTS = Path(__file__).parents[1]
MemberPath = tuple[str, ...]
Passed = dict[str, list[str]]
READ_BUT_SENT_BY_NO_TEST: list[str] = [
    "AccountDefaultStatus",
    "AppTypeEquals",
    "AutomaticModelRegistration",
    "Catalog",
    "CertifyForMarketplace",
    "CreatedAfter",
    "CreatedBefore",
    "CreationTimeAfter",
    "CreationTimeBefore",
    "DisableGlueTableCreation",
    "EnableOnlineStore",
    "LastModifiedTimeAfter",
    "LastModifiedTimeBefore",
    "MaxParallelExecutionSteps",
    "MinIdleTimeoutInMinutes",
    "MlflowVersion",
    "NextToken",
    "ObjectKey",
    "PipelineDisplayName",
    "PipelineExecutionDisplayName",
    "PipelineNamePrefix",
    "PostAnalyticsProcessorSourceUri",
    "RecordPreprocessorSourceUri",
    "ResolvedOutputS3Uri",
    "S3BucketOwnerAccountId",
    "S3BucketOwnerVerification",
    "SourceUri",
    "SpaceNameContains",
    "TableFormat",
    "TagKeys",
    "UserProfileNameContains",
    "UserProfileNameEquals",
]
_VALUES = {"boolean": True, "timestamp": 1, "blob": b"x", "list": ["x"], "map": {"k": "x"}}


def leaves(shape: Any, around: MemberPath = ()) -> Iterator[MemberPath]:
    """The path of every member that holds no further members, each shape once on a way."""
    inner = getattr(shape, "member", None) or getattr(shape, "value", None)
    if inner is not None:
        yield from leaves(inner, around)
    elif shape.type_name != "structure":
        yield ()
    elif shape.name not in around:
        for name, member in shape.members.items():
            yield from ((name, *path) for path in leaves(member, (*around, shape.name)))


def asking_for(shape: Any, path: MemberPath) -> Any:
    """The smallest value of the shape that asks for the member; numbers are two, which is more than one."""
    if shape.type_name == "structure":
        return {path[0]: asking_for(shape.members[path[0]], path[1:])}
    if shape.type_name == "list":
        return [asking_for(shape.member, path)]
    if shape.type_name == "map":
        return {"k": asking_for(shape.value, path)}
    return shape.enum[-1] if getattr(shape, "enum", None) else _VALUES.get(shape.type_name, 2)


def is_refused(call: str, response_class: type, path: MemberPath, value: Any = None) -> bool:
    """Whether the guard names the member, or one that it is in."""
    name, operation = call.split(":")
    shape = service_model(name).operation_model(operation).input_shape
    members = asking_for(shape, path)
    if value is not None:
        holder = members
        for part in path[:-1]:
            holder = holder[part][0] if isinstance(holder[part], list) else holder[part]
        holder[path[-1]] = value
    told = not_carried_out(Request(name, operation, members), words_read(response_class, name, operation))
    assert all(f"{operation}.{'.'.join(path)}".startswith(refused) for refused in told)
    return bool(told)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return Context("111111111111", "us-east-1", "http://localhost:1", tmp_path_factory.mktemp("work"))


@pytest.fixture(scope="module")
def sagemaker(context: Context) -> type:
    """The class that answers for SageMaker."""
    return service.responses(context, {})[0]


@pytest.fixture(scope="module")
def passed(sagemaker: type, context: Context) -> Passed:
    """The members that each operation of SageMaker takes without being in the table."""
    operations: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "response_class", lambda known, **_: operations.update(known))
        service.responses(context, {})
    found: Passed = {}
    for operation in operations:
        shape = service_model("sagemaker").operation_model(operation).input_shape
        for path in leaves(shape):
            told = f"sagemaker:{operation}.{'.'.join(path)}"
            if not has_no_effect(told) and not is_refused(f"sagemaker:{operation}", sagemaker, path):
                found.setdefault(operation, []).append(".".join(path))
    return found


def test_every_member_that_is_taken_is_sent_by_a_test_of_its_own(passed: Passed) -> None:
    """The others are read by code, which the guard sees, and by a test they should be."""
    files = [path for path in TESTS.rglob("*.py") if path.parent.name not in ("requests", "refusals")]
    sent = {word for path in files for word in words(path)}
    taken = {path.split(".")[-1] for paths in passed.values() for path in paths}
    assert sorted(taken - sent) == READ_BUT_SENT_BY_NO_TEST


def words(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


@pytest.mark.parametrize(
    ("operation", "path", "value"),
    [
        ("CreateTrainingJob", "AlgorithmSpecification.TrainingInputMode", "Pipe"),
        ("CreateTrainingJob", "InputDataConfig.InputMode", "FastFile"),
        ("CreateTrainingJob", "InputDataConfig.CompressionType", "Gzip"),
        ("CreateTrainingJob", "InputDataConfig.RecordWrapperType", "RecordIO"),
        ("CreateTrainingJob", "InputDataConfig.DataSource.S3DataSource.S3DataType", "ManifestFile"),
        ("CreateTrainingJob", "InputDataConfig.DataSource.S3DataSource.S3DataType", "AugmentedManifestFile"),
        (
            "CreateTrainingJob",
            "InputDataConfig.DataSource.S3DataSource.S3DataDistributionType",
            "ShardedByS3Key",
        ),
        ("CreateTrainingJob", "InputDataConfig.DataSource.FileSystemDataSource.FileSystemId", None),
        ("CreateTrainingJob", "InputDataConfig.ShuffleConfig.Seed", None),
        ("CreateTrainingJob", "OutputDataConfig.CompressionType", "NONE"),
        ("CreateTrainingJob", "ResourceConfig.InstanceGroups.InstanceCount", 1),
        ("CreateTrainingJob", "RetryStrategy.MaximumRetryAttempts", None),
        ("CreateHyperParameterTuningJob", "Autotune.Mode", "Enabled"),
        ("CreateHyperParameterTuningJob", "TrainingJobDefinitions.DefinitionName", None),
        (
            "CreateHyperParameterTuningJob",
            "TrainingJobDefinition.HyperParameterRanges.AutoParameters.Name",
            None,
        ),
        ("CreateHyperParameterTuningJob", "WarmStartConfig.WarmStartType", "IdenticalDataAndAlgorithm"),
        (
            "CreateHyperParameterTuningJob",
            "HyperParameterTuningJobConfig.ResourceLimits.MaxRuntimeInSeconds",
            None,
        ),
        (
            "CreateHyperParameterTuningJob",
            "HyperParameterTuningJobConfig.TuningJobCompletionCriteria.TargetObjectiveMetricValue",
            None,
        ),
        (
            "CreateHyperParameterTuningJob",
            "HyperParameterTuningJobConfig.ParameterRanges.ContinuousParameterRanges.ScalingType",
            "ReverseLogarithmic",
        ),
        ("CreateProcessingJob", "ProcessingInputs.S3Input.S3InputMode", "Pipe"),
        ("CreateProcessingJob", "ProcessingInputs.S3Input.S3CompressionType", "Gzip"),
        ("CreateProcessingJob", "ProcessingInputs.S3Input.S3DataType", "ManifestFile"),
        ("CreateProcessingJob", "ProcessingInputs.DatasetDefinition.LocalPath", None),
        ("CreateProcessingJob", "ProcessingOutputConfig.Outputs.S3Output.S3UploadMode", "Continuous"),
        ("CreateTransformJob", "TransformInput.SplitType", "RecordIO"),
        ("CreateTransformJob", "DataCaptureConfig.DestinationS3Uri", None),
        ("CreateDataQualityJobDefinition", "JobResources.ClusterConfig.InstanceCount", 2),
        ("CreateModel", "PrimaryContainer.Mode", "MultiModel"),
        ("CreateModel", "PrimaryContainer.ModelDataSource.S3DataSource.S3Uri", None),
        ("CreateModel", "PrimaryContainer.ImageConfig.RepositoryAccessMode", "Vpc"),
        ("CreateModel", "InferenceExecutionConfig.Mode", "Direct"),
        (
            "CreateEndpointConfig",
            "AsyncInferenceConfig.OutputConfig.NotificationConfig.IncludeInferenceResponseIn",
            None,
        ),
        ("CreateEndpointConfig", "ShadowProductionVariants.CapacityReservationConfig.MlReservationArn", None),
        ("CreateEndpointConfig", "ProductionVariants.CapacityReservationConfig.MlReservationArn", None),
        ("CreateEndpointConfig", "ExplainerConfig.ClarifyExplainerConfig.EnableExplanations", None),
        ("CreateEndpointConfig", "ProductionVariants.RoutingConfig.RoutingStrategy", None),
        ("CreateInferenceComponent", "Specifications.ModelName", None),
        ("CreateInferenceComponent", "Specification.Container.Image", None),
        ("CreateInferenceComponent", "Specification.BaseInferenceComponentName", None),
        (
            "CreateInferenceComponent",
            "Specification.StartupParameters.ModelDataDownloadTimeoutInSeconds",
            None,
        ),
        ("StartPipelineExecution", "SelectiveExecutionConfig.SourcePipelineExecutionArn", None),
        ("StartPipelineExecution", "PipelineVersionId", None),
        ("DescribePipeline", "PipelineVersionId", None),
        ("CreateModelPackage", "ValidationSpecification.ValidationRole", None),
        ("CreateApp", "ResourceSpec.SageMakerImageArn", None),
    ],
)
def test_what_sagemaker_can_and_the_embedded_aws_cannot_is_refused(
    sagemaker: type, operation: str, path: str, value: Any
) -> None:
    assert is_refused(f"sagemaker:{operation}", sagemaker, tuple(path.split(".")), value)


@pytest.mark.parametrize("member", ["TargetModel", "TargetContainerHostname", "SessionId"])
def test_so_is_what_an_invocation_can_ask_for(context: Context, member: str) -> None:
    assert is_refused("sagemaker-runtime:InvokeEndpoint", service.responses(context, {})[1], (member,))


@pytest.mark.parametrize(
    "path",
    [
        *("NotificationARNs", "ResourceTypes", "RollbackConfiguration.MonitoringTimeInMinutes"),
        *("StackPolicyBody", "StackPolicyURL", "TimeoutInMinutes"),
    ],
)
def test_so_is_what_a_stack_can_ask_for(path: str) -> None:
    assert is_refused("cloudformation:CreateStack", CloudFormationResponse, tuple(path.split(".")))


@pytest.mark.parametrize(
    ("operation", "path", "value"),
    [
        ("CreateTrainingJob", "ResourceConfig.InstanceCount", 2),
        ("CreateHyperParameterTuningJob", "TrainingJobDefinition.ResourceConfig.InstanceCount", 2),
        ("CreateTrainingJob", "CheckpointConfig.S3Uri", None),
        ("UpdateEndpoint", "DeploymentConfig.RollingUpdatePolicy.WaitIntervalInSeconds", None),
        ("CreateTrainingJob", "AlgorithmSpecification.TrainingInputMode", "File"),
        ("CreateTrainingJob", "EnableManagedSpotTraining", True),
        ("CreateTrainingJob", "ResourceConfig.VolumeSizeInGB", None),
        ("CreateProcessingJob", "NetworkConfig.VpcConfig.Subnets", None),
    ],
)
def test_what_is_carried_out_or_has_no_effect_is_taken(
    sagemaker: type, operation: str, path: str, value: Any
) -> None:
    assert not is_refused(f"sagemaker:{operation}", sagemaker, tuple(path.split(".")), value)


def test_an_operation_is_guarded_from_its_first_line_on() -> None:
    """Nobody lists what it reads: its code says that, with what it calls and what it wraps."""

    def wrapped(response: Any) -> None:
        named(response.params)

    class Example:
        def create_model(self) -> None:
            wrapped(self)

    Example.__module__ = f"{__name__}.responses"
    assert {"modelname", "image"} <= words_read(Example, "example", "CreateModel")
    assert "containers" not in words_read(Example, "example", "CreateModel")


def named(request: dict[str, Any]) -> Any:
    return request["ModelName"], request.get("PrimaryContainer.Image")


def test_it_is_refused_before_anything_is_done(local_aws: LocalAws) -> None:
    sagemaker, name = local_aws.client("sagemaker"), unique("config")
    variant = {
        "VariantName": "v",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "RoutingConfig": {"RoutingStrategy": "RANDOM"},
    }
    member = "CreateEndpointConfig.ProductionVariants.RoutingConfig"
    words = f"ValidationException.*does not carry out {member}:"
    with pytest.raises(ClientError, match=words):
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    assert sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"] == []


ROWS = [row for row in (*WITHOUT_EFFECT, *CARRIED_OUT_AS) if not row.startswith("*")]


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_tables_speaks_of_members_that_exist(row: str) -> None:
    name, _, rest = row.partition(":")
    model = service_model(name)
    for operation in fnmatch.filter(model.operation_names, f"{rest.partition('.')[0]}*".replace("**", "*")):
        shape = model.operation_model(operation).input_shape
        for path in leaves(shape) if shape else ():
            parts = [".".join(path[: end + 1]) for end in range(len(path))]
            if fnmatch.filter([f"{name}:{operation}.{part}" for part in parts], row):
                return
    pytest.fail(f"{row} speaks of nothing")


def test_every_row_has_its_reason() -> None:
    assert all(len(reason) > 20 for reason in WITHOUT_EFFECT.values())
