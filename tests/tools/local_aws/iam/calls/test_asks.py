"""What calls ask permission for."""

from typing import Any

import pytest

from tools.local_aws.iam.calls.asks import Ask, Call, asks_of
from tools.local_aws.iam.calls.s3 import S3Request, s3_asks

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
VPC = {"Subnets": ["s-1", "s-2"], "SecurityGroupIds": ["g-1"]}
NETWORK = {"VpcConfig": VPC, "EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": True}
NETWORK_KEYS = {
    "sagemaker:VpcSubnets": ("s-1", "s-2"),
    "sagemaker:VpcSecurityGroupIds": ("g-1",),
    "sagemaker:NetworkIsolation": "false",
    "sagemaker:InterContainerTrafficEncryption": "true",
}
CLUSTER = {"InstanceType": "ml.m5.large", "VolumeKmsKeyId": KEY}
CLUSTER_KEYS = {"sagemaker:InstanceTypes": ("ml.m5.large",), "sagemaker:VolumeKmsKey": KEY}
OUTPUT_KEY = {"sagemaker:OutputKmsKey": KEY}


def asks(service: str, operation: str, **parameters: Any) -> list[Ask]:
    return asks_of(Call(service, operation, parameters, ACCOUNT, "us-east-1"))


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("CreateTrainingJob", {"TrainingJobName": "t"}, "training-job/t"),
        *(
            (name, {"HyperParameterTuningJobName": "t"}, "hyper-parameter-tuning-job/t")
            for name in ("CreateHyperParameterTuningJob", "ListTrainingJobsForHyperParameterTuningJob")
        ),
        ("StopProcessingJob", {"ProcessingJobName": "p"}, "processing-job/p"),
        ("DescribeModel", {"ModelName": "m"}, "model/m"),
        ("CreateEndpointConfig", {"EndpointConfigName": "c"}, "endpoint-config/c"),
        ("InvokeEndpoint", {"EndpointName": "e"}, "endpoint/e"),
        ("UpdateEndpointWeightsAndCapacities", {"EndpointName": "e"}, "endpoint/e"),
        ("CreatePipeline", {"PipelineName": "p"}, "pipeline/p"),
        ("StartPipelineExecution", {"PipelineName": "p"}, "pipeline/p"),
        ("ListPipelineExecutions", {"PipelineName": "p"}, "pipeline/p"),
        ("CreateModelPackage", {"ModelPackageGroupName": "g"}, "model-package/g/*"),
        ("CreateModelPackageGroup", {"ModelPackageGroupName": "g"}, "model-package-group/g"),
        ("PutModelPackageGroupPolicy", {"ModelPackageGroupName": "g"}, "model-package-group/g"),
        ("CreateDataQualityJobDefinition", {"JobDefinitionName": "d"}, "data-quality-job-definition/d"),
        ("StartMonitoringSchedule", {"MonitoringScheduleName": "s"}, "monitoring-schedule/s"),
        ("CreateMlflowApp", {"Name": "n"}, "mlflow-app/*"),
        ("DeleteMlflowTrackingServer", {"TrackingServerName": "t"}, "mlflow-tracking-server/t"),
    ],
)
def test_sagemaker_operations_name_their_resource(
    operation: str, parameters: dict[str, str], resource: str
) -> None:
    assert asks("sagemaker", operation, **parameters) == [Ask(f"sagemaker:{operation}", SAGEMAKER + resource)]


@pytest.mark.parametrize(
    ("operation", "parameter", "arn"),
    [
        ("DescribeModelPackage", "ModelPackageName", SAGEMAKER + "model-package/g/3"),
        ("UpdateModelPackage", "ModelPackageArn", SAGEMAKER + "model-package/g/3"),
        ("DescribePipelineExecution", "PipelineExecutionArn", SAGEMAKER + "pipeline/p/execution/x"),
        ("ListPipelineExecutionSteps", "PipelineExecutionArn", SAGEMAKER + "pipeline/p/execution/x"),
        ("AddTags", "ResourceArn", SAGEMAKER + "endpoint/e"),
        ("DescribeMlflowApp", "Arn", SAGEMAKER + "mlflow-app/app-1"),
        ("CreatePresignedMlflowAppUrl", "Arn", SAGEMAKER + "mlflow-app/app-1"),
    ],
)
def test_an_arn_that_is_given_is_the_resource(operation: str, parameter: str, arn: str) -> None:
    assert [ask.resource for ask in asks("sagemaker", operation, **{parameter: arn})] == [arn]


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        (
            "CreateInferenceComponent",
            {"InferenceComponentName": "c", "EndpointName": "e"},
            ["inference-component/c", "endpoint/e"],
        ),
        ("UpdateInferenceComponentRuntimeConfig", {"InferenceComponentName": "c"}, ["inference-component/c"]),
        (
            "InvokeEndpoint",
            {"EndpointName": "e", "InferenceComponentName": "c"},
            ["endpoint/e", "inference-component/c"],
        ),
    ],
)
def test_a_call_about_a_component_is_asked_of_it(
    operation: str, parameters: dict[str, str], resources: list[str]
) -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html."""
    found = [ask.resource for ask in asks("sagemaker", operation, **parameters)]
    assert found == [SAGEMAKER + resource for resource in resources]


def test_lists_are_asked_on_everything() -> None:
    assert asks("sagemaker", "ListModelPackages", ModelPackageGroupName="g")[0].resource == "*"


def test_an_endpoint_is_created_from_a_configuration() -> None:
    resources = [
        ask.resource for ask in asks("sagemaker", "CreateEndpoint", EndpointName="e", EndpointConfigName="c")
    ]
    assert resources == [SAGEMAKER + "endpoint/e", SAGEMAKER + "endpoint-config/c"]


@pytest.mark.parametrize(
    ("operation", "parameters", "keys"),
    [
        (
            "CreateTrainingJob",
            {**NETWORK, "ResourceConfig": CLUSTER, "OutputDataConfig": {"KmsKeyId": KEY}},
            NETWORK_KEYS | CLUSTER_KEYS | OUTPUT_KEY,
        ),
        (
            "CreateHyperParameterTuningJob",
            {
                "TrainingJobDefinition": {
                    **NETWORK,
                    "ResourceConfig": CLUSTER,
                    "OutputDataConfig": {"KmsKeyId": KEY},
                }
            },
            NETWORK_KEYS | CLUSTER_KEYS | OUTPUT_KEY,
        ),
        (
            "CreateProcessingJob",
            {
                "NetworkConfig": NETWORK,
                "ProcessingResources": {"ClusterConfig": CLUSTER},
                "ProcessingOutputConfig": {"KmsKeyId": KEY},
            },
            NETWORK_KEYS | CLUSTER_KEYS | OUTPUT_KEY,
        ),
        (
            "CreateDataQualityJobDefinition",
            {
                "NetworkConfig": NETWORK,
                "JobResources": {"ClusterConfig": CLUSTER},
                "DataQualityJobOutputConfig": {"KmsKeyId": KEY},
            },
            NETWORK_KEYS | CLUSTER_KEYS | OUTPUT_KEY,
        ),
        (
            "CreateModel",
            {"VpcConfig": VPC, "EnableNetworkIsolation": True},
            {
                "sagemaker:VpcSubnets": ("s-1", "s-2"),
                "sagemaker:VpcSecurityGroupIds": ("g-1",),
                "sagemaker:NetworkIsolation": "true",
            },
        ),
        (
            "CreateEndpointConfig",
            {"KmsKeyId": KEY, "ProductionVariants": [{"InstanceType": "a"}, {"InstanceType": "b"}]},
            {"sagemaker:VolumeKmsKey": KEY, "sagemaker:InstanceTypes": ("a", "b")},
        ),
        (
            "CreateModelPackage",
            {"ModelApprovalStatus": "Approved"},
            {"sagemaker:ModelApprovalStatus": "Approved"},
        ),
        (
            "UpdateModelPackage",
            {
                "ModelLifeCycle": {"Stage": "Production", "StageStatus": "Live"},
                "CustomerMetadataProperties": {"UseCase": "rents"},
                "CustomerMetadataPropertiesToRemove": ["LiveVersion", "Code"],
            },
            {
                "sagemaker:ModelLifeCycle:Stage": "Production",
                "sagemaker:ModelLifeCycle:StageStatus": "Live",
                "sagemaker:CustomerMetadataProperties/UseCase": "rents",
                "sagemaker:CustomerMetadataPropertiesToRemove": ("LiveVersion", "Code"),
            },
        ),
        ("CreateEndpoint", {"KmsKeyId": KEY, "VpcConfig": VPC}, {}),
        ("CreateTrainingJob", {}, {}),
    ],
)
def test_sagemaker_conditions_come_from_the_parameters(
    operation: str, parameters: dict[str, Any], keys: dict[str, Any]
) -> None:
    assert asks("sagemaker", operation, **parameters)[0].context == keys


def test_tags_are_told_and_creating_with_them_is_tagging() -> None:
    found = asks("sagemaker", "CreateModel", ModelName="m", Tags=[{"Key": "team", "Value": "a"}])
    tags: dict[str, str | tuple[str, ...]] = {"aws:RequestTag/team": "a", "aws:TagKeys": ("team",)}
    assert found == [
        Ask("sagemaker:CreateModel", SAGEMAKER + "model/m", tags),
        Ask("sagemaker:AddTags", SAGEMAKER + "model/m", {**tags, "sagemaker:TaggingAction": "CreateModel"}),
    ]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "passed_to"),
    [
        ("sagemaker", "CreateTrainingJob", {"RoleArn": ROLE}, "sagemaker.amazonaws.com"),
        ("sagemaker", "CreateModel", {"ExecutionRoleArn": ROLE}, "sagemaker.amazonaws.com"),
        ("states", "CreateStateMachine", {"roleArn": ROLE}, "states.amazonaws.com"),
        ("events", "PutTargets", {"Targets": [{"RoleArn": ROLE}]}, "events.amazonaws.com"),
        ("cloudformation", "CreateStack", {"RoleARN": ROLE}, "cloudformation.amazonaws.com"),
        ("ec2", "CreateFlowLogs", {"DeliverLogsPermissionArn": ROLE}, "vpc-flow-logs.amazonaws.com"),
    ],
)
def test_a_role_in_a_call_is_passed_on(
    service: str, operation: str, parameters: dict[str, Any], passed_to: str
) -> None:
    assert asks(service, operation, **parameters)[-1] == Ask(
        "iam:PassRole", ROLE, {"iam:PassedToService": passed_to}
    )


def test_assuming_a_role_passes_nothing_on() -> None:
    assert [ask.action for ask in asks("sts", "AssumeRole", RoleArn=ROLE)] == ["sts:AssumeRole"]


def test_private_names_of_an_endpoint_need_the_right_to_associate_a_hosted_zone() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/security_iam_id-based-policy-examples.html"""
    associating = Ask("route53:AssociateVPCWithHostedZone", "*")
    assert associating in asks("ec2", "CreateVpcEndpoint", PrivateDnsEnabled="true")
    assert associating not in asks("ec2", "CreateVpcEndpoint", PrivateDnsEnabled="false")


def test_an_identity_provider_is_called_after_its_url() -> None:
    found = asks("iam", "CreateOpenIDConnectProvider", Url="https://token.actions.githubusercontent.com")
    assert found[0].resource == f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def test_metrics_are_put_into_a_namespace() -> None:
    found = asks("cloudwatch", "PutMetricData", Namespace="aws/sagemaker/Endpoints/data-metrics")
    assert found[0].context == {"cloudwatch:namespace": "aws/sagemaker/Endpoints/data-metrics"}


def s3(method: str, key: str | None = None, headers: dict[str, str] | None = None, **query: str) -> list[Ask]:
    given = {name.replace("_", "-"): value for name, value in query.items()}
    return s3_asks(S3Request(method, "data", key, given, headers or {}))


@pytest.mark.parametrize(
    ("found", "action"),
    [
        (s3("GET", list_type="2"), "ListBucket"),
        (s3("GET", versions=""), "ListBucketVersions"),
        (s3("GET", policy=""), "GetBucketPolicy"),
        (s3("PUT", policy=""), "PutBucketPolicy"),
        (s3("DELETE", policy=""), "DeleteBucketPolicy"),
        (s3("PUT", encryption=""), "PutEncryptionConfiguration"),
        (s3("DELETE", encryption=""), "PutEncryptionConfiguration"),
        (s3("PUT"), "CreateBucket"),
        (s3("PUT", "k"), "PutObject"),
        (s3("PUT", "k", uploadId="u", partNumber="1"), "PutObject"),
        (s3("POST", "k", uploads=""), "PutObject"),
        (s3("DELETE", "k", uploadId="u"), "AbortMultipartUpload"),
        (s3("GET", "k", uploadId="u"), "ListMultipartUploadParts"),
        (s3("HEAD", "k"), "GetObject"),
        (s3("GET", "k", versionId="v"), "GetObjectVersion"),
        (s3("DELETE", "k"), "DeleteObject"),
        (s3("DELETE", "k", versionId="v"), "DeleteObjectVersion"),
        (s3("PUT", "k", tagging=""), "PutObjectTagging"),
    ],
)
def test_s3_requests_have_their_iam_actions(found: list[Ask], action: str) -> None:
    assert [ask.action for ask in found] == [f"s3:{action}"]


def test_a_copy_of_a_version_reads_that_version() -> None:
    actions = [
        [ask.action for ask in s3("PUT", "k", {"x-amz-copy-source": source})]
        for source in ("data/k", "data/k?versionId=v")
    ]
    assert actions == [["s3:PutObject", "s3:GetObject"], ["s3:PutObject", "s3:GetObjectVersion"]]


def test_only_a_write_tells_that_nothing_may_be_there() -> None:
    headers = {"if-none-match": "*"}
    assert s3("PUT", "k", headers)[0].context == {"s3:if-none-match": "*"}
    assert s3("GET", "k", headers)[0].context == {}


def test_a_listing_tells_its_prefix() -> None:
    assert s3("GET", list_type="2", prefix="raw/")[0].context == {"s3:prefix": "raw/"}


def test_an_upload_tells_its_encryption_and_tags() -> None:
    headers = {"x-amz-server-side-encryption": "aws:kms", "x-amz-tagging": "a=b", "host": "h"}
    found = s3("PUT", "k", headers)
    assert found[0].context["s3:x-amz-server-side-encryption"] == "aws:kms"
    assert "s3:host" not in found[0].context
    assert [ask.action for ask in found] == ["s3:PutObject", "s3:PutObjectTagging"]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "resource"),
    [
        ("ecr", "PutImage", {"repositoryName": "r"}, f"ecr:us-east-1:{ACCOUNT}:repository/r"),
        ("ecr", "BatchGetImage", {"repositoryName": "r", "registryId": "2"}, "ecr:us-east-1:2:repository/r"),
        ("codebuild", "StartBuild", {"projectName": "p"}, f"codebuild:us-east-1:{ACCOUNT}:project/p"),
        ("codebuild", "BatchGetBuilds", {"ids": ["p:1"]}, f"codebuild:us-east-1:{ACCOUNT}:project/p"),
        ("codebuild", "BatchGetProjects", {"names": ["p"]}, f"codebuild:us-east-1:{ACCOUNT}:project/p"),
    ],
)
def test_images_and_builds_are_asked_for_by_repository_and_project(
    service: str, operation: str, parameters: dict[str, Any], resource: str
) -> None:
    assert asks(service, operation, **parameters) == [Ask(f"{service}:{operation}", f"arn:aws:{resource}")]


EVENTS = f"arn:aws:events:us-east-1:{ACCOUNT}:"


@pytest.mark.parametrize(
    ("operation", "parameters", "resource"),
    [
        ("PutRule", {"Name": "r"}, "rule/r"),
        ("PutTargets", {"Rule": "r", "EventBusName": "default"}, "rule/r"),
        ("PutRule", {"Name": "r", "EventBusName": "b"}, "rule/b/r"),
        ("DescribeRule", {"Name": "r", "EventBusName": f"{EVENTS}event-bus/b"}, "rule/b/r"),
        ("CreateEventBus", {"Name": "b"}, "event-bus/b"),
        ("PutPermission", {"EventBusName": "b", "Policy": "{}"}, "event-bus/b"),
        ("PutPermission", {"Policy": "{}"}, "event-bus/default"),
    ],
)
def test_rules_are_of_their_bus(operation: str, parameters: dict[str, Any], resource: str) -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html."""
    (ask,) = asks("events", operation, **parameters)
    assert (ask.action, ask.resource) == (f"events:{operation}", f"{EVENTS}{resource}")


def test_versions_of_another_account_are_listed_by_their_group() -> None:
    group = "arn:aws:sagemaker:us-east-1:222222222222:model-package-group/g"
    (ask,) = asks("sagemaker", "ListModelPackages", ModelPackageGroupName=group)
    assert ask.resource == "arn:aws:sagemaker:us-east-1:222222222222:model-package/g/*"


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        ("UpdateSlackChannelConfiguration", "ChatConfigurationArn"),
        ("DeleteSlackChannelConfiguration", "ChatConfigurationArn"),
        ("TagResource", "ResourceARN"),
    ],
)
def test_a_channel_that_exists_is_asked_for_by_its_configuration(operation: str, named: str) -> None:
    arn = f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel/dev-alerts"
    assert asks("chatbot", operation, **{named: arn}) == [Ask(f"chatbot:{operation}", arn)]
