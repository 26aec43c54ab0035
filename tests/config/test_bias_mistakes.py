"""Which groups cannot be compared, told before anything is deployed."""

from typing import TYPE_CHECKING

import bias
import pytest
from tabular import Arguments

from stacks.training.pipeline_definition import bias_arguments

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

RENTS = "use_cases/rents"
LARGE = {"column": "Area", "above": 120.5}
INNER = {"column": "District", "values": ["Old Town", "Harbour"]}
BIAS = {"facets": [LARGE, INNER], "positive_above": 2000}


def test_what_is_configured_is_what_the_evaluation_is_asked(workspace: "Workspace") -> None:
    workspace.set(RENTS, "bias", BIAS)
    configured = workspace.load().use_cases["rents"].bias
    assert configured is not None
    parser = Arguments()
    bias.add_arguments(parser)
    read = parser.parse_args(bias_arguments(configured))
    question = bias.asked(read.facet, read.positive_labels, read.positive_above)
    assert question is not None
    large, inner = question.facets
    assert (large.column, large.above, question.above) == ("Area", 120.5, 2000.0)
    assert (inner.column, inner.categories, question.labels) == ("District", ("Old Town", "Harbour"), ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"facets": []}, ["bias.facets: 0", "1 to 10 facets"]),
        ({"facets": [{"column": "Aera", "above": 1}]}, ["bias.facets[0].column", "did you mean Area?"]),
        ({"facets": [{"column": "Rent", "above": 1}]}, ["evaluation has no other columns"]),
        ({"facets": [{"column": "Area"}]}, ["does not say which rows are the group"]),
        ({"facets": [{**LARGE, "values": ["1"]}]}, ["says twice which rows are the group"]),
        ({"facets": [{"column": "Area", "values": ["1"]}]}, ["Area holds numbers", "write above"]),
        ({"facets": [{"column": "District", "above": 1}]}, ["District holds categories", "write values"]),
        ({"facets": [{"column": "District", "values": ["a|b"]}]}, ["cannot be an argument of a job"]),
        ({"positive_above": None}, ["bias.positive_above", "is required for regression"]),
        ({"positive_labels": ["high"]}, ["bias.positive_labels", "says nothing about regression"]),
    ],
)
def test_a_group_that_cannot_be_compared_is_told(
    workspace: "Workspace", changes: dict[str, object], words: list[str]
) -> None:
    given = {key: value for key, value in {**BIAS, **changes}.items() if value is not None}
    workspace.set(RENTS, "bias", given)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines
