"""What a check is, and what it finds: all is told, whatever else is missing or refused."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from tools.refused import why
from tools.synthesized import Synthesized


class State(StrEnum):
    """A problem stops a deployment, a job or people; a warning does not."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    state: State
    what: str
    change: str = ""
    """What to do about it."""


Look = Callable[[Synthesized], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """Looks, and changes nothing."""

    name: str
    look: Look

    def carry_out(self, environment: Synthesized) -> list[Finding]:
        """What it found up to where it was refused."""
        found: list[Finding] = []
        try:
            found.extend(self.look(environment))
        except (ClientError, BotoCoreError) as error:
            found.append(not_known(why(error)))
        return found


def ok(what: str) -> Finding:
    return Finding(State.OK, what)


def warning(what: str, change: str) -> Finding:
    return Finding(State.WARNING, what, change)


def problem(what: str, change: str) -> Finding:
    return Finding(State.PROBLEM, what, change)


def not_known(what: str, change: str = "") -> Finding:
    return Finding(State.NOT_KNOWN, what, change)


def page(title: str, found: Sequence[tuple[str, Finding]]) -> str:
    """A line for each finding, below it what to change, and in the end how many there are of each."""
    width = max(len(name) for name, _ in found)
    lines = [title]
    for name, finding in found:
        lines.append(f"  {finding.state:9}  {name:{width}}  {finding.what}")
        if finding.change:
            lines.append(f"{'':{width + 15}}do: {finding.change}")
    counts = [(state, sum(finding.state is state for _, finding in found)) for state in State]
    return "\n".join([*lines, "", ", ".join(f"{state}: {count}" for state, count in counts if count)])
