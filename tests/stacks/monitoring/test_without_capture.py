"""Whose traffic is not captured is not watched: nothing runs every hour to find nothing."""

import pytest

from config.settings import Deployment, Settings
from stacks.stage import build_app
from tests.stacks.cloud import Cloud, read_assembly


def _without_capture(deployment: Deployment) -> Deployment:
    blind = deployment.monitoring.model_copy(
        update={"capture_percentage": 0, "because": "nobody may look", "ground_truth": None}
    )
    return deployment.model_copy(update={"model": "latest-approved", "monitoring": blind})


@pytest.fixture(scope="module")
def unwatched(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    environment = settings.environments[0]
    use_cases = {name: _without_capture(one) for name, one in environment.use_cases.items()}
    blind = environment.model_copy(update={"use_cases": use_cases})
    folder = tmp_path_factory.mktemp("unwatched")
    build_app(settings.model_copy(update={"environments": (blind,)}), outdir=str(folder)).synth()
    return Cloud(read_assembly(folder))


def test_there_is_no_schedule_job_definition_or_drift_alarm(unwatched: Cloud) -> None:
    monitoring = [each for each in unwatched.templates if each.short_name.endswith("-monitoring")]
    assert monitoring
    for template in monitoring:
        assert {resource.type for resource in template.resources} == {"AWS::CloudWatch::Dashboard"}
        assert template.section("Outputs")["MonitoringScheduleName"]["Value"] == "none"


def test_the_dashboard_shows_no_drift(unwatched: Cloud) -> None:
    for dashboard in unwatched.of_type("AWS::CloudWatch::Dashboard"):
        assert "Drift" not in str(dashboard.get("DashboardBody")), dashboard


def test_a_release_still_finds_the_parameter_that_it_sets(unwatched: Cloud) -> None:
    for template in unwatched.templates:
        if template.short_name.endswith("-monitoring"):
            assert list(template.section("Parameters")) == ["ModelVersion"]
            assert template.section("Conditions") == {}
            assert template.section("Outputs")["DeployedModelVersion"]["Value"] == {"Ref": "ModelVersion"}
