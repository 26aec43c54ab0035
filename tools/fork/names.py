"""Pages and workflows in the words of the fork: its names, places, repository and e-mail."""

import re
from collections.abc import Iterator, Mapping

from tools.fork.answers import Answers
from tools.fork.sample import USE_CASES, SampleEnvironment, SampleOrganisation
from tools.fork.workflow import WORKFLOWS, with_environments

# What is made from the templates says its names by itself, decisions are history, and other projects that are
# compared have environments of their own.
_PAGES = re.compile(
    r"README\.md|Makefile|docs/(?!decisions/|exceptions\.md|comparison\.md)[\w/-]+\.md|docs/examples/[\w.-]+"
)
_TITLE = re.compile(r"\A# .+\n\n")


def is_renamed(path: str) -> bool:
    """Whether a file speaks of the organisation, so that the fork's differs from the template's."""
    return path in WORKFLOWS or _PAGES.fullmatch(path) is not None


def renamed_files(texts: Mapping[str, str], answers: Answers) -> dict[str, str]:
    """What of a template's files reads otherwise in the fork, by path."""
    sample = SampleOrganisation.of(texts)
    pages = {path: text for path, text in texts.items() if _PAGES.fullmatch(path)}
    found = {
        path: renamed(_with_note(text, sample, answers), sample, answers) for path, text in pages.items()
    }
    workflows = [path for path in WORKFLOWS if path in texts]
    return found | {path: with_environments(path, texts[path], sample, answers) for path in workflows}


def renamed(text: str, sample: SampleOrganisation, answers: Answers) -> str:
    """Every name at once: `dev` may become `prod`, and `prod` something else."""
    names = list(_names(sample, answers))
    anything = re.compile("|".join(f"({pattern})" for pattern, _ in names))
    return anything.sub(lambda found: names[(found.lastindex or 1) - 1][1], text)


def _with_note(page: str, sample: SampleOrganisation, answers: Answers) -> str:
    """Below its title, a page that shows the resources or the file of a use case which is gone says so."""
    places = "|".join([f"{sample.first.prefix}-", f"{sample.last.prefix}-", USE_CASES])
    gone = [name for name in sample.use_cases if name not in answers.use_cases]
    told = [f"`{name}`" for name in gone if re.search(rf"\b(?:{places}){name}\b", page)]
    if not told:
        return page
    what = f"This page tells of {' and '.join(told)} of the template, which this fork has not kept"
    note = f"> {what}: read the name of one of its own use cases instead.\n\n"
    return _TITLE.sub(lambda title: title[0] + note, page)


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
