"""Mutants that no case notices, each with the reason why it changes nothing. A test keeps the list exact."""

_OF_ONE_RESOURCE = "The policy hangs on this one resource: whatever it names, it is about nothing else."
EQUIVALENT = {
    "travelling-prices-training/ModelPackageGroup VersionsForFollower: on all resources": _OF_ONE_RESOURCE,
    "release/Decisions DecisionsOfWhoTrains: on all resources": _OF_ONE_RESOURCE,
    "foundation/RegistrationPolicy RegisterAsPending: without the condition StringEquals "
    "sagemaker:ModelApprovalStatus": (
        "RegisterNothingElse denies every other status, and also none. The condition stays, so that dropping "
        "either of the two gives nothing away."
    ),
}
"""By the mutant's name, with `{env}` and `{account}` for those of the environment."""
