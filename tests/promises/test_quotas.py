"""What `make doctor` compares with an account's quotas is all that the templates ask for."""

import json
import re
from typing import TYPE_CHECKING

import pytest

from tools.doctor.usage import needs
from tools.synthesized import Synthesized, read_environment

if TYPE_CHECKING:
    from tests.stacks.synthesis import Synthesis

ASKS = ("AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Pipeline", "AWS::StepFunctions::StateMachine")
INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9]+\.[a-z0-9]+")


@pytest.fixture
def synthesized(synthesis: "Synthesis") -> list[Synthesized]:
    return [read_environment(folder) for folder in sorted(synthesis.folder.glob("assembly-*"))]


def test_every_instance_type_that_a_template_names_has_its_quota_compared(
    synthesized: list[Synthesized],
) -> None:
    for environment in synthesized:
        resources = [each for stack in environment.stacks for each in stack.template["Resources"].values()]
        asking = json.dumps([each for each in resources if each["Type"] in ASKS])
        compared = {name.partition(" for ")[0] for name in needs(environment) if name.startswith("ml.")}
        assert compared == set(INSTANCE_TYPE.findall(asking)), environment.name
