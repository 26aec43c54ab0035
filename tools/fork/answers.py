"""What a fork is told once: who it belongs to, where it runs, and what it keeps of the samples."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError

from config.mistakes.errors import ConfigurationError, Mistake, suggest
from config.mistakes.explain import explain
from config.mistakes.yaml_reader import read_yaml
from config.models.base import ConfigurationModel
from config.models.network import Network
from config.models.options import Person, SignIn
from config.values import fields
from config.values.tags import Tags

Option = Literal["studio", "catalog", "budget", "off_hours"]
"""A key of an environment that can be left out."""
OPTIONS: tuple[Option, ...] = get_args(Option)
UseCases = Annotated[tuple[str, ...], Field(strict=False), fields.between(1, 100, "use cases")]
Options = Annotated[tuple[Option, ...], Field(strict=False), fields.between(0, len(OPTIONS), "options")]


class Place(ConfigurationModel):
    """One environment."""

    account: fields.Account
    """AWS account id, 12 digits, quoted."""
    region: fields.Region
    """REGION: AWS region."""
    protected: bool
    """Whether it is made like production: protected against deletion, with more instances."""
    network: Network
    """A network that is created (cidr, availability_zones) or one that exists (vpc_id, ...)."""


class Answers(ConfigurationModel):
    """All that is asked. A file of answers has these keys; what is not said is as `complete` says."""

    organisation: fields.Project
    """ORG: short name of the organisation, in lower-case letters, digits and dashes."""
    project: fields.Project
    """What every name on AWS begins with."""
    environments: dict[fields.Project, Place] = Field(min_length=1)
    """ACCOUNTS: the environments, in the order in which they are deployed."""
    email: fields.Email
    """EMAIL: address that is told of alarms and costs."""
    repository: fields.GithubRepository | None
    """GitHub repository that may deploy, as owner/name; none when left out."""
    sign_in: SignIn
    """How people sign in to Studio: iam or identity-center."""
    people: dict[fields.ProfileName, Person]
    """Who works in Studio, by user profile."""
    use_cases: UseCases
    """The sample use cases that stay."""
    options: Options
    """What environments that have it keep."""
    tags: Tags
    """Tags of every resource."""

    def mistakes(self) -> Iterator[Mistake]:
        if "studio" not in self.options:
            problem, change = "is about Studio, which does not stay", "remove it, or keep the option studio"
            if self.people:
                yield Mistake(("people",), list(self.people), problem, "nobody without studio", change)
            if self.sign_in != "iam":
                yield Mistake(("sign_in",), self.sign_in, problem, "left out without studio", change)

    @property
    def first(self) -> str:
        """The environment that examples are about: the first that is not protected, if there is one."""
        return min(self.environments, key=lambda name: self.environments[name].protected)

    @property
    def last(self) -> str:
        """The one that stands for production: the last that is protected, if there is one."""
        return max(reversed(self.environments), key=lambda name: self.environments[name].protected)


PERSONAS = ("data-engineer", "data-scientist", "mlops-engineer")


def complete(given: Mapping[str, Any], use_cases: tuple[str, ...]) -> dict[str, Any]:
    """Answers with what follows where nothing is said; nothing is checked yet."""
    answers = {
        "project": given.get("organisation"),
        "repository": None,
        "sign_in": "iam",
        "use_cases": use_cases,
        "options": OPTIONS,
        "tags": {},
        **given,
    }
    if "people" not in answers:
        has_studio = "studio" in str(answers["options"])
        answers["people"] = {name: {"persona": name} for name in PERSONAS if has_studio}
    region = answers.pop("region", None)
    environments = answers.get("environments")
    if isinstance(environments, dict):
        usual = _usual_places(environments, region)
        answers["environments"] = {
            name: _place(place, usual[name]) if isinstance(place, dict) else place
            for name, place in environments.items()
        }
    return answers


def _usual_places(environments: Mapping[str, Any], region: object) -> dict[str, dict[str, Any]]:
    """Of several the last one is production, unless something else is said; none has the range of another."""
    is_said = any("protected" in place for place in environments.values() if isinstance(place, dict))
    most = len(environments) - 1
    return {
        name: {
            **({"region": region} if region else {}),
            "protected": not is_said and 0 < number == most,
            "network": {"cidr": f"10.{number}.0.0/16"},
        }
        for number, name in enumerate(environments)
    }


def _place(said: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    place = {**usual, **said}
    network, region = place["network"], place.get("region")
    if isinstance(network, dict) and "vpc_id" not in network:
        zones = {"availability_zones": [f"{region}a", f"{region}b"]}
        place["network"] = {**usual["network"], **zones, **network}
    return place


@dataclass(frozen=True)
class Said:
    """Answers before anything of them is checked."""

    answers: Mapping[str, Any]
    mistakes: Sequence[Mistake]
    """Of their form, which were met while they were read."""
    file: str
    """Where they stand."""


def read_answers(path: Path, file: str) -> Said:
    """What a file of answers says; raises ConfigurationError for one that cannot be read."""
    content, mistakes = read_yaml(path)
    if content is None:
        raise ConfigurationError(mistake.in_file(file) for mistake in mistakes)
    return Said(content, mistakes, file)


def checked_answers(said: Said, use_cases: tuple[str, ...]) -> Answers:
    """Raises ConfigurationError with every mistake."""
    given = complete(said.answers, use_cases)
    mistakes = [*said.mistakes, *_unknown_samples(given["use_cases"], use_cases)]
    try:
        answers = Answers.model_validate(given)
        if not mistakes:
            return answers
    except ValidationError as error:
        mistakes += explain(error, Answers)
    raise ConfigurationError(mistake.in_file(said.file) for mistake in mistakes)


def _unknown_samples(named: object, known: tuple[str, ...]) -> Iterator[Mistake]:
    words = [name for name in named if isinstance(name, str)] if isinstance(named, list | tuple) else []
    if strange := [name for name in words if name not in known]:
        change = suggest(strange[0], known, "name samples that are there")
        yield Mistake(
            ("use_cases",), strange, f"there is no sample {', '.join(strange)}", ", ".join(known), change
        )
