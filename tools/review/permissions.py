"""Who may more than before: roles by all their policies, and resources by their own."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tools.review.findings import Finding, Home, Kind
from tools.review.grants import Grant, grants, is_far_reaching, widened
from tools.review.stacks import Json, Stack, Stacks

_IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
_ROLE, _POLICIES = "AWS::IAM::Role", ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
_VPC_ENDPOINT = "AWS::EC2::VPCEndpoint"
# https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html#vpc-endpoint-default-policy
_EVERYTHING = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
# Of them, a condition lets in whom this account, or its organization, knows.
_OF_THIS_ACCOUNT = re.compile(r"(?i)^aws:(Source|Principal)(Account|OrgID|OrgPaths|Arn)$")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
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


def widened_permissions(before: Stacks, after: Stacks, homes: Mapping[str, Home]) -> Iterator[Finding]:
    """A finding per holder that may more than before, and per role that has lost its boundary."""
    old, new = _holders(before), _holders(after)
    for holder in sorted(new.keys() | old.keys()):
        for text in _of_holder(holder, (old.get(holder), new.get(holder)), (before, after), homes):
            yield Finding(Kind.PERMISSIONS, holder.place, f"{holder.logical_id} {holder.says}", text)
    for place in sorted(after.keys() & before.keys()):
        if after[place] is not before[place]:
            yield from _of_attachments(before[place], after[place])


def _of_holder(
    holder: Holder,
    held: tuple[_Held | None, _Held | None],
    stacks: tuple[Stacks, Stacks],
    homes: Mapping[str, Home],
) -> list[str]:
    former, present = held
    old, new = (each.grants if each else [] for each in held)
    if present and not former and holder.says == "may":
        role = stacks[1][holder.place].resources.get(holder.logical_id, {})
        return [f"new role{_trusted(role)}: {_summary(new)}"]
    if (former and present) or _lasts(holder, former or present, stacks):
        return [] if old == new else widened(old, new)
    # What comes or goes together with what it is about is told there, but for whom it lets in.
    if present is None or holder.says == "trusts" or present.body["Type"] == _VPC_ENDPOINT:
        return []
    home = homes[holder.place.partition("/")[0]]
    return widened([], [grant for grant in new if _lets_strangers(grant, home)])


def _lasts(holder: Holder, held: _Held | None, stacks: tuple[Stacks, Stacks]) -> bool:
    """Whether what a policy is about was there before and is there afterwards."""
    return all(held and _is_about(holder, held.body, each.get(holder.place)) for each in stacks)


def _lets_strangers(grant: Grant, home: Home) -> bool:
    if grant.effect != "Allow" or any(_OF_THIS_ACCOUNT.match(each.key) for each in grant.conditions):
        return False
    accounts = _ACCOUNT.findall(grant.principal)
    return (
        grant.principal == "*"
        or grant.principal.startswith("!")
        or any(each != home.account for each in accounts)
    )


def _trusted(role: Json) -> str:
    trusted = {
        grant.principal for grant in grants(role.get("Properties", {}).get("AssumeRolePolicyDocument"))
    }
    return f" of {', '.join(sorted(trusted))}" if trusted - {""} else ""


def _summary(held: list[Grant]) -> str:
    allowed = [grant for grant in held if grant.effect == "Allow"]
    actions = sorted({grant.action for grant in allowed})
    services = sorted({action.partition(":")[0] for action in actions})
    far = sorted(
        {f"{grant.action} on {grant.resource}" for grant in allowed if is_far_reaching(grant.action)}
    )
    among = f", among them {', '.join(far)}" if far else ""
    count = "1 action" if len(actions) == 1 else f"{len(actions)} actions"
    return f"{count} of {', '.join(services) or 'no service'} in its own policies{among}"


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
            yield Holder(stack.place, logical_id, "may"), policy.get("PolicyDocument")
        for managed in _local_policies(properties.get("ManagedPolicyArns"), stack, stacks):
            yield Holder(stack.place, logical_id, "may"), managed
    elif body["Type"] in _POLICIES:
        roles = [_target(reference, stack, stacks) for reference in _listed(properties.get("Roles", []))]
        holders = [Holder(*role, "may") for role in roles if role]
        is_alone = not holders and not _is_named_by_a_role(logical_id, stack)
        for holder in holders or ([Holder(stack.place, logical_id, "may, at most")] if is_alone else []):
            yield holder, properties.get("PolicyDocument")
    else:
        if body["Type"] == _VPC_ENDPOINT and "PolicyDocument" not in properties:
            yield Holder(stack.place, logical_id, "lets"), _EVERYTHING
        for name, document in _own_policies(properties):
            says = "lets" if name == "PolicyDocument" else f"lets, by {name}"
            yield Holder(stack.place, logical_id, says), document


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _local_policies(arns: Any, stack: Stack, stacks: Stacks) -> Iterator[Any]:
    for arn in _listed(arns or []):
        place, logical_id = _target(arn, stack, stacks) or ("", "")
        policy = stacks[place].resources.get(logical_id) if place in stacks else None
        if policy:
            yield policy.get("Properties", {}).get("PolicyDocument")


def _is_named_by_a_role(logical_id: str, stack: Stack) -> bool:
    return any(
        f"${{{logical_id}}}" in str(body.get("Properties", {}).get("ManagedPolicyArns", ""))
        for body in stack.resources.values()
        if body["Type"] == _ROLE
    )


def _target(reference: Any, stack: Stack, stacks: Stacks) -> tuple[str, str] | None:
    """Place and logical id of what a reference names; None for what no template holds."""
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
    """Policy documents among the properties of anything but a role or a policy."""
    # An event bus's policy is one statement.
    if not path and "Statement" in properties:
        yield "PolicyDocument", properties
        return
    for name, item in properties.items():
        value = _opened(item)
        if isinstance(value, Mapping):
            if "Statement" in value:
                yield f"{path}{name}", value
            else:
                yield from _own_policies(value, f"{path}{name}.")
        elif isinstance(value, list):
            inside = {str(n): item for n, item in enumerate(value) if isinstance(item, Mapping)}
            yield from _own_policies(inside, f"{path}{name}.")


def _opened(value: Any) -> Any:
    """The JSON that a text holds, if the page does not show it opened."""
    if isinstance(value, Mapping) and value.keys() == {"Fn::JoinLines"}:
        value = "\n".join(map(str, value["Fn::JoinLines"]))
    if not isinstance(value, str) or '"Statement"' not in value:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _of_attachments(before: Stack, after: Stack) -> Iterator[Finding]:
    """Policies that no template holds, and limits that a role has lost."""
    for logical_id, body in after.resources.items():
        old = before.resources.get(logical_id, {})
        if body["Type"] not in _IDENTITIES or old == body:
            continue
        properties, former = body.get("Properties", {}), old.get("Properties", {})
        foreign = set(_foreign(properties)) - set(_foreign(former))
        for arn in sorted(foreign):
            yield Finding(Kind.PERMISSIONS, after.place, f"{logical_id} may", f"policy attached: {arn}")
        boundary = former.get("PermissionsBoundary")
        if old and boundary and boundary != properties.get("PermissionsBoundary"):
            text = f"permissions boundary {boundary} → {properties.get('PermissionsBoundary', 'none')}"
            yield Finding(Kind.PERMISSIONS, after.place, f"{logical_id} may", text)


def _foreign(properties: Mapping[str, Any]) -> list[str]:
    return [str(arn) for arn in properties.get("ManagedPolicyArns", []) if "arn:" in str(arn)]
