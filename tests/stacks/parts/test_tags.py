"""What a changed tag replaces is written down where people look before they change one."""

import re
from pathlib import Path

from config.settings import Deployment, Environment, Settings
from tests.stacks.synthesis import synthesized
from tools.local_aws.cloudformation.schemas import resource_schema

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


def _with_model_monitor(deployment: Deployment) -> Deployment:
    monitoring = deployment.monitoring.model_copy(update={"engine": "model-monitor", "ground_truth": None})
    return deployment.model_copy(update={"monitoring": monitoring, "retraining": None})


def test_operations_names_everything_that_a_changed_tag_replaces(
    sample_settings: Settings, dev: Environment, tmp_path: Path
) -> None:
    watched = {name: _with_model_monitor(deployment) for name, deployment in dev.use_cases.items()}
    dev = dev.model_copy(update={"use_cases": watched})
    changed = dev.model_copy(update={"tags": {"cost-center": "other"}})
    before = synthesized(sample_settings, tmp_path / "before", dev)
    after = synthesized(sample_settings, tmp_path / "after", changed)
    new = {str(resource): resource for resource in after.resources}
    replaced = set()
    for resource in before.resources:
        schema = resource_schema(resource.type)
        assert schema, resource
        if schema.replacing(resource.properties, new[str(resource)].properties):
            replaced.add(resource.type)
    assert "AWS::SageMaker::DataQualityJobDefinition" in replaced
    table = OPERATIONS.read_text("utf-8").partition("## Tags")[2].partition("`cdk diff")[0]
    assert replaced == set(re.findall(r"^\| `(AWS::\S+)` ", table, re.MULTILINE))
