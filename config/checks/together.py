"""Checks of several files together."""

import itertools
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from config.mistakes.documents import Document
from config.mistakes.errors import MISSING, Mistake, MistakesFoundError, suggest
from config.models.network import ManagedNetwork, parse_cidr
from config.values.feature_names import check_feature_names
from config.values.names import check_composed_names, check_file_names


def check_together(environments: Sequence[Document], use_cases: Sequence[Document]) -> Iterator[Mistake]:
    """Yield the mistakes that show only when files are compared."""
    if not environments:
        change = "add one, e.g. environments/dev.yaml"
        yield Mistake((), MISSING, "there is no environment", "one file or more", change, "environments/")
    yield from check_file_names(environments)
    yield from check_file_names(use_cases)
    yield from check_composed_names(environments)
    yield from _unknown_use_cases(environments, [use_case.name for use_case in use_cases])
    yield from _overlapping_networks(environments)
    yield from _columns_that_are_no_features(environments, use_cases)


def _unknown_use_cases(environments: Sequence[Document], known: Sequence[str]) -> Iterator[Mistake]:
    for environment in environments:
        for use_case in environment.mapping("use_cases"):
            if use_case not in known:
                allowed = ", ".join(known) or "no use case yet"
                change = suggest(use_case, known, f"write use_cases/{use_case}.yaml, or remove the key")
                problem = "there is no such file in use_cases"
                yield environment.mistake(("use_cases", use_case), use_case, problem, allowed, change)


def _overlapping_networks(environments: Sequence[Document]) -> Iterator[Mistake]:
    networks = [
        (environment, network) for environment in environments if (network := _network_of(environment))
    ]
    for (first, one), (second, other) in itertools.combinations(networks, 2):
        if one.overlaps(other):
            problem = f"overlaps {one} of {first.file}, so that the two could never be connected"
            path, allowed = ("network", "cidr"), "a range of its own for each environment"
            yield second.mistake(path, str(other), problem, allowed, "choose another range")


def _network_of(environment: Document) -> IPv4Network | None:
    network = environment.at("network")
    if not isinstance(network, dict) or "vpc_id" in network:
        return None
    cidr = network.get("cidr", ManagedNetwork.model_fields["cidr"].default)
    try:
        return parse_cidr(str(cidr))
    except MistakesFoundError:
        return None


def _columns_that_are_no_features(
    environments: Sequence[Document], use_cases: Sequence[Document]
) -> Iterator[Mistake]:
    users: dict[str, str] = {}
    for environment in environments:
        if environment.text("catalog", "feature_store") in ("offline", "online"):
            users |= dict.fromkeys(environment.mapping("use_cases"), environment.file)
    for use_case in use_cases:
        if use_case.name in users:
            yield from check_feature_names(use_case, users[use_case.name])
