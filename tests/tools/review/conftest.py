"""Stacks of the sample, as a review reads them: what a fork deploys has nothing to do with it."""

from typing import TYPE_CHECKING

import pytest

from tools.review.stacks import Stack, of_templates

if TYPE_CHECKING:
    from tests.stacks.cloud import Cloud


@pytest.fixture(scope="session")
def of_the_sample(sample: "Cloud") -> dict[str, Stack]:
    """Those of `dev` and `prod`, and of the matrix of every way to serve, to watch and to update."""
    found: dict[str, Stack] = {}
    for name in ("dev", "prod", "matrix"):
        templates = {each.short_name: each.body for each in sample.templates if each.environment == name}
        found |= of_templates(name, templates)
    return found
