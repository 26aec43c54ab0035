"""One embedded AWS for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.tools.local_aws.aws import ACCOUNT
from tools.local_aws.process import LocalAws


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    log_path = tmp_path_factory.mktemp("local-aws") / "server.log"
    with LocalAws(account=ACCOUNT, region="us-east-1", log_path=log_path) as aws:
        yield aws
