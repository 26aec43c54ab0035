"""The state of an alarm by its data points.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_WORDS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
# CloudWatch looks at more periods than it evaluates, so that late data counts; it does not say how many.
MORE_PERIODS_LOOKED_AT = 2


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm rings."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    treat_missing_data: str = "missing"

    @property
    def periods_looked_at(self) -> int:
        """How many periods back data may lie."""
        return self.evaluation_periods + MORE_PERIODS_LOOKED_AT

    def breaches(self, value: float) -> bool:
        """Whether a data point crosses the threshold."""
        return COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """A state and the sentence that CloudWatch gives for it."""

    state: str
    reason: str


def judge(rule: AlarmRule, newest_last: Sequence[float], current_state: str) -> Verdict:
    """The state by the data points within the periods looked at, missing ones left out."""
    points = list(newest_last)[-rule.evaluation_periods :]
    breaching = sum(rule.breaches(point) for point in points)
    missing = rule.evaluation_periods - len(points)
    state = _state(rule, len(points), breaching, missing, current_state)
    return Verdict(state, _reason(rule, points, breaching, state))


def _state(rule: AlarmRule, given: int, breaching: int, missing: int, current_state: str) -> str:
    if missing == 0 or breaching >= rule.datapoints_to_alarm:
        return ALARM if breaching >= rule.datapoints_to_alarm else OK
    if rule.treat_missing_data == "breaching":
        return ALARM if breaching + missing >= rule.datapoints_to_alarm else OK
    if rule.treat_missing_data == "notBreaching":
        return OK
    if rule.treat_missing_data == "ignore":
        return current_state
    if given == 0:
        return INSUFFICIENT_DATA
    return ALARM if breaching == given else OK


def _reason(rule: AlarmRule, points: Sequence[float], breaching: int, state: str) -> str:
    if not points:
        missing = "no datapoints were received"
        count = rule.evaluation_periods
        if state == INSUFFICIENT_DATA:
            return f"Insufficient Data: {missing} for {count} period(s)."
        treated = "[Breaching]" if rule.treat_missing_data == "breaching" else "[NonBreaching]"
        return (
            f"Threshold Crossed: {missing} for {count} period(s) and {count} missing datapoint(s) were "
            f"treated as {treated}."
        )
    negation = "" if state == ALARM else "not "
    counted = breaching if state == ALARM else len(points) - breaching
    listed = ", ".join(f"{point:g}" for point in points)
    return (
        f"Threshold Crossed: {counted} out of the last {len(points)} datapoints [{listed}] were "
        f"{negation}{_WORDS[rule.comparison]} the threshold ({rule.threshold:g})."
    )
