"""`cdk diff --fail-on` tells destructive changes and broader permissions from others, without an account.

It is what a pull request is checked with: `cdk diff --fail-on destructive` and `--fail-on broadening`.
"""

import pytest

from tests.security.conftest import Row
from tests.security.differences import Answers


@pytest.mark.waits_for_others
def test_the_cdk_cli_classifies_differences(cdk_answers: Answers, row: Row) -> None:
    wrong = [
        f"{difference.name}: {'' if answer.result() else 'not '}{kind}"
        for (difference, kind), answer in cdk_answers.items()
        if answer.result() != (kind in difference.kinds)
    ]
    row("differences classified by `cdk diff`", f"{len(cdk_answers) - len(wrong)}/{len(cdk_answers)}")
    assert wrong == []
