"""Checks of what an environment may cost against what it uses."""

from collections.abc import Iterator

from config.facts.aws import INSTANCE_TYPES
from config.mistakes.documents import Document
from config.mistakes.errors import KeyPath, Mistake
from config.models.deployment import EndpointResources, MonitoringResources, TrainingResources
from config.models.environment import Environment
from config.models.studio import Studio

_PLACES_OF_INSTANCE_TYPES = (
    ("training", "processing_instance_type", "processing", TrainingResources),
    ("training", "training_instance_type", "training", TrainingResources),
    ("endpoint", "instance_type", "endpoint", EndpointResources),
    ("monitoring", "instance_type", "processing", MonitoringResources),
)


def check_cost(environment: Document) -> Iterator[Mistake]:
    """Yield budgets that nobody hears of, rest in production, and instance types that are not allowed."""
    yield from _budgets_nobody_hears_of(environment)
    yield from _budgets_above_the_whole(environment)
    yield from _rest_in_production(environment)
    yield from _schedules_that_meet(environment)
    yield from _instance_types_not_allowed(environment)


def _budgets(environment: Document) -> Iterator[tuple[KeyPath, object]]:
    if environment.mapping("budget"):
        yield ("budget", "monthly_usd"), environment.at("budget", "monthly_usd")
    for use_case in environment.mapping("use_cases"):
        budget = environment.at("use_cases", use_case, "monthly_budget_usd")
        if budget is not None:
            yield ("use_cases", use_case, "monthly_budget_usd"), budget


def _budgets_nobody_hears_of(environment: Document) -> Iterator[Mistake]:
    if environment.at("alerts", "email") is not None:
        return
    for path, budget in _budgets(environment):
        problem, allowed = "is a budget that nobody would hear of", "a budget together with alerts.email"
        yield environment.mistake(path, budget, problem, allowed, "add `alerts: {email: ...}`")


def _budgets_above_the_whole(environment: Document) -> Iterator[Mistake]:
    whole = environment.at("budget", "monthly_usd")
    if not isinstance(whole, int | float):
        return
    for path, budget in _budgets(environment):
        if isinstance(budget, int | float) and budget > whole:
            problem = f"is above the budget of the whole environment, {whole:g}"
            change = "lower it, or raise budget.monthly_usd"
            yield environment.mistake(path, budget, problem, f"above 0, up to {whole:g}", change)


def _rest_in_production(environment: Document) -> Iterator[Mistake]:
    off_hours = environment.at("off_hours")
    if off_hours is not None and environment.content.get("termination_protection", True) is True:
        problem = "would shrink endpoints where termination_protection is true"
        allowed = "off_hours only with termination_protection: false"
        yield environment.mistake(("off_hours",), off_hours, problem, allowed, "remove off_hours")


def _schedules_that_meet(environment: Document) -> Iterator[Mistake]:
    stop, start = environment.text("off_hours", "stop_cron"), environment.text("off_hours", "start_cron")
    if stop is not None and stop == start:
        problem = "is the schedule of stop_cron too, so that the order of the two would be chance"
        path = ("off_hours", "start_cron")
        yield environment.mistake(path, start, problem, "two different schedules", "change one")


def _used_instance_types(environment: Document) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield place, type and job of instance types that SageMaker offers there, the defaults included."""
    for use_case in environment.mapping("use_cases"):
        for part, key, job, model in _PLACES_OF_INSTANCE_TYPES:
            path = ("use_cases", use_case, part, key)
            value = environment.mapping(*path[:-1]).get(key, model.model_fields[key].default)
            if value in INSTANCE_TYPES[job]:
                yield path, str(value), job
    if isinstance(environment.at("studio"), dict):
        types = environment.texts("studio", "instance_types")
        if "instance_types" not in environment.mapping("studio"):
            types = dict(enumerate(Studio.model_fields["instance_types"].default))
        for index, name in types.items():
            if name in INSTANCE_TYPES["studio"]:
                yield ("studio", "instance_types", index), name, "studio"


def _instance_types_not_allowed(environment: Document) -> Iterator[Mistake]:
    allowed = list(environment.texts("allowed_instance_types").values())
    if "allowed_instance_types" not in environment.content:
        allowed = list(Environment.model_fields["allowed_instance_types"].default)
    if not allowed:
        return
    for path, name, job in _used_instance_types(environment):
        if name not in allowed:
            fitting = ", ".join(choice for choice in allowed if choice in INSTANCE_TYPES[job])
            problem = "is not among allowed_instance_types of this environment"
            change = "choose one of these, or add it to allowed_instance_types"
            yield environment.mistake(path, name, problem, fitting or f"none for {job}", change)
