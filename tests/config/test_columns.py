"""Names of columns that a part of AWS could not take are told before anything is synthesized."""

from typing import TYPE_CHECKING

import pytest

from config.values.columns import LONGEST_ARGUMENT, MOST_ARGUMENTS, MOST_CHUNKS
from tests.config.catalogue import DEV, RENTS, Change, Example, Set, elsewhere, in_rents, refuse

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

CATALOG, STORE = Set(DEV, "catalog", {}), Set(DEV, "catalog", {"feature_store": "offline"})
LONG_NAMES = [f"column_{number:03}_{'x' * 53}" for number in range(150)]


def numeric(column: str) -> Change:
    return Set(RENTS, "features.numeric", ["Area", column])


def told(column: str, option: Change, *words: str) -> Example:
    return elsewhere(
        f'use_cases/rents.yaml: features.numeric[1]: "{column}"', (numeric(column), option), *words
    )


EXAMPLES = [
    told(
        "area",
        CATALOG,
        "would be area in the catalog that config/environments/dev.yaml switches on, like Area",
    ),
    told("RENT", CATALOG, "would be rent", "like Rent", "rename the column"),
    told("Execution", CATALOG, "would be execution", "names that differ in more than case"),
    told("record_id", STORE, "cannot be a feature", "not record_id, event_time"),
    told("Event_Time", STORE, "cannot be a feature"),
    told("(%)", STORE, "cannot be a feature", "names that differ in letters or digits"),
    elsewhere(
        'use_cases/rents.yaml: features.numeric[1]: "area (%)"',
        (
            Set(RENTS, "features.numeric", ["area %", "area (%)"]),
            Set(RENTS, "drift.features", ["area %"]),
            STORE,
        ),
        "cannot be a feature",
    ),
    in_rents('features.numeric[1]: "a\\"b"', "features.numeric", ["Area", 'a"b'], "data quality rule"),
    in_rents('features.numeric[1]: "a\\\\b"', "features.numeric", ["Area", "a\\b"], "data quality rule"),
    in_rents('target: "${Token[TOKEN.1]}"', "target", "${Token[TOKEN.1]}", "where CDK would fill in"),
    in_rents('target: "${x}"', "target", "${x}", "holds a variable, which nothing fills in"),
    in_rents('target: "${x"', "target", "${x", "a template"),
    elsewhere(
        "use_cases/rents.yaml: features: 150: ",
        (
            Set(RENTS, "features", {"numeric": LONG_NAMES[:149], "categorical": ["Area"]}),
            Set(RENTS, "drop", {}),
        ),
        "whose names fill 51 arguments of a job",
        "39 arguments of 256 characters",
        "shorten their names",
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.beginning[30:80] for example in EXAMPLES])
def test_a_mistake_is_told_where_it_is(example: Example, workspace: "Workspace") -> None:
    refuse(example, workspace)


@pytest.mark.parametrize("column", ["area", "Execution", "record_id", "price (EUR)"])
def test_a_name_is_free_where_no_catalog_needs_it(column: str, workspace: "Workspace") -> None:
    numeric(column).make(workspace)
    assert column in workspace.load().use_cases["rents"].columns


def test_arguments_that_name_columns_leave_room_for_the_others() -> None:
    assert 2 * MOST_CHUNKS + 22 == MOST_ARGUMENTS
    assert LONGEST_ARGUMENT == 256
