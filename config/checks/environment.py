"""Checks of one environment that compare several of its values."""

from collections.abc import Iterator

from config.checks.cost import check_cost
from config.checks.network import check_network
from config.checks.options import check_options
from config.mistakes.documents import Document
from config.mistakes.errors import Mistake

_SAFE_INSTANCES = 2


def check_environment(environment: Document) -> Iterator[Mistake]:
    """Yield the mistakes of an environment that no single value shows."""
    yield from check_network(environment)
    yield from _lone_instances(environment)
    yield from check_options(environment)
    yield from check_cost(environment)


def _lone_instances(environment: Document) -> Iterator[Mistake]:
    if environment.content.get("termination_protection", True) is not True:
        return
    for use_case in environment.mapping("use_cases"):
        instances = environment.mapping("use_cases", use_case, "endpoint", "instances")
        if instances.get("min") == 1 and instances.get("because") is None:
            path = ("use_cases", use_case, "endpoint", "instances", "min")
            problem = "one instance is an outage waiting to happen where termination_protection is true"
            allowed = f"{_SAFE_INSTANCES} or more, or 1 with a reason"
            yield environment.mistake(path, 1, problem, allowed, "raise it, or add `because: ...` next to it")
