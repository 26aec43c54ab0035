"""Workflows with one job for each environment: one after the other where that of the sample does so."""

import re

from tools.fork.answers import Answers
from tools.fork.sample import ForkError, SampleOrganisation

WORKFLOWS = (".github/workflows/deploy.yml", ".github/workflows/drift.yml")
_JOB = re.compile(r"^(?=  [\w-]+:\n)", re.MULTILINE)
_NEEDS = re.compile(r"^    needs: (.+)$", re.MULTILINE)


def with_environments(path: str, text: str, sample: SampleOrganisation, answers: Answers) -> str:
    """A workflow with the fork's environments instead of the sample's."""
    parts = {part.partition(":")[0].strip(): part.strip("\n") for part in _JOB.split(text)}
    first, last = (parts.get(each.name, "") for each in (sample.first, sample.last))
    needed, needed_by_last = _NEEDS.search(first), _NEEDS.search(last)
    if needed is None or needed_by_last is None:
        raise ForkError(f"{path} has no job for each of {sample.first.name}, {sample.last.name}")
    if taken := answers.environments.keys() & (parts.keys() - {sample.first.name, sample.last.name}):
        raise ForkError(f"{path} has a job {', '.join(taken)} already: choose another environment's name")
    begin, after = text[: text.index(first)], needed[1]
    is_chain = needed_by_last[1] != after
    jobs = []
    for name, place in answers.environments.items():
        old, job = (sample.last, last) if place.protected else (sample.first, first)
        job = re.sub(rf"\b{old.name}\b", name, _NEEDS.sub("    needs: ", job))
        jobs.append(job.replace("    needs: ", f"    needs: {after}", 1))
        after = name if is_chain else after
    return begin + "\n\n".join(jobs) + "\n"
