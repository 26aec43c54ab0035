"""docs/exceptions.md lists exactly what the stacks acknowledge."""

from pathlib import Path

import pytest

from tests.security.acknowledgements import Acknowledgement, Metadata
from tests.security.exceptions_page import Place, exceptions_page
from tests.stacks.cloud import Cloud

PAGE = Path(__file__).parents[2] / "docs" / "exceptions.md"


@pytest.fixture(scope="module")
def places(shipped: Cloud) -> dict[str, Place]:
    return {
        each.environment: Place(each.environment, each.prefix, each.account, each.region)
        for each in shipped.templates
    }


def test_the_page_is_what_the_stacks_acknowledge(
    assemblies: list[Metadata], places: dict[str, Place], request: pytest.FixtureRequest
) -> None:
    page = exceptions_page(assemblies[0].acknowledgements, places)
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "if the exceptions are intended, run `make snapshots`"


def test_what_holds_in_several_environments_is_one_line() -> None:
    places = {
        "dev": Place("dev", "a-dev", "111111111111", "us-east-1"),
        "prod": Place("prod", "a-prod", "222222222222", "eu-west-1"),
    }
    finding = "AwsSolutions-IAM5[Resource::arn:aws:sagemaker:{}:{}:pipeline/a-{}-*]"
    acknowledgements = [
        Acknowledgement(
            finding.format(place.region, place.account, name), f"{name}/foundation/Policy", "Names differ."
        )
        for name, place in places.items()
    ]
    page = exceptions_page(acknowledgements, places)
    assert page.endswith(
        "## AwsSolutions-IAM5\n\n"
        "| Resource | What | Where | Why |\n"
        "|---|---|---|---|\n"
        "| `foundation/Policy` | resource "
        "`arn:aws:sagemaker:<region>:<account>:pipeline/<prefix>-*` | dev, prod | Names differ. |\n"
    )
