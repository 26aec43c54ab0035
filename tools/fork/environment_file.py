"""The file of an environment: that of the sample, with what the answers say; comments stay."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.fork.answers import OPTIONS, Answers
from tools.fork.names import renamed
from tools.fork.sample import SampleOrganisation

# What YAML takes for nothing but text; a range of addresses is such, too.
_PLAIN = re.compile(r"(?!(?i:true|false|null|yes|no|on|off)$)[A-Za-z_][\w./@-]*|\d+(\.\d+){3}/\d+")


def environment_file(name: str, sample: SampleOrganisation, answers: Answers) -> str:
    """The text of config/environments/<name>.yaml."""
    place = answers.environments[name]
    made_like = sample.last if place.protected else sample.first
    content = made_like.content
    text = renamed(made_like.text, sample, answers)
    text = with_use_cases(text, answers.use_cases, is_alone=all(_protected(answers)))
    values: dict[str, Any] = {
        "project": answers.project,
        "account": place.account,
        "region": place.region,
        "termination_protection": place.protected,
        "network": place.network.model_dump(mode="json", exclude_unset=True),
        "alerts": {**content["alerts"], "email": answers.email},
        "studio": content.get("studio") and _studio(content["studio"], answers),
        "delivery": answers.repository and {**content["delivery"], "github_repository": answers.repository},
        "tags": answers.tags,
    }
    values |= {option: None for option in OPTIONS if option not in answers.options}
    for key, value in values.items():
        text = with_key(text, key, value)
    return text


def _studio(sample: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    people = {name: person.model_dump(exclude_none=True) for name, person in answers.people.items()}
    sign_in = {} if answers.sign_in == "iam" else {"sign_in": answers.sign_in}
    return {**sign_in, **sample, "people": people}


def with_key(text: str, key: str, value: Any) -> str:
    """Replaces a key of the first level with all below it; without a value, removes it."""
    written = "" if value in (None, "", {}) else written_key(key, value)
    block = re.compile(rf"^{key}:.*\n(?: .*\n)*", re.MULTILINE)
    if block.search(text):
        return block.sub(lambda _: written, text)
    # Before what is longest.
    return re.sub(r"(?m)^(?=use_cases:)", lambda _: written, text)


def written_key(key: str, value: Any) -> str:
    """A key and its value as lines of YAML; what is below it, one line each."""
    if not isinstance(value, Mapping):
        return f"{key}: {_flow(value)}\n"
    if not any(isinstance(each, Mapping | list) for each in value.values()):
        return f"{key}: {_flow(value)}\n"
    lines = [f"  {line}\n" for name, each in value.items() for line in written_key(name, each).splitlines()]
    return "".join([f"{key}:\n", *lines])


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else json.dumps(value)


def _protected(answers: Answers) -> Iterator[bool]:
    return (place.protected for place in answers.environments.values())


def with_use_cases(text: str, kept: Sequence[str], *, is_alone: bool) -> str:
    """Keeps what the environment says of these.

    Where it knows none of them, or where no other environment would have the others, they are like its first.
    """
    block = re.search(r"(?m)^use_cases:\n((?:  .*\n?)*)", text)
    assert block
    parts = [part for part in re.split(r"(?m)^(?=  [\w-]+:)", block[1]) if part]
    entries = {part.partition(":")[0].strip(): part for part in parts}
    first, entry = next(iter(entries.items()))
    added = kept if is_alone or not entries.keys() & set(kept) else ()
    chosen = {name: entry.replace(f"  {first}:", f"  {name}:", 1) for name in added}
    chosen |= {name: known for name, known in entries.items() if name in kept}
    return text[: block.start(1)] + "".join(chosen.values()) + text[block.end(1) :]
