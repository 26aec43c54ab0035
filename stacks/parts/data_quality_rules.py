"""From a use case's columns to its data quality rules in DQDL, as text.

Glue's Data Quality Definition Language: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html
"""

from collections.abc import Callable

from config.settings import UseCase
from config.values.columns import catalog_name

# Missing cells are no numbers, and preprocessing judges every cell itself; a column of which less than half
# is numeric holds something else.
_NUMERIC_SHARE = 0.5


def data_quality_rules(use_case: UseCase, named: Callable[[str], str] = catalog_name) -> str:
    """The ruleset that raw data of a use case must satisfy, by the names of columns in the Glue catalog."""
    names = {column: named(column) for column in use_case.columns}
    target = names[use_case.target]
    rules = [
        "RowCount > 0",
        *(f'ColumnExists "{name}"' for name in names.values()),
        *_target_rules(use_case, target),
        *(
            f'ColumnDataType "{names[column]}" = "Double" with threshold > {_NUMERIC_SHARE}'
            for column in use_case.features.numeric
        ),
    ]
    lines = ",\n".join(f"    {rule}" for rule in rules)
    return f"Rules = [\n{lines}\n]"


def _target_rules(use_case: UseCase, target: str) -> list[str]:
    rules = [f'IsComplete "{target}"'] if use_case.rows_without_target == "error" else []
    if use_case.problem == "binary-classification":
        return [*rules, f'DistinctValuesCount "{target}" = 2']
    if use_case.problem == "multiclass-classification":
        return [*rules, f'DistinctValuesCount "{target}" > 2']
    rules.append(f'ColumnDataType "{target}" = "Double"')
    if use_case.target_transform == "log":
        # Text has no order of numbers, and CSV is text.
        number = f"cast(`{target.replace('`', '``')}` as double)"
        rules.append(f'CustomSql "select count(*) from primary where {number} <= 0" = 0')  # noqa: S608
    return rules
