"""A referee for the text of policies: what AWS would refuse, or what cannot mean what its author meant.

IAM Access Analyzer's own checks need an account. `iam-policy` is an open implementation that is kept up to
date: https://github.com/cloud-copilot/iam-policy. Whether actions, resources and condition keys exist and fit
is what test_service_reference.py asks of AWS's own list.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.security.conftest import Row
from tests.security.iam.estate import read_estate
from tests.security.iam.names import Names
from tests.stacks.synthesis import Synthesis
from tools.local_aws.iam.engine.model import PolicyKind

Json = dict[str, Any]
SCRIPT = Path(__file__).with_name("policy_validation.mjs")
KINDS = {
    PolicyKind.IDENTITY: "identity",
    PolicyKind.BOUNDARY: "identity",
    PolicyKind.TRUST: "trust",
    PolicyKind.RESOURCE: "resource",
}
ACKNOWLEDGED = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    'Principal must be "*" in an endpoint policy': 'the CDK writes {"AWS": "*"}, which means the same',
}


def validate(policies: Sequence[tuple[str, Json]]) -> list[list[str]]:
    """What is wrong with each policy, given with its kind."""
    given = json.dumps([{"kind": kind, "body": body} for kind, body in policies])
    finished = subprocess.run(["node", str(SCRIPT)], input=given, capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(finished.stdout)
    return found


def test_nothing_is_found_in_any_policy_of_any_template_or_of_the_bootstrap(
    syntheses: list[Synthesis], row: Row
) -> None:
    policies: dict[str, tuple[str, Json]] = {}
    for synthesis in syntheses:
        for environment in synthesis.settings.environments:
            estate = read_estate(synthesis.cloud, synthesis.settings, environment.name)
            for document in (*estate.documents, *estate.standalone.values()):
                policies[f"{estate.environment} {document.name}"] = (KINDS[document.kind], document.body)
            names = Names(synthesis.cloud, environment.name)
            for endpoint in synthesis.cloud.of_type("AWS::EC2::VPCEndpoint"):
                if endpoint.template.environment == environment.name:
                    body = names.resolve(endpoint.template, endpoint.get("PolicyDocument"))
                    policies[str(endpoint)] = ("endpoint", body)
    found = dict(zip(policies, validate(list(policies.values())), strict=True))
    told = [(name, *finding.split(": ", 1)) for name, each in found.items() for finding in each]
    findings = [each for each in told if each[2] not in ACKNOWLEDGED]
    assert ACKNOWLEDGED.keys() <= {message for _, _, message in told}
    row("policy validation", f"{len(findings)} findings in {len(policies)} policies")
    assert findings == []


ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [
        ("identity", {"Action": "s3 GetObject"}),
        ("identity", {"Principal": "*"}),
        ("identity", {"Effect": "allow"}),
        ("trust", {"Resource": "*", "Principal": {"AWS": "111111111111"}}),
        ("resource", {}),
        ("endpoint", {"Principal": "*", "Action": "s3:"}),
    ],
)
def test_a_mistake_in_a_policy_is_found(kind: str, mistake: Json) -> None:
    body = {"Version": "2012-10-17", "Statement": [{**ALLOW, **mistake}]}
    assert validate([(kind, body)])[0]
