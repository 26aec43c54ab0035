"""Where an environment is: its account and region; and stacks that are somewhere else than they were."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tools.review.findings import Finding, Home, Kind
from tools.review.replacement import ENDPOINTS, is_stateful
from tools.review.stacks import Stack, Stacks

_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_REGION = re.compile(r"\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)-(?:gov-)?[a-z]+-\d(?![\d])")
_LEAST_IN_COMMON = 0.5


def homes(stacks: Stacks) -> dict[str, Home]:
    """Account and region of each environment: those that its templates name most often."""
    texts: dict[str, str] = {}
    for stack in stacks.values():
        texts[stack.environment] = texts.get(stack.environment, "") + stack.text
    return {name: Home(_most(_ACCOUNT, text), _most(_REGION, text)) for name, text in texts.items()}


def _most(pattern: re.Pattern[str], text: str) -> str:
    return next((name for name, _ in Counter(pattern.findall(text)).most_common(1)), "")


class Moves(NamedTuple):
    """What moved, and what was before as if it had been there always."""

    findings: list[Finding]
    before: Stacks


def moves(before: Stacks, after: Stacks) -> Moves:
    """Environments in another account or region, and stacks under another name."""
    old, new = homes(before), homes(after)
    elsewhere = {
        name: (old[name], new[name])
        for name in old.keys() & new.keys()
        if any(left and right and left != right for left, right in zip(old[name], new[name], strict=True))
    }
    findings = [
        Finding(
            Kind.DATA,
            name,
            "the environment",
            f"moves from {left.account} {left.region} to {right.account} {right.region}: what is deployed "
            "stays there with all that it holds, and nobody manages it; the new one is empty",
            f"{name} moved",
        )
        for name, (left, right) in sorted(elsewhere.items())
    ]
    findings += _renamed(before, after, old, new)
    return Moves(findings, {place: _at_home(stack, elsewhere) for place, stack in before.items()})


def _at_home(stack: Stack, elsewhere: Mapping[str, tuple[Home, Home]]) -> Stack:
    if stack.environment not in elsewhere:
        return stack
    text = stack.text
    for left, right in zip(*elsewhere[stack.environment], strict=True):
        text = text.replace(left, right) if left and right else text
    return stack.of_text(text)


def _renamed(
    before: Stacks, after: Stacks, old: Mapping[str, Home], new: Mapping[str, Home]
) -> Iterator[Finding]:
    comers = {place: after[place] for place in sorted(after.keys() - before.keys())}
    for place in sorted(before.keys() - after.keys()):
        stack = before[place]
        for other in comers.values():
            is_same_place = old[stack.environment] == new[other.environment]
            common = _common(stack, other)
            if not is_same_place or len(common) < _LEAST_IN_COMMON * len(stack.resources):
                continue
            kinds = [Kind.DATA] if any(map(is_stateful, common)) else []
            kinds = kinds or ([Kind.ENDPOINT] if ENDPOINTS & set(common) else [])
            for kind in kinds:
                text = (
                    f"becomes {other.place}: the old stack stays deployed with all that it holds, "
                    "the new one starts empty. Names that stay are taken: the deployment fails before"
                )
                yield Finding(kind, place, "the stack", text, f"{place} becomes {other.place}")
            break


def _common(stack: Stack, other: Stack) -> list[str]:
    """Types of the resources that both have, under the same logical ids."""
    return [
        body["Type"]
        for name, body in stack.resources.items()
        if other.resources.get(name, {}).get("Type") == body["Type"]
    ]
