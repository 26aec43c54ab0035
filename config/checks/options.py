"""Checks of an environment's people and options that compare several of its values."""

from collections.abc import Iterator

from config.mistakes.documents import Document
from config.mistakes.errors import Mistake


def check_options(environment: Document) -> Iterator[Mistake]:
    """Yield people who could not sign in, and regions that do not fit the environment's."""
    yield from _people_who_cannot_sign_in(environment)
    yield from _replication_into_the_same_region(environment)
    yield from _workteam_of_another_region(environment)


def _people_who_cannot_sign_in(environment: Document) -> Iterator[Mistake]:
    sign_in = environment.mapping("studio").get("sign_in", "iam")
    first: dict[str, str] = {}
    for name in environment.mapping("studio", "people"):
        path = ("studio", "people", name, "single_sign_on_user")
        user = environment.at(*path)
        if sign_in == "identity-center" and user is None:
            allowed, change = "the user name in IAM Identity Center", "add `single_sign_on_user: ...`"
            problem = "is required with sign_in: identity-center"
            yield environment.mistake(path, None, problem, allowed, change)
        elif sign_in == "iam" and user is not None:
            problem = "has no meaning with sign_in: iam"
            change = "remove it, or write sign_in: identity-center"
            yield environment.mistake(path, user, problem, "no such key with sign_in: iam", change)
        elif isinstance(user, str) and user in first:
            problem = f"is the user of {first[user]} too"
            yield environment.mistake(path, user, problem, "one profile for each user", "remove one of them")
        if isinstance(user, str):
            first.setdefault(user, name)


def _replication_into_the_same_region(environment: Document) -> Iterator[Mistake]:
    region, replica = environment.text("region"), environment.text("replication_region")
    if replica is not None and replica == region:
        problem = "is the region of the environment itself"
        allowed = f"a region with SageMaker other than {region}"
        yield environment.mistake(
            ("replication_region",), replica, problem, allowed, "choose another region, or remove the key"
        )


def _workteam_of_another_region(environment: Document) -> Iterator[Mistake]:
    region, pool = environment.text("region"), environment.text("catalog", "workteam", "user_pool_id")
    if pool is not None and "_" in pool and pool.partition("_")[0] != region:
        path = ("catalog", "workteam", "user_pool_id")
        problem, allowed = "is a user pool of another region", f"{region}_<letters and digits>"
        yield environment.mistake(path, pool, problem, allowed, "use the workforce of this region")
