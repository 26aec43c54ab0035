"""What `make init` can be told in a line each: on the command line, or asked in a terminal."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.mistakes.errors import ConfigurationError, Mistake

FILE = "make init"
"""Where mistakes are that stand in no file."""
_NOTHING = "none"


def _text(said: str) -> Any:
    return said


def _words(said: str) -> Any:
    return [word for word in said.replace(",", " ").split() if word != _NOTHING]


def _repository(said: str) -> Any:
    return None if said == _NOTHING else said


def _places(said: str) -> Any:
    """`play=111122223333:10.8.0.0/16 live=123456789012`; the range may be left out."""
    places = {}
    for name, place in _pairs(said).items():
        account, _, cidr = place.partition(":")
        places[name] = {"account": account, **({"network": {"cidr": cidr}} if cidr else {})}
    return places


def _people(said: str) -> Any:
    """`ann=data-scientist:ann@acme.example`; the user of IAM Identity Center may be left out."""
    people = {}
    for name, person in _pairs(said).items():
        persona, _, user = person.partition(":")
        people[name] = {"persona": persona, **({"single_sign_on_user": user} if user else {})}
    return people


def _pairs(said: str) -> Any:
    return dict(_names_and_values(said))


def _names_and_values(said: str) -> list[tuple[str, str]]:
    pairs = (word.partition("=") for word in _words(said))
    return [(name, value) for name, _, value in pairs]


_NAMED = (_places, _people, _pairs)
"""What reads words with names, each of which can be there once."""


@dataclass(frozen=True)
class Question:
    """A variable of `make init`."""

    variable: str
    key: str
    text: str
    read: Callable[[str], Any]
    otherwise: str = ""
    """What follows when nothing is said; without it, something has to be said."""


QUESTIONS = (
    Question("ORG", "organisation", "Short name of the organisation, e.g. acme", _text),
    Question(
        "ACCOUNTS",
        "environments",
        "Environments, e.g. dev=111122223333:10.0.0.0/16 prod=123456789012",
        _places,
    ),
    Question("REGION", "region", "AWS region, e.g. eu-central-1", _text),
    Question("EMAIL", "email", "E-mail address that is told of alarms", _text),
    Question("PROJECT", "project", "What names on AWS begin with", _text, "the organisation"),
    Question("REPOSITORY", "repository", "GitHub repository that may deploy", _repository, "none"),
    Question("SIGN_IN", "sign_in", "Sign-in to Studio: iam or identity-center", _text, "iam"),
    Question("PEOPLE", "people", "People, e.g. ann=data-scientist", _people, "one of each persona"),
    Question("USE_CASES", "use_cases", "Sample use cases that stay", _words, "all"),
    Question("OPTIONS", "options", "Options: studio, catalog, budget, off_hours, or none", _words, "all"),
    Question("TAGS", "tags", "Tags, e.g. cost-center=research", _pairs, "none"),
)


def ask(answer: Callable[[str], str] = input) -> dict[str, str]:
    """What somebody in a terminal says, by variable."""
    said = {}
    for question in QUESTIONS:
        hint = f" [{question.otherwise}]" if question.otherwise else ""
        said[question.variable] = answer(f"{question.text}{hint}: ").strip()
    return said


def command(said: Mapping[str, str]) -> str:
    """What says the same without questions."""
    return shlex.join(["make", "init", *(f"{name}={words}" for name, words in said.items() if words)])


def given(said: Mapping[str, str]) -> tuple[dict[str, Any], list[Mistake]]:
    """Answers as a file would hold them, and what was named twice: of that, the last one is among them."""
    answered = [question for question in QUESTIONS if said.get(question.variable)]
    answers = {question.key: question.read(said[question.variable]) for question in answered}
    named = [question for question in answered if question.read in _NAMED]
    return answers, [mistake for question in named for mistake in _repeated(question, said)]


def _repeated(question: Question, said: Mapping[str, str]) -> Iterator[Mistake]:
    words = said[question.variable]
    counted = Counter(name for name, _ in _names_and_values(words))
    if twice := sorted(name for name, count in counted.items() if count > 1):
        problem, change = f"names {', '.join(twice)} twice", "name each once"
        yield Mistake((question.key,), words, problem, "NAME=VALUE NAME=VALUE", change)


def variables(arguments: Iterable[str]) -> dict[str, str]:
    """`NAME=value` by name; ANSWERS names a file instead."""
    said = dict(argument.partition("=")[::2] for argument in arguments)
    known = [*(question.variable for question in QUESTIONS), "ANSWERS"]
    if unknown := sorted(said.keys() - set(known)):
        problem, change = "is no answer", "remove it"
        mistakes = (Mistake((name,), said[name], problem, ", ".join(known), change, FILE) for name in unknown)
        raise ConfigurationError(mistakes)
    return said
