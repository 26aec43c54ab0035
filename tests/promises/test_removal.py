"""What is left when an environment is removed is left for a reason that people are told."""

from tests.stacks.cloud import Cloud
from tools.destroy.staying import WHY, is_kept


def test_every_type_that_outlives_its_stack_has_a_reason(cloud: Cloud) -> None:
    assert {found.type for found in cloud.resources if is_kept(found.body)} - WHY.keys() == set()
