"""One embedded AWS for all tests of this folder, and a referee for all that is asked of any."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.tools.local_aws.aws import ACCOUNT
from tests.tools.local_aws.referee import watch
from tools.local_aws.clients import Clients
from tools.local_aws.process import LocalAws


@pytest.fixture(scope="session", autouse=True)
def _referee() -> Iterator[None]:
    create = Clients._create

    def created_and_watched(clients: Clients, *what: Any) -> Any:
        client = create(clients, *what)
        watch(client)
        return client

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clients, "_create", created_and_watched)
        yield


@pytest.fixture(scope="session")
def local_aws(_referee: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    log_path = tmp_path_factory.mktemp("local-aws") / "server.log"
    with LocalAws(account=ACCOUNT, region="us-east-1", log_path=log_path) as aws:
        yield aws
