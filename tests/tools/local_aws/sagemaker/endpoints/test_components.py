"""Several models on one endpoint, each with its copies, down to none."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import (
    archive,
    config,
    described,
    endpoint,
    invoke,
    model,
)
from tests.tools.local_aws.sagemaker.helpers import Place, settled
from tools.local_aws.clients import Credentials

NO_COPY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress "
    "(if configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)
ALARM = {
    "Namespace": "AWS/SageMaker",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}


def host_config(place: Place, least: int = 0, most: int = 1, **more: Any) -> str:
    name = unique("config")
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": max(least, 1),
        "ManagedInstanceScaling": {
            "Status": "ENABLED",
            "MinInstanceCount": least,
            "MaxInstanceCount": most,
        },
    }
    asked = {"ExecutionRoleArn": place.role_arn, "ProductionVariants": [variant]} | more
    place.sagemaker.create_endpoint_config(EndpointConfigName=name, **asked)
    return name


def host(place: Place, least: int = 0, most: int = 1) -> str:
    return str(endpoint(place, host_config(place, least, most))["EndpointName"])


def specification(model_name: str, memory_mb: int = 1024, cpus: float = 0.5) -> dict[str, Any]:
    kept = {"MinMemoryRequiredInMb": memory_mb, "NumberOfCpuCoresRequired": cpus}
    return {"ModelName": model_name, "ComputeResourceRequirements": kept}


def component(place: Place, on: str, model_name: str, copies: int = 1, **kept: Any) -> str:
    name = unique("component")
    place.sagemaker.create_inference_component(
        InferenceComponentName=name,
        EndpointName=on,
        VariantName="AllTraffic",
        Specification=specification(model_name, **kept),
        RuntimeConfig={"CopyCount": copies},
    )
    shown(place, name)
    return name


def shown(place: Place, name: str) -> Any:
    sagemaker = place.sagemaker
    return settled(
        lambda: sagemaker.describe_inference_component(InferenceComponentName=name),
        "InferenceComponentStatus",
    )


def set_copies(place: Place, name: str, count: int) -> None:
    place.sagemaker.update_inference_component_runtime_config(
        InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": count}
    )
    shown(place, name)


def instances(place: Place, name: str) -> int:
    (variant,) = described(place, name)["ProductionVariants"]
    return int(variant["CurrentInstanceCount"])


def test_two_models_on_one_endpoint_answer_each_for_itself(place: Place) -> None:
    on = host(place)
    doubles = component(place, on, model(place, archive("2")))
    triples = component(place, on, model(place, archive("3")))
    assert invoke(place, on, "7", InferenceComponentName=doubles) == "14.0"
    assert invoke(place, on, "7", InferenceComponentName=triples) == "21.0"
    listed = place.sagemaker.list_inference_components(
        EndpointNameEquals=on, VariantNameEquals="AllTraffic", SortBy="Name"
    )
    assert {each["InferenceComponentName"] for each in listed["InferenceComponents"]} == {doubles, triples}


def test_what_it_says_goes_into_a_log_group_of_its_own(place: Place) -> None:
    name, logs = component(place, host(place), model(place)), place.aws.client("logs")
    group = f"/aws/sagemaker/InferenceComponents/{name}"
    with pytest.raises(ClientError, match=re.escape(group)):
        invoke(place, shown(place, name)["EndpointName"], "break", InferenceComponentName=name)
    assert eventually(lambda: logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] or None)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            {},
            "Inference Component Name header is required for endpoints to which you plan to deploy inference "
            "components. Please include Inference Component Name header or consider using SageMaker models.",
        ),
        ({"InferenceComponentName": "unknown"}, "Inference Component unknown of endpoint .* not found"),
    ],
)
def test_a_request_names_its_component(place: Place, header: dict[str, str], words: str) -> None:
    on = host(place)
    with pytest.raises(ClientError, match=rf"ValidationError.*{words}"):
        invoke(place, on, "7", **header)


def test_an_endpoint_with_a_model_has_no_components(place: Place) -> None:
    served = model(place)
    name = endpoint(place, config(place, served))["EndpointName"]
    words = "header is not allowed for endpoints to which you dont plan to deploy inference components"
    with pytest.raises(ClientError, match=rf"ValidationError.*{words}"):
        invoke(place, name, "7", InferenceComponentName="any")
    with pytest.raises(ClientError, match=r"ValidationException.*hosts models"):
        component(place, name, served)
    with pytest.raises(ClientError, match=r"ValidationException.*from its begin on"):
        place.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=host_config(place))


def test_without_a_copy_a_request_is_refused_and_counted(place: Place) -> None:
    on = host(place)
    name = component(place, on, model(place))
    set_copies(place, name, 0)
    assert instances(place, on) == 0
    with pytest.raises(ClientError, match=re.escape(NO_COPY)) as refused:
        invoke(place, on, "7", InferenceComponentName=name)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    cloudwatch, alarm = place.aws.client("cloudwatch"), unique("alarm")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        MetricName="NoCapacityInvocationFailures",
        Dimensions=[{"Name": "InferenceComponentName", "Value": name}],
        **ALARM,
    )
    (rings,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert rings["StateValue"] == "ALARM"
    set_copies(place, name, 2)
    assert invoke(place, on, "7", InferenceComponentName=name) == "14.0"
    runtime = shown(place, name)["RuntimeConfig"]
    assert (runtime["DesiredCopyCount"], runtime["CurrentCopyCount"]) == (2, 2)


def test_instances_come_and_go_with_the_copies(place: Place) -> None:
    on = host(place, least=1, most=3)
    name = component(place, on, model(place), memory_mb=5000)
    assert instances(place, on) == 1
    set_copies(place, name, 3)
    assert instances(place, on) == 3
    set_copies(place, name, 0)
    assert instances(place, on) == 1


@pytest.mark.parametrize("kept", [{"memory_mb": 9000}, {"cpus": 2.5}])
def test_a_copy_larger_than_an_instance_has_no_place(place: Place, kept: dict[str, Any]) -> None:
    failed = shown(place, component(place, host(place), model(place), **kept))
    assert failed["InferenceComponentStatus"] == "Failed"
    assert failed["FailureReason"].startswith("There is not enough hardware resources on the instances")


def test_copies_that_find_no_place_do_not_come(place: Place) -> None:
    on = host(place)
    first = component(place, on, model(place), memory_mb=4096)
    second = component(place, on, model(place), memory_mb=4096)
    set_copies(place, second, 2)
    kept = shown(place, second)
    assert (kept["InferenceComponentStatus"], kept["RuntimeConfig"]["CurrentCopyCount"]) == ("InService", 1)
    assert kept["FailureReason"].startswith("There is not enough hardware resources")
    set_copies(place, first, 0)
    set_copies(place, second, 2)
    assert shown(place, second)["RuntimeConfig"]["CurrentCopyCount"] == 2


def update(place: Place, name: str, model_name: str, alarm: str | None = None, **policy: Any) -> Any:
    step = {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50}, "WaitIntervalInSeconds": 180}
    deployment: dict[str, Any] = {"RollingUpdatePolicy": step | policy}
    if alarm:
        deployment["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": alarm}]}
    place.sagemaker.update_inference_component(
        InferenceComponentName=name, Specification=specification(model_name), DeploymentConfig=deployment
    )
    return shown(place, name)


def test_an_update_changes_the_model_of_one_component(place: Place) -> None:
    on = host(place)
    name, other = component(place, on, model(place), 2), component(place, on, model(place))
    quintuples = model(place, archive("5"))
    updated = update(place, name, quintuples)
    assert updated["Specification"]["ModelName"] == quintuples
    assert updated["LastDeploymentConfig"]["RollingUpdatePolicy"]["WaitIntervalInSeconds"] == 180
    assert updated["RuntimeConfig"]["CurrentCopyCount"] == 2
    assert invoke(place, on, "7", InferenceComponentName=name) == "35.0"
    assert invoke(place, on, "7", InferenceComponentName=other) == "14.0"


def test_an_update_is_taken_back_when_an_alarm_rings(place: Place) -> None:
    on = host(place)
    served = model(place)
    name, alarm = component(place, on, served), unique("alarm")
    cloudwatch = place.aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        MetricName="Invocation5XXErrors",
        Dimensions=[{"Name": "InferenceComponentName", "Value": name}],
        **ALARM,
    )
    with pytest.raises(ClientError, match="ModelError"):
        invoke(place, on, "break", InferenceComponentName=name)
    eventually(
        lambda: cloudwatch.describe_alarms(AlarmNames=[alarm], StateValue="ALARM")["MetricAlarms"] or None
    )
    kept = update(place, name, model(place, archive("5")), alarm)
    assert (kept["InferenceComponentStatus"], kept["Specification"]["ModelName"]) == ("InService", served)
    assert alarm in kept["FailureReason"]
    assert invoke(place, on, "7", InferenceComponentName=name) == "14.0"


def test_a_version_that_does_not_start_changes_nothing(place: Place) -> None:
    on = host(place)
    served = model(place)
    name = component(place, on, served)
    kept = update(place, name, model(place, archive("no number")))
    assert kept["Specification"]["ModelName"] == served
    assert "did not pass the ping health check" in kept["FailureReason"]
    assert invoke(place, on, "7", InferenceComponentName=name) == "14.0"


@pytest.mark.parametrize(
    "size", [{"Type": "CAPACITY_PERCENT", "Value": 60}, {"Type": "COPY_COUNT", "Value": 2}]
)
def test_a_step_is_half_of_the_copies_at_most(place: Place, size: dict[str, Any]) -> None:
    name = component(place, host(place), model(place), 2)
    with pytest.raises(ClientError, match=r"ValidationException.*between 5% and 50% of the copy count"):
        update(place, name, model(place), MaximumBatchSize=size)


def test_a_name_is_free_when_its_component_is_deleted(place: Place) -> None:
    on, served = host(place), model(place)
    name = component(place, on, served)
    asked = {
        "InferenceComponentName": name,
        "EndpointName": on,
        "VariantName": "AllTraffic",
        "Specification": specification(served),
        "RuntimeConfig": {"CopyCount": 1},
    }
    with pytest.raises(ClientError, match=r"ValidationException.*already existing inference component"):
        place.sagemaker.create_inference_component(**asked)
    place.sagemaker.delete_inference_component(InferenceComponentName=name)
    with pytest.raises(ClientError, match=r"ValidationException.*Could not find inference component"):
        place.sagemaker.describe_inference_component(InferenceComponentName=name)
    place.sagemaker.create_inference_component(**asked)
    words = "Cannot delete inference component .* while it is in state CREATE_IN_PROGRESS"
    with pytest.raises(ClientError, match=words):
        place.sagemaker.delete_inference_component(InferenceComponentName=name)
    assert shown(place, name)["InferenceComponentStatus"] == "InService"


def test_a_component_outlives_its_endpoint_and_answers_nobody(place: Place) -> None:
    on = host(place)
    name = component(place, on, model(place))
    place.sagemaker.delete_endpoint(EndpointName=on)
    left = shown(place, name)
    assert (left["InferenceComponentStatus"], left["EndpointName"]) == ("InService", on)
    with pytest.raises(ClientError, match=r"ValidationError.*not found"):
        invoke(place, on, "7", InferenceComponentName=name)
    place.sagemaker.delete_inference_component(InferenceComponentName=name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ExecutionRoleArn": None}, "ExecutionRoleArn is required"),
        ({"AsyncInferenceConfig": {"OutputConfig": {}}}, "AsyncInferenceConfig is not supported for"),
        (
            {
                "DataCaptureConfig": {
                    "InitialSamplingPercentage": 100,
                    "DestinationS3Uri": "s3://bucket",
                    "CaptureOptions": [{"CaptureMode": "Input"}],
                }
            },
            "DataCaptureConfig is not supported for inference components",
        ),
    ],
)
def test_a_configuration_that_hosts_components_is_refused_what_it_cannot_have(
    place: Place, changes: dict[str, Any], words: str
) -> None:
    asked = {"ExecutionRoleArn": place.role_arn} | changes
    given = {name: value for name, value in asked.items() if value is not None}
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    with pytest.raises(ClientError, match=f"ValidationException.*{words}"):
        place.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant], **given
        )


def test_a_configuration_with_a_model_has_nothing_of_components(place: Place) -> None:
    served = model(place)
    with pytest.raises(ClientError, match="EnableNetworkIsolation can only be used without a ModelName"):
        config(place, served, EnableNetworkIsolation=True)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": served,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 1},
    }
    with pytest.raises(ClientError, match="only if it hosts inference components"):
        place.sagemaker.create_endpoint_config(
            EndpointConfigName=unique("config"), ProductionVariants=[variant]
        )


def test_who_may_ask_one_component_may_not_ask_another(place: Place) -> None:
    on = host(place)
    mine, others = (component(place, on, model(place)) for _ in range(2))
    account = place.role_arn.split(":")[4]
    base = f"arn:aws:sagemaker:us-east-1:{account}:"
    allowed = [f"{base}endpoint/{on}", f"{base}inference-component/{mine}"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": allowed}],
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = place.role(unique("caller"), policy, trust)
    assumed = place.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="caller")["Credentials"]
    runtime = place.aws.client("sagemaker-runtime", Credentials.from_sts(assumed))
    asked = {"EndpointName": on, "ContentType": "text/csv", "Body": "7"}
    assert runtime.invoke_endpoint(**asked, InferenceComponentName=mine)["Body"].read() == b"14.0"
    with pytest.raises(ClientError, match=f"AccessDenied.*inference-component/{others}"):
        runtime.invoke_endpoint(**asked, InferenceComponentName=others)
