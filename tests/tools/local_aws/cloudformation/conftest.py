import pytest

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.cloudformation.helpers import Aws
from tools.local_aws.process import LocalAws


@pytest.fixture(scope="session")
def aws(local_aws: LocalAws) -> Aws:
    return Aws(local_aws.client)


@pytest.fixture
def name() -> str:
    """A stack name no other test uses."""
    return unique("stack")
