"""Checks of one environment that compare several of its values."""

from collections.abc import Iterator

from config.checks.instance_types import not_allowed
from config.checks.shared_endpoint import check_shared_endpoint
from config.facts.aws import INSTANCE_TYPES, MLFLOW_APP_REGIONS
from config.mistakes.documents import Document
from config.mistakes.errors import KeyPath, Mistake
from config.models.environment import Environment
from config.models.network import FEWEST_ZONES, ExistingNetwork
from config.models.options import needed_vpc_endpoints
from config.models.updates import AT_ONCE

_SAFE_INSTANCES = 2
_PLACES_OF_INSTANCE_TYPES = (
    ("training", "processing_instance_type", "processing"),
    ("training", "training_instance_type", "training"),
    ("endpoint", "instance_type", "endpoint"),
    ("monitoring", "instance_type", "processing"),
    ("batch", "instance_type", "transform"),
)


def check_environment(environment: Document[Environment]) -> Iterator[Mistake]:
    """Yield the mistakes of an environment that no single value shows."""
    for rule in (
        *(_zones_outside_the_region, _subnets_without_a_zone, _missing_vpc_endpoints),
        *(_people_who_cannot_sign_in, _mlflow_app_that_is_not_here, _other_regions),
        *(_budgets, _rest_in_production, _rest_that_ends_as_it_begins, _registration_in_production),
    ):
        yield from environment.told(rule)
    for use_case in getattr(environment.model, "use_cases", ()):
        yield from environment.told(_lone_instance, use_case)
        yield from environment.told(_approval_by_rule_in_production, use_case)
        yield from environment.told(_update_of_a_resting_endpoint, use_case)
        yield from environment.told(_instance_types_of_jobs, use_case)
        yield from environment.told(_monitor_of_another, use_case)
    yield from environment.told(_instance_types_of_studio)
    yield from check_shared_endpoint(environment)


def _monitor_of_another(environment: Environment, use_case: str) -> Iterator[Mistake]:
    """Yield a use case whose monitor would be called like the one of another's batches."""
    name = f"{use_case}-batch"
    other = environment.use_cases.get(name)
    if other and other.monitoring.engine == "own" and environment.use_cases[use_case].watches_batches:
        problem = f"its monitor would have the name of the one that watches the batches of {use_case}"
        change = "rename the file of one of them"
        yield Mistake(("use_cases", name), name, problem, "another name", change)


def _zones_outside_the_region(environment: Environment) -> Iterator[Mistake]:
    region = environment.region
    for index, zone in enumerate(environment.network.availability_zones):
        if zone not in {f"{region}{letter}" for letter in "abcdef"}:
            path = ("network", "availability_zones", index)
            problem, allowed = f"is no availability zone of {region}", f"{region}a to {region}f"
            yield Mistake(path, zone, problem, allowed, "name zones of the region")


def _subnets_without_a_zone(environment: Environment) -> Iterator[Mistake]:
    network = environment.network
    if not isinstance(network, ExistingNetwork):
        return
    subnets, zones = network.subnet_ids, network.availability_zones
    if min(len(subnets), len(set(zones))) >= FEWEST_ZONES and len(subnets) != len(zones):
        path = ("network", "availability_zones")
        problem = f"names {len(zones)} zones for {len(subnets)} subnets"
        allowed = "one zone for each subnet, in the order of subnet_ids"
        yield Mistake(path, zones, problem, allowed, "name the zone of every subnet")


def _missing_vpc_endpoints(environment: Environment) -> Iterator[Mistake]:
    network = environment.network
    if not isinstance(network, ExistingNetwork):
        return
    present = network.vpc_endpoints
    needed = needed_vpc_endpoints(environment.studio, environment.catalog)
    missing = [name for name in needed if name not in present]
    if missing:
        problem = f"lacks {', '.join(missing)}, without which jobs and people wait until they time out"
        change = "create these VPC endpoints with private DNS, then add them here"
        path, allowed = ("network", "vpc_endpoints"), f"at least {', '.join(needed)}"
        yield Mistake(path, present, problem, allowed, change)


def _lone_instance(environment: Environment, use_case: str) -> Iterator[Mistake]:
    endpoint = environment.use_cases[use_case].endpoint
    instances = endpoint.instances
    # Requests to an asynchronous endpoint wait, and a serverless one has no instances.
    is_alone = instances.min == 1 and instances.because is None and endpoint.is_real_time
    if environment.termination_protection and is_alone:
        path = ("use_cases", use_case, "endpoint", "instances", "min")
        problem = "one instance is an outage waiting to happen where termination_protection is true"
        allowed = f"{_SAFE_INSTANCES} or more, or 1 with a reason"
        yield Mistake(path, 1, problem, allowed, "raise it, or add `because: ...` next to it")


def _update_of_a_resting_endpoint(environment: Environment, use_case: str) -> Iterator[Mistake]:
    endpoint = environment.use_cases[use_case].endpoint
    # Others do not rest by the clock.
    if not environment.off_hours or not endpoint.is_real_time:
        return
    update, path = endpoint.update, ("use_cases", use_case, "endpoint", "update")
    if update.strategy not in (None, *AT_ONCE):
        problem = "moves traffic by parts of a fleet, and off_hours leaves one instance"
        yield Mistake((*path, "strategy"), update.strategy, problem, "all-at-once", "remove it, or off_hours")
    elif update.strategy is None and update.percent is not None and endpoint.instances.min > 1:
        problem = "has no meaning where all traffic moves at once: off_hours leaves one instance"
        yield Mistake((*path, "percent"), update.percent, problem, "left out", "remove it, or off_hours")


def _people_who_cannot_sign_in(environment: Environment) -> Iterator[Mistake]:
    studio = environment.studio
    if studio is None:
        return
    first: dict[str, str] = {}
    for name, person in studio.people.items():
        path = ("studio", "people", name, "single_sign_on_user")
        user = getattr(person, path[-1], "")
        if studio.sign_in == "identity-center" and user is None:
            allowed, change = "the user name in IAM Identity Center", "add `single_sign_on_user: ...`"
            yield Mistake(path, None, "is required with sign_in: identity-center", allowed, change)
        elif studio.sign_in == "iam" and user:
            allowed, change = "no such key with sign_in: iam", "remove it, or write sign_in: identity-center"
            yield Mistake(path, user, "has no meaning with sign_in: iam", allowed, change)
        elif user in first:
            problem = f"is the user of {first[user]} too"
            yield Mistake(path, user, problem, "one profile for each user", "remove one of them")
        if user:
            first.setdefault(user, name)


def _mlflow_app_that_is_not_here(environment: Environment) -> Iterator[Mistake]:
    studio, region = environment.studio, environment.region
    if studio is not None and studio.mlflow == "app" and region not in MLFLOW_APP_REGIONS:
        problem, allowed = f"is not offered by CloudFormation in {region}", "none, tracking-server"
        yield Mistake(("studio", "mlflow"), "app", problem, allowed, "write `mlflow: ...` with one of these")


def _other_regions(environment: Environment) -> Iterator[Mistake]:
    region, catalog = environment.region, getattr(environment, "catalog", None)
    if getattr(environment, "replication_region", None) == region:
        problem, allowed = "is the environment's own region", f"a region with SageMaker other than {region}"
        change = "choose another region, or remove the key"
        yield Mistake(("replication_region",), region, problem, allowed, change)
    pool = catalog.workteam.user_pool_id if catalog and catalog.workteam else f"{region}_"
    if not pool.startswith(f"{region}_"):
        problem, change = "is a user pool of another region", "use the workforce of this region"
        path, allowed = ("catalog", "workteam", "user_pool_id"), f"{region}_<letters and digits>"
        yield Mistake(path, pool, problem, allowed, change)


def _budgets(environment: Environment) -> Iterator[Mistake]:
    whole = getattr(getattr(environment, "budget", None), "monthly_usd", None)
    email = getattr(getattr(environment, "alerts", None), "email", "")
    budgets: dict[KeyPath, float | None] = {("budget", "monthly_usd"): whole}
    for use_case, deployment in environment.use_cases.items():
        budgets["use_cases", use_case, "monthly_budget_usd"] = getattr(deployment, "monthly_budget_usd", None)
    for path, budget in budgets.items():
        if budget is not None and email is None:
            problem, allowed = "is a budget that nobody would hear of", "a budget together with alerts.email"
            yield Mistake(path, budget, problem, allowed, "add `alerts: {email: ...}`")
        if budget is not None and whole is not None and budget > whole:
            problem = f"is above the budget of the whole environment, {whole:g}"
            change = "lower it, or raise budget.monthly_usd"
            yield Mistake(path, budget, problem, f"above 0, up to {whole:g}", change)


def _rest_in_production(environment: Environment) -> Iterator[Mistake]:
    if environment.off_hours and environment.termination_protection:
        problem = "would shrink endpoints where termination_protection is true"
        allowed = "off_hours only with termination_protection: false"
        shown = environment.off_hours.model_dump(exclude_unset=True)
        yield Mistake(("off_hours",), shown, problem, allowed, "remove off_hours")


def _registration_in_production(environment: Environment) -> Iterator[Mistake]:
    if environment.registration == "anyone" and environment.termination_protection:
        problem = "lets people register what is never deployed, where termination_protection is true"
        allowed = "pipeline-only, or anyone with termination_protection: false"
        yield Mistake(("registration",), "anyone", problem, allowed, "remove it")


def _approval_by_rule_in_production(environment: Environment, use_case: str) -> Iterator[Mistake]:
    retraining = environment.use_cases[use_case].retraining
    margin = retraining.approve_when_better_by if retraining else None
    if retraining and margin and environment.termination_protection and retraining.because is None:
        problem = "lets versions go live that no person has looked at, where termination_protection is true"
        path = ("use_cases", use_case, "retraining", "approve_when_better_by")
        yield Mistake(
            path, margin, problem, "a margin with because", "remove it, or add `because: ...` next to it"
        )


def _rest_that_ends_as_it_begins(environment: Environment) -> Iterator[Mistake]:
    off_hours = environment.off_hours
    if off_hours and off_hours.stop == off_hours.start:
        problem = "is the time of stop too, so that the order of the two would be chance"
        path, allowed = ("off_hours", "start"), "two different times of day"
        yield Mistake(path, off_hours.start, problem, allowed, "change one")


def _instance_types_of_jobs(environment: Environment, use_case: str) -> Iterator[Mistake]:
    for part, key, job in _PLACES_OF_INSTANCE_TYPES:
        if part == "training" and environment.trained_in:
            continue
        size = getattr(environment.use_cases[use_case], part, None)
        name = getattr(size, key, None)
        if name is not None and getattr(size, "way", "") not in ("serverless", "shared"):
            yield from not_allowed(environment, ("use_cases", use_case, part, key), name, job)


def _instance_types_of_studio(environment: Environment) -> Iterator[Mistake]:
    for index, name in enumerate(environment.studio.instance_types if environment.studio else ()):
        if name in INSTANCE_TYPES["studio"]:
            yield from not_allowed(environment, ("studio", "instance_types", index), name, "studio")
