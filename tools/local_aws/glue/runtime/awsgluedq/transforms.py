"""Rules in DQDL, evaluated on rows by plain Spark: of the kinds that this project writes; others are refused.

Kinds and words: https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types.html
Outcomes: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
"""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import DataFrame
from pyspark.sql import functions as columns

from tools.local_aws.glue.dqdl import rules_of

_COMPARISONS = {"=": operator.eq, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_COMPARED = r"(?P<sign>[<>]?=|[<>])\s*(?P<number>[\d.]+)"
_TYPES = {"Double": "double", "Integer": "int", "Long": "bigint"}
_UNMET = "Value: {} does not meet the constraint requirement!"

Measured = tuple[bool, float]


class EvaluateDataQuality:
    """One ruleset on one frame."""

    @classmethod
    def apply(cls, frame: DynamicFrame, ruleset: str, publishing_options: Mapping[str, Any]) -> DynamicFrame:
        """The outcome of every rule. What would be published is not."""
        if any(
            publishing_options.get(f"enableDataQuality{what}")
            for what in ("CloudWatchMetrics", "ResultsPublishing")
        ):
            raise ValueError("The embedded AWS publishes no results of data quality")
        rows = frame.toDF().cache()
        outcomes = [(rule, *_outcome(rule, rows)) for rule in rules_of(ruleset)]
        session = frame.glue_ctx.spark_session
        schema = "Rule string, Outcome string, FailureReason string"
        return DynamicFrame.fromDF(session.createDataFrame(outcomes, schema), frame.glue_ctx, "outcomes")


def _outcome(rule: str, rows: DataFrame) -> tuple[str, str | None]:
    kind, _, rest = rule.partition(" ")
    for form, evaluate in _RULES[kind]:
        if found := re.fullmatch(form, rest.strip(), re.DOTALL):
            named = found.groupdict()
            column = named.get("column")
            if column is not None and column not in rows.columns:
                return (
                    "Failed",
                    f"Column {column} does not exist"
                    if kind == "ColumnExists"
                    else "Input data does not include column " + column + "!",
                )
            holds, value = evaluate(rows, named)
            return ("Passed", None) if holds else ("Failed", _UNMET.format(value))
    raise ValueError(f"The embedded AWS does not evaluate the rule {rule}")


def _compared(value: float, named: Mapping[str, str]) -> Measured:
    return bool(_COMPARISONS[named["sign"]](value, float(named["number"]))), float(value)


def _cell(named: Mapping[str, str]) -> Any:
    return columns.col("`" + named["column"].replace("`", "``") + "`")


def _share(rows: DataFrame, condition: Any, among: Any) -> float:
    """Of the rows that `among` is true of."""
    counted = rows.where(among).select(columns.avg(condition.cast("int"))).first()
    return float(counted[0]) if counted and counted[0] is not None else 1.0


def _data_type(rows: DataFrame, named: Mapping[str, str]) -> Measured:
    is_of_type = _cell(named).cast(_TYPES[named["type"]]).isNotNull()
    share = _share(rows, is_of_type, columns.lit(True))
    return _compared(share, named) if named.get("sign") else (share == 1, share)


def _completeness(rows: DataFrame, named: Mapping[str, str]) -> Measured:
    share = _share(rows, _cell(named).isNotNull(), columns.lit(True))
    return share == 1, share


def _sql(rows: DataFrame, named: Mapping[str, str]) -> Measured:
    rows.createOrReplaceTempView("primary")
    first = rows.sparkSession.sql(named["sql"]).first()
    return _compared(first[0], named)


_COLUMN = r'"(?P<column>[^"]+)"'
_RULES: dict[str, list[tuple[str, Callable[[DataFrame, Mapping[str, str]], Measured]]]] = {
    "RowCount": [(_COMPARED, lambda rows, named: _compared(rows.count(), named))],
    "ColumnExists": [(_COLUMN, lambda *_: (True, 1.0))],
    "IsComplete": [(_COLUMN, _completeness)],
    "DistinctValuesCount": [
        (
            rf"{_COLUMN}\s*{_COMPARED}",
            lambda rows, named: _compared(
                rows.where(_cell(named).isNotNull()).select(_cell(named)).distinct().count(), named
            ),
        )
    ],
    "ColumnDataType": [(rf'{_COLUMN}\s*=\s*"(?P<type>\w+)"(\s+with\s+threshold\s*{_COMPARED})?', _data_type)],
    "CustomSql": [(rf'"(?P<sql>[^"]+)"\s*{_COMPARED}', _sql)],
}
