"""The same cases, decided by an engine that shares nothing with ours: iam-simulate, in its own process."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.security.iam.cases import Case
from tests.security.iam.estate import Document
from tools.local_aws.iam.engine.model import PolicyKind

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "node_modules" / "@cloud-copilot" / "iam-simulate"
SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What the second engine says of a case. `allowed` is None when it refuses the question."""

    allowed: bool | None
    error: str | None
    ignored: tuple[str, ...]


class Running:
    """The process that decides, so that others can do something else meanwhile."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def answers(self) -> list[Answer]:
        """Its answer to each case. RuntimeError with what it said when it failed."""
        output, error = self._process.communicate(timeout=SECONDS)
        if self._process.returncode != 0:
            raise RuntimeError(f"The second IAM engine failed:\n{error}")
        return [Answer(item["allowed"], item["error"], tuple(item["ignored"])) for item in json.loads(output)]


def start(cases: Sequence[Case]) -> Running:
    """Hands all cases to one Node process. RuntimeError when Node or the package is missing."""
    node = shutil.which("node")
    if node is None or not PACKAGE.is_dir():
        raise RuntimeError(f"The second IAM engine is not installed ({PACKAGE}); `make setup` installs it")
    pipe = subprocess.PIPE
    script = str(Path(__file__).with_suffix(".mjs"))
    process = subprocess.Popen([node, script], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdin is not None
    process.stdin.write(json.dumps(_question(cases)))
    process.stdin.close()
    process.stdin = None
    return Running(process)


def _question(cases: Sequence[Case]) -> dict[str, Any]:
    policies: list[dict[str, Any]] = []
    positions: dict[tuple[str, str], int] = {}

    def position(document: Document, environment: str) -> int:
        key = (environment, document.name)
        if key not in positions:
            positions[key] = len(policies)
            policies.append(_body(document))
        return positions[key]

    requests = []
    for case in cases:
        subject, environment = case.subject, case.environment
        boundary, resource = subject.boundary, case.resource_policy
        requests.append(
            {
                "principal": subject.principal.arn,
                "action": case.request.action,
                "resource": case.request.resource,
                "account": case.request.resource_account,
                "context": case.request.context,
                "identity": [position(document, environment) for document in subject.identity],
                "boundary": None if boundary is None else position(boundary, environment),
                "resourcePolicy": None if resource is None else position(resource, environment),
            }
        )
    return {"policies": policies, "requests": requests}


def _body(document: Document) -> dict[str, Any]:
    if document.kind is not PolicyKind.TRUST:
        return document.body
    # A trust policy has no Resource, being about its own role; this engine takes it as a resource's policy.
    statements = [{**statement, "Resource": "*"} for statement in document.body["Statement"]]
    return {**document.body, "Statement": statements}
