import pytest

from tools.local_aws.cloudwatch.metric_math import MetricMath, MetricMathError, Series

METRICS: dict[str, Series] = {"a": {0: 1.0, 60: 4.0}, "b": {60: 2.0, 120: 0.0}}
PERIODS = (0, 60, 120)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a", {0: 1.0, 60: 4.0}),
        ("MAX(METRICS())", {0: 1.0, 60: 4.0, 120: 0.0}),
        ("MIN([a, b])", {0: 1.0, 60: 2.0, 120: 0.0}),
        ("SUM(METRICS())", {0: 1.0, 60: 6.0, 120: 0.0}),
        ("AVG(METRICS())", {0: 1.0, 60: 3.0, 120: 0.0}),
        ("a / b * 100", {60: 200.0}),
        ("b / b", {60: 1.0}),
        ("(a + 1) - b", {60: 3.0}),
        ("SUM([FILL(a, 0), FILL(b, 0)])", {0: 1.0, 60: 6.0, 120: 0.0}),
        ("MAX(FILL(METRICS(), 3))", {0: 3.0, 60: 4.0, 120: 3.0}),
        ("MAX(a)", {0: 4.0, 60: 4.0, 120: 4.0}),
        ("2 * 3", {0: 6.0, 60: 6.0, 120: 6.0}),
    ],
)
def test_an_expression_makes_a_series(expression: str, expected: Series) -> None:
    assert MetricMath(expression, ["a", "b"]).evaluate(METRICS, PERIODS) == expected


def test_no_data_makes_no_series() -> None:
    assert MetricMath("MAX(METRICS())", ["a"]).evaluate({"a": {}}, PERIODS) == {}


@pytest.mark.parametrize(
    ("expression", "mistake"),
    [
        ("a +", "cannot be read"),
        ("c * 2", "no metric with the id c"),
        ("METRICS()", "must return one time series"),
        ("ANOMALY_DETECTION_BAND(a, 2)", "ANOMALY_DETECTION_BAND with 2 arguments is not supported"),
        ("a > b", "a > b is not supported"),
        ("METRICS() * 2", "arithmetic on lists"),
        ("MAX(3)", "nothing to aggregate"),
        ("FILL(a, b)", "FILL takes metrics and a number"),
        ("[3]", "3 is no time series"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(expression: str, mistake: str) -> None:
    with pytest.raises(MetricMathError) as caught:
        MetricMath(expression, ["a", "b"])
    assert mistake in str(caught.value)
