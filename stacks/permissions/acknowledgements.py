"""Findings of the security checks that are right, each with its reason, on the resource they are about.

The checks are run by tests/security; `docs/exceptions.md` lists what is acknowledged here.
"""

from collections.abc import Mapping

import aws_cdk as cdk
from constructs import IConstruct

COMPLIANCE_PACKS = ("HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321")


def acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    acknowledge_each(construct, dict.fromkeys(rules, reason))


def acknowledge_each(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Findings with a reason each, by their rules."""
    cdk.Validations.of(construct).acknowledge(
        *(cdk.Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )


def in_compliance_packs(rule: str) -> tuple[str, ...]:
    return tuple(f"{pack}-{rule}" for pack in COMPLIANCE_PACKS)


def security_hub(control: int) -> str:
    return f"CloudFormation-Validate::SAGEMAKER_{control}"


def checkov(rule: str) -> str:
    return f"Checkov::{rule}"
