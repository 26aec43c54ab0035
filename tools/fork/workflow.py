"""The workflow that deploys: one job for each environment, one after the other."""

import re

from tools.fork.answers import Answers
from tools.fork.sample import ForkError, SampleOrganisation

WORKFLOW = ".github/workflows/deploy.yml"
_JOB = re.compile(r"^(?=  [\w-]+:\n)", re.MULTILINE)
_NEEDS = re.compile(r"^    needs: (.+)$", re.MULTILINE)


def with_environments(text: str, sample: SampleOrganisation, answers: Answers) -> str:
    """The workflow with the fork's environments instead of the sample's."""
    parts = {part.partition(":")[0].strip(): part.strip("\n") for part in _JOB.split(text)}
    first, last = (parts.get(each.name, "") for each in (sample.first, sample.last))
    needed = _NEEDS.search(first)
    if needed is None or not _NEEDS.search(last):
        raise ForkError(f"{WORKFLOW} has no job for each of {sample.first.name}, {sample.last.name}")
    if taken := answers.environments.keys() & (parts.keys() - {sample.first.name, sample.last.name}):
        raise ForkError(f"{WORKFLOW} has a job {', '.join(taken)} already: choose another environment's name")
    begin, after = text[: text.index(first)], needed[1]
    jobs = []
    for name, place in answers.environments.items():
        old, job = (sample.last, last) if place.protected else (sample.first, first)
        job = re.sub(rf"\b{old.name}\b", name, _NEEDS.sub("    needs: ", job))
        jobs.append(job.replace("    needs: ", f"    needs: {after}", 1))
        after = name
    return begin + "\n\n".join(jobs) + "\n"
