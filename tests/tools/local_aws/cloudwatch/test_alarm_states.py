import pytest

from tools.local_aws.cloudwatch.alarm_states import ALARM, INSUFFICIENT_DATA, OK, AlarmRule, judge


def rule(
    comparison: str = "GreaterThanThreshold", periods: int = 3, to_alarm: int = 3, missing: str = "missing"
) -> AlarmRule:
    return AlarmRule(comparison, 10.0, periods, to_alarm, missing)


@pytest.mark.parametrize(
    ("comparison", "value", "breaches"),
    [
        ("GreaterThanThreshold", 10, False),
        ("GreaterThanThreshold", 11, True),
        ("GreaterThanOrEqualToThreshold", 10, True),
        ("LessThanThreshold", 10, False),
        ("LessThanThreshold", 9, True),
        ("LessThanOrEqualToThreshold", 10, True),
    ],
)
def test_each_comparison_has_its_edge(comparison: str, value: float, breaches: bool) -> None:
    assert rule(comparison).breaches(value) is breaches


HIGH, LOW = 11, 1
TABLE = [
    # data points, treatment of missing data, state
    ([HIGH, HIGH, HIGH], "missing", ALARM),
    ([HIGH, LOW, HIGH], "missing", OK),
    ([LOW, HIGH, HIGH, HIGH], "missing", ALARM),
    ([HIGH, HIGH, HIGH, LOW], "missing", OK),
    ([], "missing", INSUFFICIENT_DATA),
    ([], "breaching", ALARM),
    ([], "notBreaching", OK),
    ([], "ignore", "as before"),
    ([HIGH], "missing", ALARM),
    ([HIGH], "breaching", ALARM),
    ([HIGH], "notBreaching", OK),
    ([HIGH], "ignore", "as before"),
    ([LOW], "missing", OK),
    ([LOW], "breaching", OK),
    ([LOW], "notBreaching", OK),
    ([LOW], "ignore", "as before"),
    ([HIGH, LOW], "missing", OK),
]


@pytest.mark.parametrize(("points", "treatment", "expected"), TABLE)
def test_missing_data_is_treated_as_the_alarm_says(
    points: list[float], treatment: str, expected: str
) -> None:
    for before in (OK, ALARM, INSUFFICIENT_DATA):
        state = judge(rule(missing=treatment), points, before).state
        assert state == (before if expected == "as before" else expected)


def test_two_of_three_are_enough_if_the_alarm_says_so() -> None:
    assert judge(rule(to_alarm=2), [HIGH, LOW, HIGH], OK).state == ALARM
    assert judge(rule(to_alarm=2, missing="notBreaching"), [HIGH, HIGH], OK).state == ALARM
    assert judge(rule(to_alarm=2), [HIGH, LOW, LOW], ALARM).state == OK


def test_the_reason_names_points_and_threshold() -> None:
    reason = judge(rule(periods=1, to_alarm=1), [0.5, 11.25], OK).reason
    assert (
        reason
        == "Threshold Crossed: 1 out of the last 1 datapoints [11.25] were greater than the threshold (10)."
    )
    assert "no datapoints were received for 3 period(s)" in judge(rule(), [], OK).reason
    assert "treated as [NonBreaching]" in judge(rule(missing="notBreaching"), [], ALARM).reason
