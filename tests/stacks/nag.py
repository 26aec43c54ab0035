"""cdk-nag's rule packs over the constructs of an app."""

from collections.abc import Iterator
from typing import NamedTuple

import cdk_nag
from constructs import IConstruct

PACKS = {
    "AWS Solutions": cdk_nag.AwsSolutionsChecks,
    "NIST 800-53 R5": cdk_nag.NIST80053R5Checks,
    "HIPAA Security": cdk_nag.HIPAASecurityChecks,
    "PCI DSS 3.2.1": cdk_nag.PCIDSS321Checks,
}


class NagFinding(NamedTuple):
    """A rule that a construct breaks and nobody acknowledged; rules carry the name of their pack."""

    pack: str
    rule: str
    path: str
    description: str


def nag_findings(scope: IConstruct) -> Iterator[NagFinding]:
    """What all packs find below a construct. Call it before synthesis.

    Synthesis turns references between stacks into imports, which cdk-nag cannot read.
    """
    for name, pack in PACKS.items():
        for violation in pack(scope).validate_scope(scope).violations:
            for resource in violation.violating_resources:
                yield NagFinding(name, violation.rule_name, resource.construct_path, violation.description)
