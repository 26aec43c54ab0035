"""SageMaker's condition keys: which exist on which operation, and where their values come from.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
A key that an operation does not have is absent there, also when a similar parameter exists.
"""

from collections.abc import Mapping
from typing import Any

import jmespath

from tools.local_aws.iam.calls.studio import SINGLE_STUDIO_KEYS, STUDIO_PATHS
from tools.local_aws.iam.engine.patterns import ContextValue

_SINGLE = (
    "VolumeKmsKey",
    "OutputKmsKey",
    "NetworkIsolation",
    "InterContainerTrafficEncryption",
    "MaxRuntimeInSeconds",
    "ModelApprovalStatus",
    "ModelArn",
    "ModelLifeCycle:Stage",
    "ModelLifeCycle:StageStatus",
    *SINGLE_STUDIO_KEYS,
)


def _network(vpc: str, flags: str) -> dict[str, str]:
    return {
        "VpcSubnets": f"{vpc}VpcConfig.Subnets",
        "VpcSecurityGroupIds": f"{vpc}VpcConfig.SecurityGroupIds",
        "NetworkIsolation": f"{flags}EnableNetworkIsolation",
        "InterContainerTrafficEncryption": f"{flags}EnableInterContainerTrafficEncryption",
    }


def _job_definition(output: str) -> dict[str, str]:
    return {
        **_network("NetworkConfig.", "NetworkConfig."),
        "VolumeKmsKey": "JobResources.ClusterConfig.VolumeKmsKeyId",
        "InstanceTypes": "JobResources.ClusterConfig.InstanceType",
        "OutputKmsKey": f"{output}.KmsKeyId",
        "MaxRuntimeInSeconds": "StoppingCondition.MaxRuntimeInSeconds",
    }


_SCHEDULED_JOB = "MonitoringScheduleConfig.MonitoringJobDefinition."
_SCHEDULE = {
    **_network(f"{_SCHEDULED_JOB}NetworkConfig.", f"{_SCHEDULED_JOB}NetworkConfig."),
    "VolumeKmsKey": f"{_SCHEDULED_JOB}MonitoringResources.ClusterConfig.VolumeKmsKeyId",
    "InstanceTypes": f"{_SCHEDULED_JOB}MonitoringResources.ClusterConfig.InstanceType",
    "OutputKmsKey": f"{_SCHEDULED_JOB}MonitoringOutputConfig.KmsKeyId",
    "MaxRuntimeInSeconds": f"{_SCHEDULED_JOB}StoppingCondition.MaxRuntimeInSeconds",
}
_TRIAL = "TrainingJobDefinition."
_MODEL_PACKAGE = {
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ModelLifeCycle:Stage": "ModelLifeCycle.Stage",
    "ModelLifeCycle:StageStatus": "ModelLifeCycle.StageStatus",
}

PATHS: dict[str, dict[str, str]] = {
    "CreateTrainingJob": {
        **_network("", ""),
        "VolumeKmsKey": "ResourceConfig.VolumeKmsKeyId",
        "InstanceTypes": "[ResourceConfig.InstanceType, ResourceConfig.InstanceGroups[].InstanceType][]",
        "OutputKmsKey": "OutputDataConfig.KmsKeyId",
        "MaxRuntimeInSeconds": "StoppingCondition.MaxRuntimeInSeconds",
    },
    "CreateHyperParameterTuningJob": {
        **_network(_TRIAL, _TRIAL),
        "VolumeKmsKey": f"{_TRIAL}ResourceConfig.VolumeKmsKeyId",
        "InstanceTypes": f"{_TRIAL}ResourceConfig.InstanceType",
        "OutputKmsKey": f"{_TRIAL}OutputDataConfig.KmsKeyId",
        "MaxRuntimeInSeconds": f"{_TRIAL}StoppingCondition.MaxRuntimeInSeconds",
    },
    "CreateProcessingJob": {
        **_network("NetworkConfig.", "NetworkConfig."),
        "VolumeKmsKey": "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
        "InstanceTypes": "ProcessingResources.ClusterConfig.InstanceType",
        "OutputKmsKey": "ProcessingOutputConfig.KmsKeyId",
        "MaxRuntimeInSeconds": "StoppingCondition.MaxRuntimeInSeconds",
    },
    "CreateTransformJob": {
        "VolumeKmsKey": "TransformResources.VolumeKmsKeyId",
        "InstanceTypes": "TransformResources.InstanceType",
        "OutputKmsKey": "TransformOutput.KmsKeyId",
    },
    "CreateModel": {
        "VpcSubnets": "VpcConfig.Subnets",
        "VpcSecurityGroupIds": "VpcConfig.SecurityGroupIds",
        "NetworkIsolation": "EnableNetworkIsolation",
    },
    "CreateEndpointConfig": {
        "VpcSubnets": "VpcConfig.Subnets",
        "VpcSecurityGroupIds": "VpcConfig.SecurityGroupIds",
        "NetworkIsolation": "EnableNetworkIsolation",
        "VolumeKmsKey": "KmsKeyId",
        "InstanceTypes": "[ProductionVariants, ShadowProductionVariants][].InstanceType",
    },
    "CreateDataQualityJobDefinition": _job_definition("DataQualityJobOutputConfig"),
    "CreateModelQualityJobDefinition": _job_definition("ModelQualityJobOutputConfig"),
    "CreateModelBiasJobDefinition": _job_definition("ModelBiasJobOutputConfig"),
    "CreateModelExplainabilityJobDefinition": _job_definition("ModelExplainabilityJobOutputConfig"),
    "CreateMonitoringSchedule": _SCHEDULE,
    "UpdateMonitoringSchedule": _SCHEDULE,
    "CreateModelPackage": _MODEL_PACKAGE,
    "UpdateModelPackage": {
        **_MODEL_PACKAGE,
        "CustomerMetadataPropertiesToRemove": "CustomerMetadataPropertiesToRemove",
    },
    **STUDIO_PATHS,
}


def sagemaker_keys(operation: str, parameters: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The `sagemaker:` condition keys of one call; what the caller did not set is absent."""
    found = {key: jmespath.search(path, parameters) for key, path in PATHS.get(operation, {}).items()}
    metadata = parameters.get("CustomerMetadataProperties") or {}
    return {
        **{f"sagemaker:CustomerMetadataProperties/{key}": str(value) for key, value in metadata.items()},
        **{
            f"sagemaker:{key}": _context_value(key, value)
            for key, value in found.items()
            if value is not None and value != []
        },
    }


def _context_value(key: str, value: Any) -> ContextValue:
    if key in _SINGLE:
        return _as_text(value)
    return tuple(
        _as_text(member) for member in (value if isinstance(value, list) else [value]) if member is not None
    )


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
