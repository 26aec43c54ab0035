"""EventBridge: rules, and buses with their policies."""

import json
from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Row, Setting, Tagging, Work

_RULE = {"Name": "{Name}", "Rule": "{Name}", "EventBusName": "{EventBusName}"}


def _put_targets(work: Work) -> None:
    wanted = {target["Id"]: target for target in work.properties.get("Targets", [])}
    gone = [target["Id"] for target in work.previous.get("Targets", []) if target["Id"] not in wanted]
    if gone:
        work.call("RemoveTargets", {"Ids": gone})
    if wanted:
        answer = work.call("PutTargets", {"Targets": list(wanted.values())})
        _refuse_failed(answer)


def _refuse_failed(answer: dict[str, Any]) -> None:
    """PutTargets answers 200 even when it refused a target."""
    failed = answer.get("FailedEntries", [])
    if failed:
        raise ResourceError(
            "; ".join(f"target {entry['TargetId']}: {entry['ErrorMessage']}" for entry in failed)
        )


def _remove_targets(work: Work) -> None:
    ids = [target["Id"] for target in work.properties.get("Targets", [])]
    if ids:
        work.call("RemoveTargets", {"Ids": ids})


def _put_policy(work: Work) -> None:
    bus = {"EventBusName": work.properties["Name"]}
    if work.previous.get("Policy"):
        work.call("RemovePermission", {**bus, "RemoveAllPermissions": True})
    if policy := work.properties.get("Policy"):
        work.call("PutPermission", {**bus, "Policy": json.dumps(policy)})


ROWS = (
    Row(
        type_name="AWS::Events::EventBus",
        service="events",
        create="CreateEventBus",
        update="UpdateEventBus",
        delete="DeleteEventBus",
        reference="{Name}",
        identity={"Name": "{Name}", "EventBusName": "{Name}", "ResourceARN": "{Arn}"},
        learns={"Arn": "EventBusArn"},
        attributes={"Arn": "{Arn}", "Name": "{Name}"},
        settings=(Setting(("Policy",), _put_policy, _put_policy),),
        tagging=Tagging("TagResource", "UntagResource"),
    ),
    Row(
        type_name="AWS::Events::Rule",
        service="events",
        create="PutRule",
        update="PutRule",
        delete="DeleteRule",
        reference="{Name}",
        identity={**_RULE, "ResourceARN": "{Arn}"},
        defaults={"EventBusName": "default"},
        name=Name("Name", 64),
        learns={"Arn": "RuleArn"},
        settings=(Setting(("Targets",), _put_targets, _put_targets),),
        tagging=Tagging("TagResource", "UntagResource"),
        before_delete=_remove_targets,
        checks=(reads_back("DescribeRule", {"EventPattern": "EventPattern", "State": "State"}),),
    ),
)
