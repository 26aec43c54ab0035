"""Which part of the configuration is synthesized: all, or one environment, or one use case.

What is left out is not made; what is made has the same bytes as when all is synthesized, so that it may be
deployed. Stacks that use cases share know all of them.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from constructs import Node

from config.mistakes.errors import Mistake
from config.settings import ConfigurationError, Environment, Settings

_ENVIRONMENT, _USE_CASE = "mlops:environment", "mlops:use-case"


class Chosen(NamedTuple):
    """What has stacks."""

    environments: Sequence[Environment]
    use_cases: Collection[str]


def choose(settings: Settings, context: Node) -> Chosen:
    """What `cdk synth -c mlops:environment=dev -c mlops:use-case=churn` names; all, where it names none.

    Raises ConfigurationError where the configuration has no such environment, or not the use case there.
    """
    environment, use_case = (context.try_get_context(key) for key in (_ENVIRONMENT, _USE_CASE))
    environments = [each for each in settings.environments if environment in (None, each.name)]
    use_cases = [name for name in settings.use_cases if any(name in each.use_cases for each in environments)]
    mistakes = [*_unknown(_ENVIRONMENT, environment, [each.name for each in settings.environments])]
    if environments:
        mistakes += _unknown(_USE_CASE, use_case, use_cases)
    if mistakes:
        raise ConfigurationError(mistakes)
    return Chosen(environments, [use_case] if use_case else use_cases)


def _unknown(key: str, name: str | None, known: Sequence[str]) -> Iterator[Mistake]:
    if name is not None and name not in known:
        there = ", ".join(known) or "none"
        yield Mistake(
            (key,), name, "is not configured", there, "say one of these, or nothing for all", "--context"
        )
