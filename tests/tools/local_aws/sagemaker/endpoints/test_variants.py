"""Several versions behind one endpoint: by weight, by name, or as a shadow that nobody hears."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import (
    INFERENCE,
    archive,
    capture_config,
    config,
    described,
    endpoint,
    invoke,
    model,
)
from tests.tools.local_aws.sagemaker.helpers import Place

FAILING_AT_SEVEN = INFERENCE.replace('body == "break"', 'body in ("break", "7")')
HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


def variant(name: str, model_name: str, weight: float, instances: int = 1) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model_name,
        "InitialInstanceCount": instances,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": weight,
    }


def several(place: Place, *variants: dict[str, Any], **more: Any) -> str:
    name = unique("config")
    place.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **more)
    return name


@pytest.fixture(scope="module")
def models(place: Place) -> tuple[str, str]:
    """One doubles what it is asked, the other one triples it."""
    return model(place), model(place, archive("3"))


@pytest.fixture(scope="module")
def compared(place: Place, models: tuple[str, str]) -> str:
    """The challenger has a fifth of the weight."""
    both = several(place, variant("AllTraffic", models[0], 4), variant("Challenger", models[1], 1))
    return str(endpoint(place, both)["EndpointName"])


@pytest.fixture(scope="module")
def shadowed(place: Place, models: tuple[str, str]) -> tuple[str, str]:
    """An endpoint whose shadow is sent everything, and the prefix of what it captures."""
    prefix = unique("capture")
    name = several(
        place,
        variant("AllTraffic", models[0], 1),
        ShadowProductionVariants=[variant("Shadow", model(place, archive("3", FAILING_AT_SEVEN)), 1)],
        DataCaptureConfig=capture_config(place, prefix),
    )
    return str(endpoint(place, name)["EndpointName"]), prefix


def asked(place: Place, name: str, times: int) -> Counter[tuple[str, str]]:
    """How often which variant gave which answer."""
    runtime = place.aws.client("sagemaker-runtime")
    answers = [
        runtime.invoke_endpoint(EndpointName=name, Body="1", ContentType="text/csv") for _ in range(times)
    ]
    return Counter((each["InvokedProductionVariant"], each["Body"].read().decode()) for each in answers)


def weights(place: Place, name: str) -> dict[str, float]:
    found = described(place, name)["ProductionVariants"]
    return {each["VariantName"]: each["CurrentWeight"] for each in found}


def test_requests_go_to_variants_by_their_weights(place: Place, compared: str) -> None:
    found = asked(place, compared, 100)
    assert found.keys() == {("AllTraffic", "2.0"), ("Challenger", "3.0")}
    # Of a hundred with a chance of a fifth, fewer than 4 or more than 42 happen less than once in a million.
    assert 4 <= found["Challenger", "3.0"] <= 42


def test_a_request_may_name_its_variant(place: Place, compared: str) -> None:
    assert {invoke(place, compared, "1", TargetVariant="Challenger") for _ in range(5)} == {"3.0"}


def test_weights_change_all_or_none_while_the_endpoint_is_updating_and_stays(
    place: Place, compared: str
) -> None:
    change, sagemaker = place.sagemaker.update_endpoint_weights_and_capacities, place.sagemaker
    none = {"VariantName": "Other", "DesiredWeight": 1}
    first = {"VariantName": "AllTraffic", "DesiredWeight": 0}
    with pytest.raises(ClientError, match="Variant Other does not exist"):
        change(EndpointName=compared, DesiredWeightsAndCapacities=[first, none])
    assert weights(place, compared) == {"AllTraffic": 4, "Challenger": 1}

    change(EndpointName=compared, DesiredWeightsAndCapacities=[first])
    shown = sagemaker.describe_endpoint(EndpointName=compared)
    assert (shown["EndpointStatus"], shown["ProductionVariants"][0]["DesiredWeight"]) == ("Updating", 0)
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        change(EndpointName=compared, DesiredWeightsAndCapacities=[first])
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName=compared)
    assert weights(place, compared) == {"AllTraffic": 0, "Challenger": 1}
    assert asked(place, compared, 10) == {("Challenger", "3.0"): 10}
    change(EndpointName=compared, DesiredWeightsAndCapacities=[first | {"DesiredWeight": 4}])
    assert weights(place, compared) == {"AllTraffic": 4, "Challenger": 1}


def test_weights_of_the_new_configuration_count_where_they_are_not_retained(
    place: Place, compared: str, models: tuple[str, str]
) -> None:
    even = several(place, variant("AllTraffic", models[0], 1), variant("Challenger", models[1], 1))
    place.sagemaker.update_endpoint(
        EndpointName=compared,
        EndpointConfigName=even,
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
    )
    assert weights(place, compared) == {"AllTraffic": 1, "Challenger": 1}


def captured(place: Place, folder: str) -> list[str]:
    """The answers in the files of a folder."""
    listed = place.s3.list_objects_v2(Bucket=place.bucket, Prefix=folder).get("Contents", [])
    lines = [line for item in listed for line in place.read(item["Key"]).splitlines()]
    return [json.loads(line)["captureData"]["endpointOutput"]["data"] for line in lines]


def test_a_shadow_is_asked_and_captured_and_never_heard(place: Place, shadowed: tuple[str, str]) -> None:
    name, prefix = shadowed
    assert asked(place, name, 3) == {("AllTraffic", "2.0"): 3}
    eventually(lambda: len(captured(place, f"{prefix}/{name}/")) == 6)
    assert captured(place, f"{prefix}/{name}/AllTraffic/") == ["2.0"] * 3
    assert captured(place, f"{prefix}/{name}/Shadow/") == ["3.0"] * 3
    shown = place.sagemaker.describe_endpoint(EndpointName=name)
    assert [each["VariantName"] for each in shown["ProductionVariants"]] == ["AllTraffic"]
    assert [each["VariantName"] for each in shown["ShadowProductionVariants"]] == ["Shadow"]
    with pytest.raises(ClientError, match="Variant Shadow of endpoint"):
        invoke(place, name, "1", TargetVariant="Shadow")


def test_a_shadow_that_fails_is_measured_and_harms_nobody(place: Place, shadowed: tuple[str, str]) -> None:
    name, _ = shadowed
    assert invoke(place, name, "7") == "14.0"
    read = partial(
        place.aws.client("cloudwatch").get_metric_statistics,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        StartTime=datetime.now(UTC) - timedelta(minutes=10),
        EndTime=datetime.now(UTC) + timedelta(minutes=10),
        Period=3600,
        Statistics=["Sum"],
    )

    def errors(variant_name: str) -> float:
        dimensions = {"EndpointName": name, "VariantName": variant_name}
        points = read(Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()])
        return float(sum(point["Sum"] for point in points["Datapoints"]))

    assert eventually(lambda: errors("Shadow")) > 0
    assert errors("AllTraffic") == 0


def test_a_shadow_is_sent_the_part_that_its_weight_is_of_the_other_one(
    place: Place, shadowed: tuple[str, str]
) -> None:
    name, prefix = shadowed
    place.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "Shadow", "DesiredWeight": 0}]
    )
    described(place, name)
    before = len(captured(place, f"{prefix}/{name}/"))
    asked(place, name, 3)
    eventually(lambda: len(captured(place, f"{prefix}/{name}/")) == before + 3)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"RollingUpdatePolicy": {"MaximumBatchSize": HALF, "WaitIntervalInSeconds": 60}}, "multi-variant"),
        (
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {
                        "Type": "CANARY",
                        "WaitIntervalInSeconds": 60,
                        "CanarySize": HALF,
                    }
                }
            },
            "needs the same variant names .*: AllTraffic, Challenger and AllTraffic",
        ),
        (
            {
                "BlueGreenUpdatePolicy": {
                    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}
                }
            },
            "needs the same variant names .*: AllTraffic, Challenger and AllTraffic",
        ),
    ],
)
def test_guardrails_are_between_the_same_variants_only(
    place: Place, compared: str, models: tuple[str, str], policy: dict[str, Any], words: str
) -> None:
    alone = config(place, models[0])
    with pytest.raises(ClientError, match=words):
        place.sagemaker.update_endpoint(
            EndpointName=compared, EndpointConfigName=alone, DeploymentConfig=policy
        )


@pytest.mark.parametrize("who", ["compared", "shadowed"])
def test_a_variant_that_scales_is_not_removed(
    place: Place, models: tuple[str, str], who: str, request: pytest.FixtureRequest
) -> None:
    found = request.getfixturevalue(who)
    name = found if isinstance(found, str) else found[0]
    removed = "Challenger" if who == "compared" else "Shadow"
    target = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": f"endpoint/{name}/variant/{removed}",
    }
    scaling = place.aws.client("application-autoscaling")
    scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    alone = config(place, models[0])
    with pytest.raises(ClientError, match=rf'"\["{removed}"\]" must be deregistered as scalable targets'):
        place.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=alone)
    scaling.deregister_scalable_target(**target)


def test_without_guardrails_a_variant_goes(place: Place, compared: str, models: tuple[str, str]) -> None:
    place.sagemaker.update_endpoint(EndpointName=compared, EndpointConfigName=config(place, models[0]))
    assert weights(place, compared).keys() == {"AllTraffic"}
