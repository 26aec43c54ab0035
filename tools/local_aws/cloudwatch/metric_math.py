"""The part of CloudWatch's metric math that alarms of this project use; everything else is refused.

Known are numbers, the ids of metrics, METRICS(), lists, + - * /, and MAX, MIN, SUM, AVG and FILL.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

# The value of a metric in each period, by the second in which the period starts.
Series = dict[int, float]
Value = Series | float | list[Series]

_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_AGGREGATES: dict[str, Callable[[Sequence[float]], float]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "AVG": fmean,
}
_FUNCTIONS = (*_AGGREGATES, "FILL", "METRICS")


class MetricMathError(ValueError):
    """An expression that is malformed or that the embedded AWS cannot evaluate; the text says which part."""


class MetricMath:
    """One parsed expression over the metrics with the given ids."""

    def __init__(self, expression: str, ids: Sequence[str]) -> None:
        self._expression = expression
        self._ids = tuple(ids)
        try:
            self._tree = ast.parse(expression, mode="eval").body
        except SyntaxError as error:
            raise MetricMathError(f"Expression {expression!r} cannot be read") from error
        # Evaluating it without data finds whatever is not supported.
        self.evaluate({name: {} for name in ids}, ())

    def evaluate(self, metrics: Mapping[str, Series], periods: Sequence[int]) -> Series:
        """The series that the expression makes of the metrics; `periods` are those that FILL fills."""
        value = self._value(self._tree, metrics, periods)
        if isinstance(value, list):
            raise self._error("it must return one time series, not a list")
        return dict.fromkeys(periods, value) if isinstance(value, float) else value

    def _error(self, mistake: str) -> MetricMathError:
        known = ", ".join(_FUNCTIONS)
        return MetricMathError(
            f"Expression {self._expression!r} cannot be evaluated by the embedded AWS: {mistake}. "
            f"Known are numbers, the ids {', '.join(self._ids)}, lists, + - * / and {known}."
        )

    def _value(self, node: ast.expr, metrics: Mapping[str, Series], periods: Sequence[int]) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return float(node.value)
        if isinstance(node, ast.Name):
            return self._metric(node.id, metrics)
        if isinstance(node, ast.List):
            return [self._series(member, metrics, periods) for member in node.elts]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            sides = [self._value(side, metrics, periods) for side in (node.left, node.right)]
            return self._combined(_OPERATORS[type(node.op)], *sides)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._called(node.func.id, node.args, metrics, periods)
        raise self._error(f"{ast.unparse(node)} is not supported")

    def _metric(self, name: str, metrics: Mapping[str, Series]) -> Series:
        if name not in metrics:
            raise self._error(f"there is no metric with the id {name}")
        return metrics[name]

    def _series(self, node: ast.expr, metrics: Mapping[str, Series], periods: Sequence[int]) -> Series:
        value = self._value(node, metrics, periods)
        if not isinstance(value, dict):
            raise self._error(f"{ast.unparse(node)} is no time series")
        return value

    def _combined(self, operate: Callable[[float, float], float], left: Value, right: Value) -> Value:
        if isinstance(left, list) or isinstance(right, list):
            raise self._error("arithmetic on lists is not supported")
        if isinstance(left, float) and isinstance(right, float):
            return operate(left, right)
        times = [set(side) for side in (left, right) if isinstance(side, dict)]
        combined = {}
        for time in set.intersection(*times):
            pair = [side if isinstance(side, float) else side[time] for side in (left, right)]
            # A division by zero gives no data point.
            if operate is not operator.truediv or pair[1] != 0:
                combined[time] = operate(*pair)
        return combined

    def _called(
        self, name: str, arguments: list[ast.expr], metrics: Mapping[str, Series], periods: Sequence[int]
    ) -> Value:
        if name == "METRICS" and not arguments:
            return list(metrics.values())
        if name in _AGGREGATES and len(arguments) == 1:
            return self._aggregated(_AGGREGATES[name], self._value(arguments[0], metrics, periods))
        if name == "FILL" and len(arguments) == 2:
            value, filling = (self._value(argument, metrics, periods) for argument in arguments)
            return self._filled(value, filling, periods)
        raise self._error(f"{name} with {len(arguments)} arguments is not supported")

    def _aggregated(self, aggregate: Callable[[Sequence[float]], float], value: Value) -> Value:
        if isinstance(value, float):
            raise self._error("a number has nothing to aggregate")
        if isinstance(value, dict):
            return float(aggregate(list(value.values()))) if value else {}
        times = sorted({time for series in value for time in series})
        return {
            time: float(aggregate([series[time] for series in value if time in series])) for time in times
        }

    def _filled(self, value: Value, filling: Value, periods: Sequence[int]) -> Value:
        if isinstance(value, float) or not isinstance(filling, float):
            raise self._error("FILL takes metrics and a number")
        blank = dict.fromkeys(periods, filling)
        return [blank | series for series in value] if isinstance(value, list) else blank | value
