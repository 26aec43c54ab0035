"""Change sets: what a request would do, or why it cannot be done."""

from tools.local_aws.cloudformation.planning import Plan
from tools.local_aws.cloudformation.state import ChangeSet, Request

# Tools tell the two kinds of failure by these words.
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
EARLY_VALIDATION = (
    "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. "
    "To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information. "
)


def proposed(
    name: str, change_set_id: str, kind: str, request: Request, plan: Plan, *, same: bool
) -> ChangeSet:
    """A change set that can be executed, or a failed one that says why it cannot."""
    failure = NO_CHANGES if same else None
    if plan.mistakes:
        failure = EARLY_VALIDATION + "; ".join(map(str, plan.mistakes))
    return ChangeSet(
        name=name,
        change_set_id=change_set_id,
        kind=kind,
        request=request,
        plan=plan,
        status="FAILED" if failure else "CREATE_COMPLETE",
        status_reason=failure,
        execution_status="UNAVAILABLE" if failure else "AVAILABLE",
    )
