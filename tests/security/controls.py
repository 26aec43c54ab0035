"""Templates for AWS Security Hub's SageMaker controls: one that fulfils all, and one broken per control."""

import json
from typing import Any

Json = dict[str, Any]

ROLE = "arn:aws:iam::111111111111:role/example"
KEY = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
IMAGE = "111111111111.dkr.ecr.us-east-1.amazonaws.com/example:1"
VPC = {"SecurityGroupIds": ["sg-00000000000000001"], "Subnets": ["subnet-00000000000000001"]}
CLUSTER = {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20, "VolumeKmsKeyId": KEY}
TAGS = [{"Key": "environment", "Value": "dev"}]
ISOLATED = {
    "EnableInterContainerTrafficEncryption": True,
    "EnableNetworkIsolation": True,
    "VpcConfig": VPC,
}
OUTPUT = {
    "KmsKeyId": KEY,
    "MonitoringOutputs": [
        {"S3Output": {"LocalPath": "/opt/ml/processing/output", "S3Uri": "s3://example/out"}}
    ],
}
ENDPOINT_INPUT = {"EndpointInput": {"EndpointName": "example", "LocalPath": "/opt/ml/processing/input"}}
GROUND_TRUTH = {"S3Uri": "s3://example/ground-truth"}


def _container() -> Json:
    return {"Image": IMAGE, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}


def _model(**containers: Any) -> Json:
    return {
        "Type": "AWS::SageMaker::Model",
        "Properties": {
            "EnableNetworkIsolation": True,
            "ExecutionRoleArn": ROLE,
            "VpcConfig": VPC,
            **containers,
        },
    }


def _job_definition(kind: str, monitoring_input: Json, **application: Any) -> Json:
    return {
        "Type": f"AWS::SageMaker::{kind}JobDefinition",
        "Properties": {
            "JobResources": {"ClusterConfig": CLUSTER},
            "NetworkConfig": ISOLATED,
            "RoleArn": ROLE,
            f"{kind}AppSpecification": {"ImageUri": IMAGE, **application},
            f"{kind}JobInput": monitoring_input,
            f"{kind}JobOutputConfig": OUTPUT,
        },
    }


COMPLIANT: dict[str, Json] = {
    "Notebook": {
        "Type": "AWS::SageMaker::NotebookInstance",
        "Properties": {
            "DirectInternetAccess": "Disabled",
            "InstanceType": "ml.t3.medium",
            "KmsKeyId": KEY,
            "PlatformIdentifier": "notebook-al2023-v1",
            "RoleArn": ROLE,
            "RootAccess": "Disabled",
            "SecurityGroupIds": ["sg-00000000000000001"],
            "SubnetId": "subnet-00000000000000001",
        },
    },
    "EndpointConfig": {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Properties": {
            "KmsKeyId": KEY,
            "ProductionVariants": [
                {
                    "InitialInstanceCount": 2,
                    "InitialVariantWeight": 1,
                    "InstanceType": "ml.m5.large",
                    "ModelName": "example",
                    "VariantName": "AllTraffic",
                },
            ],
        },
    },
    "ServerlessEndpointConfig": {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Properties": {
            "ProductionVariants": [
                {
                    "InitialVariantWeight": 1,
                    "ModelName": "example",
                    "ServerlessConfig": {"MaxConcurrency": 5, "MemorySizeInMB": 2048},
                    "VariantName": "AllTraffic",
                },
            ],
        },
    },
    "Model": _model(PrimaryContainer=_container()),
    "ModelOfManyContainers": _model(Containers=[_container(), _container()]),
    "AppImageConfig": {
        "Type": "AWS::SageMaker::AppImageConfig",
        "Properties": {"AppImageConfigName": "example", "Tags": TAGS},
    },
    "Image": {
        "Type": "AWS::SageMaker::Image",
        "Properties": {"ImageName": "example", "ImageRoleArn": ROLE, "Tags": TAGS},
    },
    "DataQuality": _job_definition("DataQuality", ENDPOINT_INPUT),
    "ModelQuality": _job_definition(
        "ModelQuality", {**ENDPOINT_INPUT, "GroundTruthS3Input": GROUND_TRUTH}, ProblemType="Regression"
    ),
    "ModelBias": _job_definition(
        "ModelBias",
        {**ENDPOINT_INPUT, "GroundTruthS3Input": GROUND_TRUTH},
        ConfigUri="s3://example/bias.json",
    ),
    "ModelExplainability": _job_definition(
        "ModelExplainability", ENDPOINT_INPUT, ConfigUri="s3://example/explain.json"
    ),
    "Schedule": {
        "Type": "AWS::SageMaker::MonitoringSchedule",
        "Properties": {
            "MonitoringScheduleName": "example",
            "MonitoringScheduleConfig": {
                "MonitoringJobDefinition": {
                    "MonitoringAppSpecification": {"ImageUri": IMAGE},
                    "MonitoringInputs": [ENDPOINT_INPUT],
                    "MonitoringOutputConfig": OUTPUT,
                    "MonitoringResources": {"ClusterConfig": CLUSTER},
                    "NetworkConfig": ISOLATED,
                    "RoleArn": ROLE,
                },
            },
        },
    },
    "FeatureGroup": {
        "Type": "AWS::SageMaker::FeatureGroup",
        "Properties": {
            "EventTimeFeatureName": "event_time",
            "FeatureDefinitions": [
                {"FeatureName": "id", "FeatureType": "String"},
                {"FeatureName": "event_time", "FeatureType": "Fractional"},
            ],
            "FeatureGroupName": "example",
            "OfflineStoreConfig": {"S3StorageConfig": {"KmsKeyId": KEY, "S3Uri": "s3://example/features"}},
            "OnlineStoreConfig": {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": KEY}},
            "RecordIdentifierFeatureName": "id",
            "RoleArn": ROLE,
        },
    },
    "Experiment": {
        "Type": "AWS::SageMaker::InferenceExperiment",
        "Properties": {
            "DataStorageConfig": {"Destination": "s3://example/experiment", "KmsKey": KEY},
            "EndpointName": "example",
            "KmsKey": KEY,
            "ModelVariants": [
                {
                    "InfrastructureConfig": {
                        "InfrastructureType": "RealTimeInference",
                        "RealTimeInferenceConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.large"},
                    },
                    "ModelName": "example",
                    "VariantName": "AllTraffic",
                },
            ],
            "Name": "example",
            "RoleArn": ROLE,
            "Type": "ShadowMode",
        },
    },
}
"""Resources of every type that a control is about."""

_CONTAINER_TRAFFIC = "NetworkConfig.EnableInterContainerTrafficEncryption"
_ISOLATION = "NetworkConfig.EnableNetworkIsolation"
_INLINE = "MonitoringScheduleConfig.MonitoringJobDefinition"
ABSENT = object()

BREACHES: dict[int, tuple[str, str, object]] = {
    1: ("Notebook", "DirectInternetAccess", "Enabled"),
    2: ("Notebook", "SubnetId", ABSENT),
    3: ("Notebook", "RootAccess", "Enabled"),
    4: ("EndpointConfig", "ProductionVariants.0.InitialInstanceCount", 1),
    5: ("Model", "EnableNetworkIsolation", ABSENT),
    6: ("AppImageConfig", "Tags", ABSENT),
    7: ("Image", "Tags", ABSENT),
    8: ("Notebook", "PlatformIdentifier", "notebook-al2-v2"),
    9: ("DataQuality", _CONTAINER_TRAFFIC, False),
    10: ("ModelExplainability", _CONTAINER_TRAFFIC, False),
    11: ("DataQuality", _ISOLATION, False),
    12: ("ModelBias", _ISOLATION, ABSENT),
    13: ("ModelQuality", _CONTAINER_TRAFFIC, ABSENT),
    14: ("Schedule", f"{_INLINE}.{_ISOLATION}", False),
    15: ("ModelBias", _CONTAINER_TRAFFIC, False),
    16: ("Model", "PrimaryContainer.ImageConfig", ABSENT),
    17: ("FeatureGroup", "OfflineStoreConfig.S3StorageConfig.KmsKeyId", ABSENT),
    18: ("FeatureGroup", "OnlineStoreConfig.SecurityConfig", ABSENT),
    19: ("ModelOfManyContainers", "Containers.1.ImageConfig.RepositoryAccessMode", "Platform"),
    20: ("ModelExplainability", _ISOLATION, False),
    21: ("Notebook", "KmsKeyId", ABSENT),
    22: ("Schedule", f"{_INLINE}.{_CONTAINER_TRAFFIC}", ABSENT),
    23: ("Experiment", "KmsKey", ABSENT),
    24: ("Experiment", "DataStorageConfig.KmsKey", ABSENT),
    25: ("ModelQuality", _ISOLATION, False),
}
"""What breaks each control: which resource, which property, and what it becomes."""


def compliant() -> Json:
    """A template that fulfils every control."""
    # Copied through JSON, which unlike deepcopy also separates what several resources share.
    template: Json = json.loads(json.dumps({"Resources": COMPLIANT}))
    return template


def broken(control: int) -> Json:
    """The same, with one property that breaks the control."""
    template = compliant()
    resource, path, becomes = BREACHES[control]
    set_property(template["Resources"][resource]["Properties"], path, becomes)
    return template


def set_property(properties: Any, path: str, becomes: object) -> None:
    """Change or, with ABSENT, remove what is at a path like `Variants.0.Name`."""
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in parents:
        properties = properties[part]
    if becomes is ABSENT:
        del properties[last]
    else:
        properties[last] = becomes
