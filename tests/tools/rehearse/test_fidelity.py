"""docs/fidelity.md names every operation that the deployed stacks and the rehearsal call."""

import json

import pytest

from tests.kept_rehearsal import Kept
from tests.tools.rehearse.fidelity_page import PAGE, Called, with_operations


@pytest.fixture(scope="module")
def called(kept: Kept) -> Called:
    return dict(json.loads((kept.folder / "operations.json").read_text("utf-8")))


def test_every_operation_that_is_called_is_on_the_page(
    called: Called, request: pytest.FixtureRequest
) -> None:
    page = with_operations(PAGE.read_text("utf-8"), called)
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "run `make snapshots`"


def test_sagemaker_and_cloudformation_are_never_answered_by_moto(called: Called) -> None:
    """Moto answers much of both that nothing stands behind."""
    for service in ("sagemaker", "sagemaker-runtime", "cloudformation"):
        assert set(called[service].values()) == {"ours"}
