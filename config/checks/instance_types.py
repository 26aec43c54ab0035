"""Which instance types an environment allows."""

from collections.abc import Iterator

from config.facts.aws import INSTANCE_TYPES
from config.mistakes.errors import KeyPath, Mistake
from config.models.environment import Environment


def not_allowed(environment: Environment, path: KeyPath, name: str, job: str) -> Iterator[Mistake]:
    allowed = environment.allowed_instance_types
    if allowed and name not in allowed:
        fitting = ", ".join(choice for choice in allowed if choice in INSTANCE_TYPES[job])
        problem = "is not among allowed_instance_types of this environment"
        change = "choose one of these, or add it to allowed_instance_types"
        yield Mistake(path, name, problem, fitting or f"none for {job}", change)
