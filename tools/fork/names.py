"""Pages and the workflow in the words of the fork: its names, places, repository and e-mail."""

import re
from collections.abc import Iterator, Mapping

from tools.fork.answers import Answers
from tools.fork.sample import SampleEnvironment, SampleOrganisation
from tools.fork.workflow import WORKFLOW, with_environments

# What is made from the templates says its names by itself, and decisions are history.
_PAGES = re.compile(r"README\.md|Makefile|docs/(?!decisions/|exceptions\.md)[\w/-]+\.md")


def is_renamed(path: str) -> bool:
    """Whether a file speaks of the organisation, so that the fork's differs from the template's."""
    return path == WORKFLOW or _PAGES.fullmatch(path) is not None


def renamed_files(texts: Mapping[str, str], answers: Answers) -> dict[str, str]:
    """What of a template's files reads otherwise in the fork, by path."""
    sample = SampleOrganisation.of(texts)
    found = {path: renamed(text, sample, answers) for path, text in texts.items() if _PAGES.fullmatch(path)}
    if WORKFLOW in texts:
        found[WORKFLOW] = with_environments(texts[WORKFLOW], sample, answers)
    return found


def renamed(text: str, sample: SampleOrganisation, answers: Answers) -> str:
    """Every name at once: `dev` may become `prod`, and `prod` something else."""
    names = list(_names(sample, answers))
    anything = re.compile("|".join(f"({pattern})" for pattern, _ in names))
    return anything.sub(lambda found: names[(found.lastindex or 1) - 1][1], text)


def _names(sample: SampleOrganisation, answers: Answers) -> Iterator[tuple[str, str]]:
    """Patterns without groups, the longer ones first, and what stands there in the fork."""
    if answers.repository:
        yield re.escape(sample.repository), answers.repository
    yield re.escape(sample.email), answers.email
    for old, name in ((sample.first, answers.first), (sample.last, answers.last)):
        yield from _names_of_environment(old, name, answers)


def _names_of_environment(old: SampleEnvironment, name: str, answers: Answers) -> Iterator[tuple[str, str]]:
    place, prefix = answers.environments[name], f"{answers.project}-{name}"
    account, region = str(old.content["account"]), str(old.content["region"])
    yield rf"\b{old.prefix}\b", prefix
    yield rf"\b{old.prefix.replace('-', '_')}(?=\b|_)", prefix.replace("-", "_")
    yield f"{region}:{account}", f"{place.region}:{place.account}"
    yield f"{account}/{region}", f"{place.account}/{place.region}"
    yield rf"(?<!\d){account}(?!\d)", place.account
    # Not requirements/dev.in, nor the sample of the tests.
    yield rf"(?:(?<=config/environments/)|(?<![\w/.-])){old.name}(?![\w-])", name
