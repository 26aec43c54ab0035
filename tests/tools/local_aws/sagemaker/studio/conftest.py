"""A domain for every file of tests."""

import pytest

from tests.tools.local_aws.sagemaker.helpers import Place
from tests.tools.local_aws.sagemaker.studio.helpers import Studio, open_studio


@pytest.fixture(scope="module")
def studio(place: Place) -> Studio:
    return open_studio(place)


@pytest.fixture(scope="module")
def domain(studio: Studio) -> str:
    """A domain with one user profile, `ada`."""
    domain_id = studio.domain()
    studio.profile(domain_id)
    return domain_id
