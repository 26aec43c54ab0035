"""Who may more than before: roles by all their policies, and resources by their own."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tools.review.findings import Finding, Kind
from tools.review.grants import Grant, grants, widened
from tools.review.stacks import Json, Stack, Stacks

_ROLE, _POLICIES = "AWS::IAM::Role", ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
_VPC_ENDPOINT = "AWS::EC2::VPCEndpoint"
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-default-policy
_EVERYTHING = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
_REFERENCE = re.compile(r"\$\{(?:(?P<stack>[\w-]+):)?(?P<logical_id>\w+)[.}]")


class Holder(NamedTuple):
    """What has permissions: a role, its trust policy, or what has a policy of its own."""

    place: str
    logical_id: str
    says: str
    """Which of its policies: `may`, `trusts`, or the property that holds the policy."""


class _Held(NamedTuple):
    grants: list[Grant]
    body: Json


_Holders = dict[Holder, _Held]


def widened_permissions(before: Stacks, after: Stacks) -> Iterator[Finding]:
    """A finding per holder that may more than before, and per role that has lost its boundary."""
    old, new = _holders(before), _holders(after)
    for holder in sorted(new.keys() | old.keys()):
        yield from _of_holder(holder, old, new, (before, after))
    for place in sorted(after.keys() & before.keys()):
        if after[place] is not before[place]:
            yield from _of_attachments(before[place], after[place])


def _of_holder(
    holder: Holder, old: _Holders, new: _Holders, stacks: tuple[Stacks, Stacks]
) -> Iterator[Finding]:
    former, present = old.get(holder), new.get(holder)
    if former and present:
        texts = [] if former.grants == present.grants else widened(former.grants, present.grants)
    elif present and holder.says == "may":
        texts = [f"new role: {_summary(present.grants)}"]
    else:
        # What comes or goes together with what it is about is told there.
        alone = former or present
        lasting = all(alone and _is_about(holder, alone.body, each.get(holder.place)) for each in stacks)
        texts = widened(*(held.grants if held else [] for held in (former, present))) if lasting else []
    for text in texts:
        yield Finding(Kind.PERMISSIONS, holder.place, f"{holder.logical_id} {holder.says}", text)


def _summary(held: list[Grant]) -> str:
    actions = sorted({grant.action for grant in held if grant.effect == "Allow"})
    services = sorted({action.partition(":")[0] for action in actions})
    return f"{len(actions)} actions of {', '.join(services) or 'no service'}"


def _is_about(holder: Holder, body: Json, stack: Stack | None) -> bool:
    """Whether the stack has what a policy is about: what holds it, or what it is attached to."""
    if stack is None or not body["Type"].endswith("Policy"):
        return stack is not None and holder.logical_id in stack.resources
    targets = {key: value for key, value in body["Properties"].items() if key != "PolicyDocument"}
    named = {found["logical_id"] for found in _REFERENCE.finditer(str(targets)) if not found["stack"]}
    names = {str(value) for value in targets.values()}
    by_name = any(
        names & {str(value) for value in other.get("Properties", {}).values() if isinstance(value, str)}
        for other in stack.resources.values()
    )
    return by_name or bool(named & stack.resources.keys())


def _holders(stacks: Stacks) -> _Holders:
    found: _Holders = {}
    for stack in stacks.values():
        for logical_id, body in stack.resources.items():
            for holder, document in _documents(stack, logical_id, body, stacks):
                held = found.setdefault(holder, _Held([], body))
                held.grants.extend(grants(document))
    return found


def _documents(stack: Stack, logical_id: str, body: Json, stacks: Stacks) -> Iterator[tuple[Holder, Any]]:
    properties = body.get("Properties", {})
    if body["Type"] == _ROLE:
        yield Holder(stack.place, logical_id, "trusts"), properties.get("AssumeRolePolicyDocument")
        yield Holder(stack.place, logical_id, "may"), {}
        for policy in properties.get("Policies", []):
            yield Holder(stack.place, logical_id, "may"), policy["PolicyDocument"]
        for managed in _local_policies(properties.get("ManagedPolicyArns"), stack):
            yield Holder(stack.place, logical_id, "may"), managed
    elif body["Type"] in _POLICIES:
        roles = [_role(reference, stack, stacks) for reference in _listed(properties.get("Roles", []))]
        holders = [Holder(*role, "may") for role in roles if role]
        is_alone = not holders and not _is_named_by_a_role(logical_id, stack)
        for holder in holders or ([Holder(stack.place, logical_id, "may, at most")] if is_alone else []):
            yield holder, properties["PolicyDocument"]
    else:
        if body["Type"] == _VPC_ENDPOINT and "PolicyDocument" not in properties:
            yield Holder(stack.place, logical_id, "lets"), _EVERYTHING
        for name, document in _own_policies(properties):
            says = "lets" if name == "PolicyDocument" else f"lets, by {name}"
            yield Holder(stack.place, logical_id, says), document


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _local_policies(arns: Any, stack: Stack) -> Iterator[Any]:
    for arn in _listed(arns or []):
        found = _REFERENCE.match(str(arn))
        policy = stack.resources.get(found["logical_id"]) if found and not found["stack"] else None
        if policy:
            yield policy["Properties"]["PolicyDocument"]


def _is_named_by_a_role(logical_id: str, stack: Stack) -> bool:
    return any(
        f"${{{logical_id}}}" in str(body.get("Properties", {}).get("ManagedPolicyArns", ""))
        for body in stack.resources.values()
        if body["Type"] == _ROLE
    )


def _role(reference: Any, stack: Stack, stacks: Stacks) -> tuple[str, str] | None:
    """Place and logical id of a role that a policy is attached to; None for one of another template."""
    found = _REFERENCE.match(str(reference))
    if not found:
        return None
    if not found["stack"]:
        return stack.place, found["logical_id"]
    for other in stacks.values():
        if other.environment == stack.environment and found["stack"].endswith(f"-{other.name}"):
            return other.place, found["logical_id"]
    return None


def _own_policies(properties: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Policy documents among the properties of anything but a role, a policy or a state machine."""
    for name, value in properties.items():
        if isinstance(value, Mapping):
            if "Statement" in value:
                yield f"{path}{name}", value
            else:
                yield from _own_policies(value, f"{path}{name}.")
        elif isinstance(value, list):
            inside = {str(n): item for n, item in enumerate(value) if isinstance(item, Mapping)}
            yield from _own_policies(inside, f"{path}{name}.")


def _of_attachments(before: Stack, after: Stack) -> Iterator[Finding]:
    """Policies that no template holds, and limits that a role has lost."""
    for logical_id, body in after.resources.items():
        old = before.resources.get(logical_id, {})
        if body["Type"] != _ROLE or old == body:
            continue
        properties, former = body["Properties"], old.get("Properties", {})
        foreign = set(_foreign(properties)) - set(_foreign(former))
        for arn in sorted(foreign):
            yield Finding(Kind.PERMISSIONS, after.place, f"{logical_id} may", f"policy attached: {arn}")
        boundary = former.get("PermissionsBoundary")
        if old and boundary and boundary != properties.get("PermissionsBoundary"):
            text = f"permissions boundary {boundary} → {properties.get('PermissionsBoundary', 'none')}"
            yield Finding(Kind.PERMISSIONS, after.place, f"{logical_id} may", text)


def _foreign(properties: Mapping[str, Any]) -> list[str]:
    return [str(arn) for arn in properties.get("ManagedPolicyArns", []) if "arn:" in str(arn)]
