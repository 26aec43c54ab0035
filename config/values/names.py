"""Checks of names: files, and what is composed from them on AWS."""

import re
from collections.abc import Iterable, Iterator

from config.facts.aws import NAME_LIMITS, NAME_LIMITS_OF_ENVIRONMENT
from config.mistakes.documents import Document
from config.mistakes.errors import Mistake

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def slug(name: str) -> str:
    """Return the nearest name of lower-case words and numbers joined by single dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-") or "name"


def check_file_names(documents: Iterable[Document]) -> Iterator[Mistake]:
    """Yield files whose names cannot become names on AWS, or would become the same one."""
    first: dict[str, str] = {}
    allowed = "lower-case words and numbers joined by single dashes, beginning with a letter"
    for document in documents:
        name = slug(document.name)
        if not _SLUG.fullmatch(document.name):
            problem = "the file's name cannot be a name on AWS"
            yield document.mistake((), document.name, problem, allowed, f"rename the file to {name}.yaml")
        if name in first:
            problem = f"becomes the same name as {first[name]}: {name}"
            yield document.mistake(
                (), document.name, problem, "different names", "rename or remove one of them"
            )
        first.setdefault(name, document.file)


def check_composed_names(environments: Iterable[Document]) -> Iterator[Mistake]:
    """Yield environments and use cases whose names on AWS are too long, or meet those of another."""
    owner: dict[tuple[str | None, ...], str] = {}
    for environment in environments:
        yield from _too_long_environment(environment)
        for use_case in environment.mapping("use_cases"):
            yield from _too_long(environment, use_case)
            name = f"{environment.name}-{use_case}"
            where = (environment.text("account"), environment.text("region"), name)
            if where in owner:
                problem = (
                    f"its endpoint {name} is also the one of {owner[where]} in the same account and region"
                )
                path = ("use_cases", use_case)
                yield environment.mistake(path, use_case, problem, "different names", "rename one")
            owner.setdefault(where, f"{use_case} in {environment.file}")


def _too_long(environment: Document, use_case: str) -> Iterator[Mistake]:
    for kind, (pattern, limit) in NAME_LIMITS.items():
        name = pattern.format(environment=environment.name, use_case=use_case)
        if len(name) > limit:
            room = limit - len(pattern.format(environment=environment.name, use_case=""))
            problem = f"its {kind} {name} would have {len(name)} characters, {limit} are allowed"
            change = "shorten the name of the use case or of the environment"
            allowed = f"at most {room} characters in {environment.name}"
            yield environment.mistake(("use_cases", use_case), use_case, problem, allowed, change)
            return


def _too_long_environment(environment: Document) -> Iterator[Mistake]:
    for kind, (pattern, limit) in NAME_LIMITS_OF_ENVIRONMENT.items():
        name = pattern.format(environment=environment.name)
        if len(name) > limit:
            room = limit - len(pattern.format(environment=""))
            problem = f"its {kind} {name} would have {len(name)} characters, {limit} are allowed"
            change = "shorten the name of the file"
            yield environment.mistake((), environment.name, problem, f"at most {room} characters", change)
            return
