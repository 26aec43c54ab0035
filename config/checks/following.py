"""Checks of environments that serve what another one trains."""

from collections.abc import Iterator, Sequence

from config.mistakes.documents import Document
from config.mistakes.errors import Mistake, unknown
from config.models.environment import Environment
from config.models.use_case import UseCase

_KEY = ("trained_in",)
_OF_TRAINING = {
    "training": "sizes jobs of a pipeline",
    "retraining": "trains anew",
}
_OF_DATA = {
    "catalog": "is about raw data",
    "registration": "says who registers versions",
}


def follows_in_vain(
    environment: Document[Environment], environments: Sequence[Environment]
) -> Iterator[Mistake]:
    """Yield what an environment cannot follow, and what has no meaning in one that trains nothing."""
    yield from environment.told(_unknown, environments)
    for other in environments:
        if getattr(environment.model, "trained_in", None) == getattr(other, "name", ""):
            yield from environment.told(_chain, other)
            yield from environment.told(_other_region, other)
            for use_case in getattr(environment.model, "use_cases", ()):
                yield from environment.told(_use_case_that_is_not_trained, use_case, other)
                yield from environment.told(_other_engine, use_case, other)
    yield from environment.told(_options_of_data)
    for use_case in getattr(environment.model, "use_cases", ()):
        yield from environment.told(_options_of_training, use_case)


def _unknown(environment: Environment, environments: Sequence[Environment]) -> Iterator[Mistake]:
    name = environment.trained_in
    others = [each.name for each in environments if each.name != environment.name]
    if name == environment.name:
        change = "remove the key: an environment trains itself when it is left out"
        yield Mistake(_KEY, name, "is this environment itself", ", ".join(others) or "left out", change)
    elif name is not None:
        problem, otherwise = "is no environment of config/", "name another file of environments/"
        allowed = ", ".join(others) or "left out: there is no other environment"
        yield from unknown(name, others, problem, otherwise, allowed=allowed, path=_KEY)


def _chain(environment: Environment, other: Environment) -> Iterator[Mistake]:
    if other.trained_in is not None and other is not environment:
        problem = f"trains nothing itself: it is trained in {other.trained_in}"
        allowed = "an environment without trained_in"
        yield Mistake(_KEY, other.name, problem, allowed, f"name the one that trains: {other.trained_in}")


def _other_region(environment: Environment, other: Environment) -> Iterator[Mistake]:
    # The buses of EventBridge, the keys and the registry are all asked in the environment's own region.
    if other.region != environment.region:
        problem = f"is in {other.region}, and this environment in {environment.region}"
        change = "move one of them, or have this environment train itself: remove the key"
        yield Mistake(_KEY, other.name, problem, f"an environment in {environment.region}", change)


def _use_case_that_is_not_trained(
    environment: Environment, use_case: str, other: Environment
) -> Iterator[Mistake]:
    if other is not environment and use_case not in other.use_cases:
        path, allowed = ("use_cases", use_case), ", ".join(other.use_cases) or "none: it has no use cases"
        problem = f"is not trained in {other.name}, so that there is nothing to serve"
        yield Mistake(path, use_case, problem, allowed, f"add it to {other.name}, or remove it here")


def _other_engine(environment: Environment, use_case: str, other: Environment) -> Iterator[Mistake]:
    """Yield monitors for which the other environment makes no baseline."""
    here = environment.use_cases[use_case].monitoring.engine
    there = other.use_cases[use_case].monitoring.engine if use_case in other.use_cases else here
    if "model-monitor" in (here, there) and here not in (there, "none"):
        path = ("use_cases", use_case, "monitoring", "engine")
        problem = f"compares with another baseline than {other.name} makes, whose engine is {there}"
        yield Mistake(path, here, problem, f"{there}, none", f"write {there} here, or {here} there")


def _options_of_data(environment: Environment) -> Iterator[Mistake]:
    for key, what in _OF_DATA.items() if environment.trained_in else ():
        if key in environment.model_fields_set:
            shown = environment.model_dump(mode="json", include={key}, exclude_unset=True)[key]
            yield _nothing_is_trained((key,), shown, what, environment)


def _options_of_training(environment: Environment, use_case: str) -> Iterator[Mistake]:
    deployment = environment.use_cases[use_case]
    for key, what in _OF_TRAINING.items() if environment.trained_in else ():
        if key in deployment.model_fields_set:
            shown = deployment.model_dump(mode="json", include={key}, exclude_unset=True)[key]
            yield _nothing_is_trained(("use_cases", use_case, key), shown, what, environment)


def _nothing_is_trained(path: tuple[str, ...], shown: object, what: str, environment: Environment) -> Mistake:
    problem = f"{what}, and nothing is trained here: versions come from {environment.trained_in}"
    change = f"move it to {environment.trained_in}, or remove it"
    return Mistake(path, shown, problem, "left out with trained_in", change)


def images_that_stay(use_case: UseCase, environments: Sequence[Document[Environment]]) -> Iterator[Mistake]:
    """Yield images of our own that would have to be pulled in an environment that did not build them."""
    for environment in environments:
        trained_in = getattr(environment.model, "trained_in", None)
        if trained_in and use_case.image == "own" and use_case.name in environment.model.use_cases:
            problem = f"is built in {trained_in}, and {environment.file} cannot pull it from there"
            change = f"write image: aws, or remove trained_in from {environment.file}"
            yield Mistake(("image",), "own", problem, "aws with trained_in", change)
