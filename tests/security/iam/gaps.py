"""Where the second engine is known to differ: its lists of resource types and condition keys have gaps."""

import re
from dataclasses import dataclass

from tests.security.iam.cases import Case
from tests.security.iam.second_engine import Answer


@dataclass(frozen=True)
class Gap:
    """Why the second engine cannot tell, and how many cases of the table that touches in one environment."""

    reason: str
    cases: int


KNOWN_GAPS = {
    "ignores kms:encryptioncontext:aws:logs:arn": Gap(
        "Keys of the encryption context have any name behind the colon; it knows names behind a slash only.",
        8,
    ),
    "ignores kms:encryptioncontext:aws:s3:arn": Gap("The same.", 1),
    "ignores sagemaker:outputkmskey and sagemaker:volumekmskey": Gap(
        "AWS's list has the new spellings only; the guardrails hold for both, whatever the service sends.", 20
    ),
    "ignores sagemaker:volumekmskey": Gap("The same, for endpoint configurations.", 2),
    "ignores token.actions.githubusercontent.com:aud and token.actions.githubusercontent.com:sub": Gap(
        "Claims of an identity provider are condition keys that no list of AWS can hold.", 2
    ),
    "knows no automation-definition for StartAutomationExecution": Gap(
        "AWS's own runbooks have no account in their ARN; AWS's list has runbooks of an account only.", 2
    ),
    "knows no model-package-group for CreateModelPackage": Gap(
        "A version is created in a group, whose ARN is asked for; AWS's list names versions only.", 13
    ),
}
"""By what `difference` calls it."""


def difference(case: Case, answer: Answer) -> str | None:
    """What the second engine lacks to decide this case as it must be decided; None when it agrees."""
    if answer.allowed is case.row.allowed:
        return None
    if answer.error:
        kind = re.split("[/:]", case.request.resource.split(":", 5)[-1])[0]
        return f"knows no {kind} for {case.request.action.split(':')[1]}"
    if answer.ignored:
        return f"ignores {' and '.join(sorted(answer.ignored))}"
    return "decides otherwise"
