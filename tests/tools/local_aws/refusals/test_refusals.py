"""What AWS refuses, the embedded AWS refuses: a corpus of requests with AWS's code and words."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import careless
from tests.tools.local_aws.refusals.corpus import Row, collected, generated
from tests.tools.local_aws.refusals.known import KNOWN_TO_DIFFER
from tests.tools.local_aws.refusals.world import make_world
from tools.local_aws.process import LocalAws

ROOT = Path(__file__).resolve().parents[4]
COLLECTED, GENERATED = collected(), generated()
ROWS = COLLECTED | GENERATED


@pytest.fixture(scope="module")
def world(local_aws: LocalAws) -> dict[str, str]:
    return make_world(local_aws)


def outcome(aws: LocalAws, row: Row, world: dict[str, str]) -> str:
    """`as AWS`, or what happens instead."""
    request, message = row.fill(world)
    with careless(aws, row.service) as client:
        try:
            getattr(client, row.call)(**request)
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] != row.code:
                return f"code {told['Code']}"
            return "as AWS" if message in told.get("Message", "") else "other words"
    return "accepted"


@pytest.mark.parametrize("row", ROWS)
def test_it_is_refused_as_aws_refuses_it(local_aws: LocalAws, world: dict[str, str], row: str) -> None:
    assert outcome(local_aws, ROWS[row], world) == KNOWN_TO_DIFFER.get(row, "as AWS")


def test_what_differs_is_in_the_corpus() -> None:
    assert KNOWN_TO_DIFFER.keys() <= ROWS.keys()


def test_the_corpus_is_large_and_most_of_its_services_are_collected() -> None:
    assert len(COLLECTED) >= 150
    assert len(ROWS) >= 500


def test_the_readme_counts_the_corpus() -> None:
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    as_aws = len(ROWS) - len(KNOWN_TO_DIFFER)
    assert f"Of {len(ROWS)} requests that AWS is known to refuse ({len(COLLECTED)} collected from" in readme
    assert f"{len(GENERATED)} made from botocore's models) it refuses {as_aws} as AWS does" in readme


def test_every_row_names_its_source() -> None:
    assert all(row.source.startswith(("https://", "botocore ")) for row in ROWS.values())
