"""Checks of an environment's shared endpoint, and of the use cases on it."""

from collections.abc import Iterable, Iterator

from config.checks.instance_types import not_allowed
from config.facts.aws import Machine, machine
from config.mistakes.documents import Document
from config.mistakes.errors import Mistake
from config.models.environment import Environment
from config.models.serving import Copies, InstanceRange, Shared

NAME = "shared"
"""The last part of its name, which no use case has therefore."""
_SAFE = 2
_SAFER = (f"{_SAFE} or more, or fewer with a reason", "raise it, or add `because: ...` next to it")


def check_shared_endpoint(environment: Document[Environment]) -> Iterator[Mistake]:
    """Yield what is wrong with the models that share an endpoint."""
    for rule in (
        *(_shared_without_an_endpoint, _nobody_on_it, _use_case_of_its_name, _type_that_is_not_allowed),
        *(_lone_instance, _lone_copies, _copies_larger_than_an_instance, _copies_without_room),
    ):
        yield from environment.told(rule)


def _on_it(environment: Environment) -> dict[str, Shared]:
    endpoints = {name: getattr(each, "endpoint", None) for name, each in environment.use_cases.items()}
    return {name: each.shared for name, each in endpoints.items() if each and each.shared}


def _shared_without_an_endpoint(environment: Environment) -> Iterator[Mistake]:
    for use_case, shared in _on_it(environment).items():
        if environment.shared_endpoint is None:
            problem, allowed = "is on an endpoint that this environment does not have", "left out without one"
            change = "add `shared_endpoint: {}` to the environment, or remove it"
            path = ("use_cases", use_case, "endpoint", "shared")
            yield Mistake(path, shared.model_dump(exclude_unset=True), problem, allowed, change)


def _nobody_on_it(environment: Environment) -> Iterator[Mistake]:
    if (shared := environment.shared_endpoint) and not _on_it(environment):
        problem, allowed = "runs for no use case", "a use case with endpoint.shared"
        change = "add `shared: {}` to the endpoint of a use case, or remove it"
        shown = shared.model_dump(exclude_unset=True)
        yield Mistake(("shared_endpoint",), shown, problem, allowed, change)


def _use_case_of_its_name(environment: Environment) -> Iterator[Mistake]:
    if environment.shared_endpoint and NAME in environment.use_cases:
        problem = f"would have an endpoint of the same name: {environment.prefix}-{NAME}"
        yield Mistake(("use_cases", NAME), NAME, problem, "another name", "rename the use case")


def _lone_instance(environment: Environment) -> Iterator[Mistake]:
    shared = environment.shared_endpoint
    if shared and environment.termination_protection and _is_unsafe(shared.instances):
        problem = "leaves the models on one instance, or on none, where termination_protection is true"
        yield Mistake(("shared_endpoint", "instances", "min"), shared.instances.min, problem, *_SAFER)


def _lone_copies(environment: Environment) -> Iterator[Mistake]:
    for use_case, shared in _on_it(environment).items() if environment.termination_protection else ():
        if _is_unsafe(shared.copies):
            problem = "one copy is an outage waiting to happen where termination_protection is true"
            if shared.copies.min == 0:
                problem = "refuses the first requests after a rest, where termination_protection is true"
            path = ("use_cases", use_case, "endpoint", "shared", "copies", "min")
            yield Mistake(path, shared.copies.min, problem, *_SAFER)


def _is_unsafe(count: InstanceRange | Copies) -> bool:
    return count.min < _SAFE and count.because is None


def _type_that_is_not_allowed(environment: Environment) -> Iterator[Mistake]:
    if shared := environment.shared_endpoint:
        path = ("shared_endpoint", "instance_type")
        yield from not_allowed(environment, path, shared.instance_type, "endpoint")


def _size(environment: Environment) -> Machine | None:
    """AWS keeps a part of it, and does not say how much: what fits here may still be too much there."""
    return machine(environment.shared_endpoint.instance_type) if environment.shared_endpoint else None


def _copies_larger_than_an_instance(environment: Environment) -> Iterator[Mistake]:
    size = _size(environment)
    limits = {"memory_mb": size.memory_mb, "cpus": size.cpus} if size else {}
    for use_case, component in _on_it(environment).items():
        for key, most in limits.items():
            if (wanted := getattr(component, key)) > most:
                path, problem = (
                    ("use_cases", use_case, "endpoint", "shared", key),
                    "is more than an instance has",
                )
                change = "lower it, or choose larger instances for shared_endpoint"
                yield Mistake(path, wanted, problem, f"at most {most}", change)


def _copies_without_room(environment: Environment) -> Iterator[Mistake]:
    shared, size, components = environment.shared_endpoint, _size(environment), _on_it(environment).values()
    if not shared or not size or not all(_fits(each, size) for each in components):
        return
    needed = _instances_for(components, size)
    if needed > shared.instances.max:
        problem = f"is too few for the copies that always run: they need {needed}"
        change = "raise it, choose larger instances, or lower copies.min of a use case"
        path = ("shared_endpoint", "instances", "max")
        yield Mistake(path, shared.instances.max, problem, f"{needed} or more", change)


def _fits(component: Shared, size: Machine) -> bool:
    return component.memory_mb <= size.memory_mb and component.cpus <= size.cpus


def _instances_for(components: Iterable[Shared], size: Machine) -> int:
    """Filled one after the other, the largest copies first."""
    used: list[tuple[int, float]] = []
    for each in sorted(components, key=lambda each: (each.memory_mb, each.cpus), reverse=True):
        for _ in range(each.copies.min):
            fuller = [(memory + each.memory_mb, cpus + each.cpus) for memory, cpus in used]
            rooms = (
                n for n, (memory, cpus) in enumerate(fuller) if memory <= size.memory_mb and cpus <= size.cpus
            )
            if (room := next(rooms, None)) is None:
                used.append((each.memory_mb, each.cpus))
            else:
                used[room] = fuller[room]
    return len(used)
