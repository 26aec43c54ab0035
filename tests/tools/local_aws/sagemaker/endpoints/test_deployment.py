"""Endpoints change over without a gap, or keep what they had."""

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import (
    archive,
    config,
    described,
    endpoint,
    invoke,
    model,
)
from tests.tools.local_aws.sagemaker.helpers import Place


def test_an_update_changes_the_model_and_a_failing_one_keeps_the_old(place: Place) -> None:
    name = endpoint(place, config(place, model(place)))["EndpointName"]
    tripling = config(place, model(place, archive(factor="3")))
    place.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=tripling)
    updated = described(place, name)
    assert (updated["EndpointStatus"], updated["EndpointConfigName"]) == ("InService", tripling)
    assert invoke(place, name, "1") == "3.0"

    broken = config(place, model(place, b"no archive"))
    place.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=broken)
    kept = described(place, name)
    assert (kept["EndpointStatus"], kept["EndpointConfigName"]) == ("InService", tripling)
    assert "Failed to extract model data" in kept["FailureReason"]
    assert invoke(place, name, "1") == "3.0"


def test_an_alarm_rolls_an_update_back(place: Place) -> None:
    alarm = unique("alarm")
    cloudwatch = place.aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        MetricName="errors",
        Namespace=alarm,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.put_metric_data(Namespace=alarm, MetricData=[{"MetricName": "errors", "Value": 1}])
    old = config(place, model(place))
    name = endpoint(place, old)["EndpointName"]
    canary = {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}}
    place.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=config(place, model(place, archive(factor="3"))),
        DeploymentConfig={
            "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": canary | {"WaitIntervalInSeconds": 60}},
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
        },
    )
    kept = described(place, name)
    assert kept["EndpointConfigName"] == old
    assert f"alarms are in alarm state: {alarm}" in kept["FailureReason"]


def test_instance_counts_and_steps_survive_an_update_that_retains_them(place: Place) -> None:
    whole = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 30}
    deployment = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": whole}}
    name = endpoint(place, config(place, model(place)), DeploymentConfig=deployment)["EndpointName"]
    change = {"VariantName": "AllTraffic", "DesiredInstanceCount": 2}
    place.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[change]
    )
    described(place, name)
    place.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=config(place, model(place)),
        RetainAllVariantProperties=True,
        RetainDeploymentConfig=True,
    )
    updated = described(place, name)
    assert updated["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert updated["LastDeploymentConfig"] == deployment
