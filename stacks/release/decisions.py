"""How decisions on versions travel from the environment that trains to those that serve.

A rule here hands the very event to a bus there; what it starts there reads the version anew. So an event may
be late or come twice, and what it says is not believed.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
"""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from stacks.parts.neighbours import (
    Neighbour,
    bus_arn,
    bus_name,
    forwarding_role,
    forwarding_role_name,
    only,
)
from stacks.parts.place import Place
from stacks.permissions.roles import name_role, service_role
from stacks.permissions.statements import allow

_SOURCE, _KIND = "aws.sagemaker", "SageMaker Model Package State Change"
_A_DAY_IN_SECONDS = 86_400
# A pattern has 2,048 characters, and a name of a group 63:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_GROUPS_OF_A_RULE = 25
_DECISIONS = ["Approved", "Rejected"]


def decisions_on(groups: Sequence[str], account: str | None = None) -> dict[str, Any]:
    """The pattern of decisions on versions of some groups; `account` is whose they are, if not ours."""
    return {
        "source": [_SOURCE],
        "detail-type": [_KIND],
        **({"account": [account]} if account else {}),
        "detail": {"ModelPackageGroupName": list(groups), "ModelApprovalStatus": _DECISIONS},
    }


def create_bus(stack: cdk.Stack, trainer: Neighbour) -> events.CfnEventBus:
    """The bus on which the other environment's decisions come, and nothing else. It holds nothing."""
    place = Place.of(stack)
    # Both keys have several values, and all of none are as they should be.
    heard = {"events:source": _SOURCE, "events:detail-type": _KIND}
    statement = allow(
        "DecisionsOfWhoTrains",
        "events:PutEvents",
        [bus_arn(place)],
        {
            **only(forwarding_role(trainer.place)),
            "ForAllValues:StringEquals": heard,
            "Null": dict.fromkeys(heard, "false"),
        },
    ).about(trainer.principal)
    return events.CfnEventBus(
        stack,
        "Decisions",
        name=bus_name(place),
        description=f"Decisions on versions that {trainer.name} has trained",
        policy=None if trainer.is_in(place.account) else iam.PolicyDocument(statements=[statement]).to_json(),
    )


def forward_decisions(stack: cdk.Stack, followers: Sequence[Neighbour], undelivered: sqs.IQueue) -> None:
    """A rule for each environment that follows; for a day it tries to deliver, then people are told."""
    place = Place.of(stack)
    why = "Tells the environments that serve our versions of decisions on them"
    buses = [bus_arn(follower.place) for follower in followers]
    allowed = allow(
        "TellFollowers", "events:PutEvents", buses, foreign="buses of environments that serve our versions"
    )
    role, policy = service_role(stack, "Forward", "events", why, [allowed])
    if not all(follower.is_in(place.account) for follower in followers):
        # The policies of buses elsewhere name it.
        name_role(role, forwarding_role_name(place))
    for follower in followers:
        groups = [place.name(use_case) for use_case in follower.use_cases]
        for first in range(0, len(groups), _GROUPS_OF_A_RULE):
            number = str(first // _GROUPS_OF_A_RULE + 1) if first else ""
            created = events.CfnRule(
                stack,
                f"DecisionFor{follower.sid}{number}",
                description=f"A version that {follower.name} may serve was approved or rejected",
                state="ENABLED",
                event_pattern=decisions_on(groups[first : first + _GROUPS_OF_A_RULE]),
                targets=[_forwarded(bus_arn(follower.place), role, undelivered)],
            )
            created.node.add_dependency(policy)


def _forwarded(bus: str, role: iam.IRole, undelivered: sqs.IQueue) -> events.CfnRule.TargetProperty:
    rule = events.CfnRule
    return rule.TargetProperty(
        id="Target0",
        arn=bus,
        role_arn=role.role_arn,
        dead_letter_config=rule.DeadLetterConfigProperty(arn=undelivered.queue_arn),
        retry_policy=rule.RetryPolicyProperty(
            maximum_event_age_in_seconds=_A_DAY_IN_SECONDS, maximum_retry_attempts=185
        ),
    )
