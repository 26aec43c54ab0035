"""SageMaker: registry, pipelines, models, endpoints and monitors."""

from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.parts import gone, put, wait_for_status
from tools.local_aws.cloudformation.row import Name, Row, Tagging, Work

_ENDPOINT_UPDATE_ONLY = (
    "RetainAllVariantProperties",
    "ExcludeRetainedVariantProperties",
    "RetainDeploymentConfig",
)


def _sagemaker(noun: str, reference: str, **more: Any) -> Row:
    """A resource whose operations and identifiers are named after one noun."""
    name = f"{noun}Name" if "name" not in more else more["name"].property
    return Row(
        type_name=f"AWS::SageMaker::{noun}",
        service="sagemaker",
        create=f"Create{noun}",
        delete=f"Delete{noun}",
        reference=reference,
        identity={name: f"{{{name}}}", "ResourceArn": f"{{{more.pop('arn', f'{noun}Arn')}}}"},
        name=more.pop("name", Name(name, 63)),
        tagging=Tagging("AddTags", "DeleteTags"),
        **more,
    )


def _pipeline_arguments(work: Work) -> dict[str, Any]:
    given = dict(work.properties)
    definition = given.pop("PipelineDefinition")
    if "PipelineDefinitionBody" in definition:
        given["PipelineDefinition"] = as_text(definition["PipelineDefinitionBody"])
        return given
    location = definition["PipelineDefinitionS3Location"]
    names = {"Key": "ObjectKey", "Version": "VersionId"}
    given["PipelineDefinitionS3Location"] = {names.get(name, name): value for name, value in location.items()}
    return given


def _endpoint_arguments(work: Work) -> dict[str, Any]:
    left_out = _ENDPOINT_UPDATE_ONLY if work.phase == "create" else ()
    return {name: value for name, value in work.properties.items() if name not in left_out}


_wait_for_endpoint = wait_for_status(
    "DescribeEndpoint",
    "EndpointStatus",
    done=("InService",),
    failed=("Failed", "OutOfService", "UpdateRollbackFailed"),
)


def _settle_endpoint(work: Work) -> None:
    """An update that SageMaker rolled back leaves an endpoint in service, with its old configuration."""
    _wait_for_endpoint(work)
    endpoint = work.call("DescribeEndpoint")
    if endpoint["EndpointConfigName"] != work.properties["EndpointConfigName"]:
        why = endpoint.get("FailureReason") or "SageMaker rolled the deployment back without a FailureReason"
        raise ResourceError(f"The endpoint {endpoint['EndpointName']} kept its old configuration: {why}")


def _component_arguments(work: Work) -> dict[str, Any]:
    """A deployment is of an update; what an update takes not, it may not change."""
    given = dict(work.properties)
    if work.phase == "create":
        given.pop("DeploymentConfig", None)
        return given
    fixed = ("EndpointName", "VariantName")
    return {name: value for name, value in given.items() if name not in fixed or value != work.previous[name]}


_wait_for_component = wait_for_status(
    "DescribeInferenceComponent", "InferenceComponentStatus", done=("InService",), failed=("Failed",)
)


def _settle_component(work: Work) -> None:
    """An update that was taken back leaves a component in service, with its old model."""
    _wait_for_component(work)
    component = work.call("DescribeInferenceComponent")
    if component["Specification"]["ModelName"] != work.properties["Specification"]["ModelName"]:
        raise ResourceError(
            f"The inference component {component['InferenceComponentName']} kept its old model: "
            f"{component['FailureReason']}"
        )


ROWS = (
    _sagemaker(
        "ModelPackageGroup",
        "{ModelPackageGroupArn}",
        learns={"ModelPackageGroupArn": "ModelPackageGroupArn"},
        settings=(
            put(
                "ModelPackageGroupPolicy",
                "PutModelPackageGroupPolicy",
                member="ResourcePolicy",
                remove="DeleteModelPackageGroupPolicy",
            ),
        ),
    ),
    _sagemaker(
        "Pipeline",
        "{PipelineName}",
        update="UpdatePipeline",
        learns={"PipelineArn": "PipelineArn"},
        arguments=_pipeline_arguments,
        name=Name("PipelineName", 256),
    ),
    _sagemaker("Model", "{ModelArn}", learns={"ModelArn": "ModelArn"}),
    _sagemaker("EndpointConfig", "{EndpointConfigArn}", learns={"EndpointConfigArn": "EndpointConfigArn"}),
    _sagemaker(
        "Endpoint",
        "{EndpointArn}",
        update="UpdateEndpoint",
        learns={"EndpointArn": "EndpointArn"},
        arguments=_endpoint_arguments,
        settle=_settle_endpoint,
        settle_deletion=gone("DescribeEndpoint"),
    ),
    _sagemaker(
        "InferenceComponent",
        "{InferenceComponentArn}",
        update="UpdateInferenceComponent",
        learns={"InferenceComponentArn": "InferenceComponentArn"},
        arguments=_component_arguments,
        settle=_settle_component,
        # While copies come or go, AWS refuses.
        before_delete=_wait_for_component,
        settle_deletion=gone("DescribeInferenceComponent"),
    ),
    _sagemaker(
        "DataQualityJobDefinition",
        "{JobDefinitionArn}",
        arn="JobDefinitionArn",
        name=Name("JobDefinitionName", 63),
        learns={"JobDefinitionArn": "JobDefinitionArn"},
    ),
    _sagemaker(
        "MonitoringSchedule",
        "{MonitoringScheduleArn}",
        update="UpdateMonitoringSchedule",
        learns={"MonitoringScheduleArn": "MonitoringScheduleArn"},
        settle=wait_for_status(
            "DescribeMonitoringSchedule",
            "MonitoringScheduleStatus",
            done=("Scheduled", "Stopped"),
            failed=("Failed",),
        ),
        settle_deletion=gone("DescribeMonitoringSchedule"),
    ),
)
