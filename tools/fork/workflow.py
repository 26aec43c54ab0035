"""Workflows with one job for each environment: one after the other where that of the sample does so."""

import re

from tools.fork.answers import Answers
from tools.fork.sample import ForkError, SampleOrganisation

GITLAB = "docs/examples/gitlab-ci.yml"
WORKFLOWS = (".github/workflows/deploy.yml", ".github/workflows/drift.yml", GITLAB)


def with_environments(path: str, text: str, sample: SampleOrganisation, answers: Answers) -> str:
    """A workflow with the fork's environments instead of the sample's."""
    # How far jobs stand from the margin, and how one says that it waits for another one.
    indent, waits = ("", "[assembly, {}]") if path == GITLAB else ("  ", "{}")
    parts = _jobs(text, indent)
    first, last = (parts.get(each.name, "") for each in (sample.first, sample.last))
    needs = re.compile(rf"^{indent}  needs: (.+)$", re.MULTILINE)
    needed, needed_by_last = needs.search(first), needs.search(last)
    if needed is None or needed_by_last is None:
        raise ForkError(f"{path} has no job for each of {sample.first.name}, {sample.last.name}")
    if taken := answers.environments.keys() & (parts.keys() - {sample.first.name, sample.last.name}):
        raise ForkError(f"{path} has a job {', '.join(taken)} already: choose another environment's name")
    begin, after = text[: text.index(first)], needed[1]
    is_chain = needed_by_last[1] != after
    jobs = []
    for name, place in answers.environments.items():
        old, job = (sample.last, last) if place.protected else (sample.first, first)
        job = re.sub(rf"\b{old.name}\b", name, needs.sub(f"{indent}  needs: ", job))
        jobs.append(job.replace(f"{indent}  needs: ", f"{indent}  needs: {after}", 1))
        after = waits.format(name) if is_chain else after
    return _with_stages(begin, answers) + "\n\n".join(jobs) + "\n"


def _jobs(text: str, indent: str) -> dict[str, str]:
    """What stands below a key of this indentation, by the key."""
    parts = re.split(rf"^(?={indent}[\w-]+:\n)", text, flags=re.MULTILINE)
    return {part.partition(":")[0].strip(): part.strip("\n") for part in parts}


def _with_stages(text: str, answers: Answers) -> str:
    """GitLab's list of stages, where there is one: that of the assembly, and one for each environment."""
    stages = ", ".join(["assembly", *answers.environments])
    return re.sub(r"^stages: .+$", f"stages: [{stages}]", text, flags=re.MULTILINE)
