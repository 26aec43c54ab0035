"""Whether a promise holds of templates, and of templates with a mistake in one of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from inspect import signature

from tests.promises.test_monitoring import monitors_of
from tests.promises.test_studio import domains_of
from tests.security.broken_templates import Mistake
from tests.stacks.cloud import Cloud, Template
from tests.stacks.network.test_vpc_endpoints import gates_of
from tests.stacks.synthesis import Synthesis

ENVIRONMENT = "dev"
Promise = Callable[..., None]


def with_mistake(cloud: Cloud, mistake: Mistake) -> Template:
    """The template of the mistake, with the mistake in it."""
    named = (f"{ENVIRONMENT}-{mistake.stack}", mistake.stack)
    (template,) = (each for each in cloud.templates if each.stack in named)
    body = json.loads(json.dumps(template.body))
    mistake.change(body)
    return Template(**{**vars(template), "body": body})


def is_noticed(mistake: Mistake, synthesis: Synthesis) -> bool:
    """Whether the promise that the mistake names does not hold any more."""
    assert callable(mistake.rejected_by)
    broken = with_mistake(synthesis.cloud, mistake)
    others = [each for each in synthesis.cloud.templates if each.stack != broken.stack]
    try:
        hold(mistake.rejected_by, replace(synthesis, cloud=Cloud([*others, broken])))
    # A promise about something that is not even there ends with whatever Python makes of it.
    except Exception:
        return True
    return False


def hold(promise: Promise, synthesis: Synthesis) -> None:
    """Raise AssertionError if it does not."""
    environments = {each.name: each for each in synthesis.settings.environments}
    made: dict[str, Callable[[], object]] = {
        "cloud": lambda: synthesis.cloud,
        "sample": lambda: synthesis.cloud,
        "synthesis": lambda: synthesis,
        "environments": lambda: environments,
        "use_cases": lambda: synthesis.settings.use_cases,
        "domains": lambda: list(domains_of(synthesis.cloud, environments)),
        "gates": lambda: gates_of(synthesis.cloud, ENVIRONMENT),
        "monitors": lambda: monitors_of(synthesis.cloud),
    }
    promise(**{name: made[name]() for name in signature(promise).parameters})
