"""What the choice of a model and off-hours make of one endpoint."""

import pytest

from tests.stacks.cloud import Cloud, Resource


def the_one(cloud: Cloud, type_name: str) -> Resource:
    (found,) = cloud.stack("dev-house-prices-serving").of_type(type_name)
    return found


@pytest.mark.parametrize(
    ("kind", "pinned", "latest"),
    [
        ("serving", "existing-house-prices", "matrix-linear-steps"),
        ("monitoring", "matrix-challenged", "matrix-overnight"),
        ("monitoring", "existing-house-prices", "matrix-linear-steps"),
    ],
)
def test_a_pinned_version_and_the_latest_approved_make_the_same_resources(
    sample: Cloud, kind: str, pinned: str, latest: str
) -> None:
    """Whoever watches: our own monitor of the use cases of the second pair, Model Monitor of the others."""
    one, other = (
        sorted(resource.type for resource in sample.stack(f"{use_case}-{kind}").resources)
        for use_case in (pinned, latest)
    )
    assert one == other


def test_off_hours_an_endpoint_runs_on_one_instance_and_may_grow_again_afterwards(limited: Cloud) -> None:
    target = the_one(limited, "AWS::ApplicationAutoScaling::ScalableTarget")
    rest, work = target.get("ScheduledActions")
    assert rest["Schedule"] == "cron(0 19 ? * MON-FRI *)"
    assert rest["ScalableTargetAction"] == {"MinCapacity": 1, "MaxCapacity": 1}
    assert work["Schedule"] == "cron(0 7 ? * MON-FRI *)"
    assert work["ScalableTargetAction"] == {"MinCapacity": 2, "MaxCapacity": 2}
    assert rest["Timezone"] == work["Timezone"] == "Europe/Berlin"


def test_an_endpoint_that_rests_is_updated_all_at_once(limited: Cloud) -> None:
    """A canary takes half of a fleet, which one instance is not."""
    endpoint = the_one(limited, "AWS::SageMaker::Endpoint")
    policy = endpoint.get("DeploymentConfig", "BlueGreenUpdatePolicy")
    assert policy["TrafficRoutingConfiguration"]["Type"] == "ALL_AT_ONCE"
