"""Checks of several files together."""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from config.checks.algorithm import machines_of_another_algorithm, searches_that_start_anew
from config.checks.columns import columns_of
from config.checks.following import follows_in_vain, images_that_stay
from config.facts.aws import NAME_LIMITS, NAME_LIMITS_OF_ENVIRONMENT, NAME_LIMITS_OF_OPTIONS, NameLimits
from config.mistakes.documents import Document
from config.mistakes.errors import MISSING, Mistake, unknown
from config.models.environment import Environment
from config.models.network import ExistingNetwork, ManagedNetwork
from config.models.options import needed_vpc_endpoints
from config.models.use_case import UseCase
from config.values.columns import (
    PARTITION,
    RESERVED_FEATURES,
    can_be_feature,
    catalog_name,
    feature_name,
    treated,
)
from config.values.fields import slug

Environments: TypeAlias = Sequence[Document[Environment]]
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_together(environments: Environments, use_cases: Sequence[Document[UseCase]]) -> Iterator[Mistake]:
    """Yield the mistakes that show only when files are compared."""
    if not environments:
        change = "add one, e.g. environments/dev.yaml"
        yield Mistake((), MISSING, "there is no environment", "one file or more", change, "environments/")
    yield from _file_names(environments)
    yield from _file_names(use_cases)
    for environment in environments:
        yield from environment.told(_too_long)
        yield from environment.told(_unknown_use_cases, [use_case.model.name for use_case in use_cases])
        yield from follows_in_vain(environment, [each.model for each in environments])
        for use_case in use_cases:
            yield from environment.told(machines_of_another_algorithm, use_case.model)
            yield from environment.told(_vpc_endpoints_that_a_source_needs, use_case.model)
            yield from environment.told(searches_that_start_anew, use_case.model)
    yield from _use_cases_that_nobody_names(environments, use_cases)
    for one, other in itertools.combinations(environments, 2):
        yield from other.told(_names_of_another, one)
        yield from other.told(_overlapping_networks, one)
        yield from other.told(_channel_of_another, one)
    for use_case in use_cases:
        yield from use_case.told(_columns_that_the_catalog_refuses, environments)
        yield from use_case.told(_criterion_that_answers_do_not_show, environments)
        yield from use_case.told(_personal_data_that_model_monitor_tells, environments)
        yield from use_case.told(_bucket_in_which_nobody_finds_the_newest, environments)
        yield from use_case.told(_machine_that_trains_where_a_rule_approves, environments)
        yield from use_case.told(images_that_stay, environments)


def _file_names(
    documents: Sequence[Document[Environment]] | Sequence[Document[UseCase]],
) -> Iterator[Mistake]:
    """Yield files whose names cannot become names on AWS, or would become the same one."""
    first: dict[str, str] = {}
    allowed = "lower-case words and numbers joined by single dashes, beginning with a letter"
    for document in documents:
        name = slug(document.model.name)
        if not _NAME.fullmatch(document.model.name):
            problem = "the file's name cannot be a name on AWS"
            change = f"rename the file to {name}.yaml"
            yield Mistake((), document.model.name, problem, allowed, change, document.file)
        # Ids in templates have no dashes, but capital letters: a-1 and a1 become A1, a-b and ab differ.
        composed = "".join(word.capitalize() for word in name.split("-"))
        if composed in first:
            problem = f"becomes the same name as {first[composed]}: {name}"
            change = "rename or remove one of them"
            yield Mistake((), document.model.name, problem, "different names", change, document.file)
        first.setdefault(composed, document.file)


def _too_long(environment: Environment) -> Iterator[Mistake]:
    """Yield environments and use cases whose names on AWS are too long."""
    on = [option for option in NAME_LIMITS_OF_OPTIONS if getattr(environment, option, None)]
    limits = {kind: limit for option in on for kind, limit in NAME_LIMITS_OF_OPTIONS[option].items()}
    prefix = environment.prefix
    for problem, room in _longer({**limits, **NAME_LIMITS_OF_ENVIRONMENT}, prefix):
        change = "shorten the name of the file or of the project"
        yield Mistake((), prefix, problem, f"at most {room} characters", change)
        return
    for use_case in environment.use_cases:
        for problem, room in _longer(NAME_LIMITS, use_case, prefix=prefix):
            change = "shorten the name of the use case, of the environment or of the project"
            allowed = f"at most {room} characters in {environment.name}"
            yield Mistake(("use_cases", use_case), use_case, problem, allowed, change)


def _vpc_endpoints_that_a_source_needs(environment: Environment, use_case: UseCase) -> Iterator[Mistake]:
    network, source = getattr(environment, "network", None), getattr(use_case, "source", None)
    if not isinstance(network, ExistingNetwork) or not source or use_case.name not in environment.use_cases:
        return
    if environment.trained_in:
        return
    needed = set(needed_vpc_endpoints(None, None, [source])) - set(needed_vpc_endpoints(None, None))
    missing = sorted(needed - set(network.vpc_endpoints))
    if missing:
        problem = f"lacks {', '.join(missing)}, without which no delivery of {use_case.name} comes"
        change = "create these VPC endpoints with private DNS, then add them here"
        path, allowed = ("network", "vpc_endpoints"), f"{', '.join(sorted(needed))} as well"
        yield Mistake(path, network.vpc_endpoints, problem, allowed, change)


def _longer(limits: NameLimits, part: str, **others: str) -> Iterator[tuple[str, int]]:
    """Yield the first composed name that is too long, and how many characters there are for a part of it."""
    for kind, (pattern, limit) in limits.items():
        name = pattern.format(part, **others)
        if len(name) > limit:
            problem = f"its {kind} {name} would have {len(name)} characters, {limit} are allowed"
            yield problem, limit - len(name) + len(part)
            return


def _unknown_use_cases(environment: Environment, known: Sequence[str]) -> Iterator[Mistake]:
    for name in environment.use_cases:
        path, problem = ("use_cases", name), "there is no such file in use_cases"
        otherwise = f"write use_cases/{name}.yaml, or remove the key"
        allowed = ", ".join(known) or "no use case yet"
        yield from unknown(name, known, problem, otherwise, allowed=allowed, path=path)


def _use_cases_that_nobody_names(
    environments: Environments, use_cases: Sequence[Document[UseCase]]
) -> Iterator[Mistake]:
    named = {name for each in environments for name in getattr(each.model, "use_cases", ())}
    can_tell = all(hasattr(environment.model, "use_cases") for environment in environments)
    for use_case in use_cases:
        name = use_case.model.name
        if environments and can_tell and name not in named and _NAME.fullmatch(name):
            problem = "no environment names this use case, so that nothing of it is deployed"
            change = f"add `{name}: {{model: latest-approved}}` to the use_cases of an environment"
            allowed = "use cases that an environment names"
            yield Mistake((), name, problem, allowed, change, use_case.file)


def _criterion_that_answers_do_not_show(use_case: UseCase, environments: Environments) -> Iterator[Mistake]:
    """Yield a criterion that cannot be measured on what an endpoint answers: classes, not probabilities."""
    is_hidden = use_case.problem == "multiclass-classification" and use_case.success.metric == "log_loss"
    for environment in environments if is_hidden else ():
        deployment = getattr(environment.model, "use_cases", {}).get(use_case.name)
        if deployment and deployment.monitoring.ground_truth:
            problem = (
                f"needs probabilities, and {environment.file} compares answers in classes with ground truth"
            )
            change = "choose another metric, or remove `ground_truth` there"
            yield Mistake(("success", "metric"), "log_loss", problem, "a metric of classes", change)


def _names_of_another(environment: Environment, other: Document[Environment]) -> Iterator[Mistake]:
    """Yield environments that an account could not tell apart: permissions end in `<prefix>-*`."""
    mine, its = f"{environment.prefix}-", f"{other.model.prefix}-"
    if environment.account == other.model.account and (mine.startswith(its) or its.startswith(mine)):
        problem = f"its names begin with {mine}, those of {other.file} with {its}: one could change the other"
        allowed = "names in one account of which none begins with another one's"
        yield Mistake((), environment.name, problem, allowed, "rename the file, or name another project")


def _channel_of_another(environment: Environment, other: Document[Environment]) -> Iterator[Mistake]:
    """Yield a channel that AWS takes once: https://github.com/cloudcomponents/cdk-constructs/issues/92."""
    mine, its = environment.alerts.slack, other.model.alerts.slack
    if mine and mine == its and environment.account == other.model.account:
        problem = f"is the channel of {other.file} too, and an account has one configuration for a channel"
        path, change = ("alerts", "slack", "channel"), "choose another channel"
        yield Mistake(path, mine.channel, problem, "a channel of its own in each account", change)


def _overlapping_networks(environment: Environment, other: Document[Environment]) -> Iterator[Mistake]:
    mine, its = environment.network, other.model.network
    if isinstance(mine, ManagedNetwork) and isinstance(its, ManagedNetwork) and mine.cidr.overlaps(its.cidr):
        problem = f"overlaps {its.cidr} of {other.file}, so that the two could never be connected"
        path, allowed = ("network", "cidr"), "a range of its own for each environment"
        yield Mistake(path, mine.cidr, problem, allowed, "choose another range")


def _columns_that_the_catalog_refuses(use_case: UseCase, environments: Environments) -> Iterator[Mistake]:
    """Yield columns that Glue, or a feature group, could not name in an environment that has them."""
    catalogs = [
        (getattr(catalog, "feature_store", "none"), environment.file)
        for environment in environments
        if (catalog := getattr(environment.model, "catalog", None))
        and use_case.name in getattr(environment.model, "use_cases", ())
    ]
    stores = [file for feature_store, file in catalogs if feature_store != "none"]
    if catalogs:
        yield from _columns_of_one_name(use_case, catalogs[0][1])
    if stores:
        yield from _columns_that_are_no_features(use_case, stores[0])


def _columns_of_one_name(use_case: UseCase, environment: str) -> Iterator[Mistake]:
    first = {PARTITION: "the column that says which execution wrote a row"}
    for path, column in columns_of(use_case):
        name = catalog_name(column)
        if first.get(name, column) != column:
            problem = f"would be {name} in the catalog that {environment} switches on, like {first[name]}"
            allowed = f"names that differ in more than case, not {PARTITION}"
            change = "rename the column in the raw data, or remove catalog"
            yield Mistake(path, column, problem, allowed, change)
        first.setdefault(name, column)


def _columns_that_are_no_features(use_case: UseCase, environment: str) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for path, column in columns_of(use_case):
        name = feature_name(column)
        if not can_be_feature(name) or first.setdefault(name, column) != column:
            problem = f"cannot be a feature of the feature store that {environment} switches on"
            named = ", ".join(RESERVED_FEATURES)
            allowed = f"names that differ in letters or digits, and are not {named}"
            change = "rename the column in the raw data, or write feature_store: none"
            yield Mistake(path, column, problem, allowed, change)


def _personal_data_that_model_monitor_tells(
    use_case: UseCase, environments: Environments
) -> Iterator[Mistake]:
    """Yield columns that AWS's analyzer would describe as clients send them, beside a coarser baseline."""
    for environment in environments:
        deployment = getattr(environment.model, "use_cases", {}).get(use_case.name)
        if treated(use_case.personal_data) and deployment and deployment.monitoring.engine == "model-monitor":
            problem = (
                f"{environment.file} has it watched by Model Monitor, which reports requests as they come"
            )
            change = "write engine: own there, or move the columns to drop"
            yield Mistake(("personal_data",), use_case.personal_data, problem, "drop alone", change)


def _bucket_in_which_nobody_finds_the_newest(
    use_case: UseCase, environments: Environments
) -> Iterator[Mistake]:
    """Yield buckets of other accounts where retraining would have to find a delivery."""
    for environment in environments:
        deployment = getattr(environment.model, "use_cases", {}).get(use_case.name)
        source = use_case.source
        if source and source.bucket and not source.delivers and deployment and deployment.retraining:
            problem = (
                f"{environment.file} retrains on the newest delivery, which is looked for in the data bucket"
            )
            change = "add `schedule` to the source, which brings deliveries there, or remove `retraining`"
            yield Mistake(
                ("source", "bucket"), source.bucket.name, problem, "deliveries in the data bucket", change
            )


def _machine_that_trains_where_a_rule_approves(
    use_case: UseCase, environments: Environments
) -> Iterator[Mistake]:
    """Yield sources whose machine trains: the rule looks at what the retraining has started itself."""
    for environment in environments:
        deployment = getattr(environment.model, "use_cases", {}).get(use_case.name)
        retraining = deployment.retraining if deployment else None
        if use_case.source and use_case.source.delivers and retraining and retraining.approve_when_better_by:
            problem = f"{environment.file} approves by rule, and another machine trains with what this brings"
            change = "remove approve_when_better_by there"
            shown = use_case.source.model_dump(mode="json", exclude_defaults=True)
            yield Mistake(("source",), shown, problem, "deliveries of people", change)
