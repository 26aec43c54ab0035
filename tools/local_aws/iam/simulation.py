"""`iam:SimulatePrincipalPolicy`: what a role may do, told before it tries.

As on AWS, policies of resources have no say, and a condition key that is not given has no value.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from tools.local_aws.errors import ApiError
from tools.local_aws.iam.engine.evaluator import applies, decide
from tools.local_aws.iam.engine.model import (
    Decision,
    Effect,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    Request,
    Statement,
)
from tools.local_aws.iam.engine.patterns import ContextValue, matches
from tools.local_aws.iam.identities import UnknownRoleError, find_role, policies_of_role

_RESULTS_OF_A_PAGE = 100
_MEMBERS = {"PolicySourceArn", "ActionNames", "ResourceArns", "ContextEntries", "MaxItems", "Marker"}


@dataclass(frozen=True)
class _Simulation:
    principal: Principal
    policies: Policies
    context: Mapping[str, ContextValue]


def simulate(request: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The answer to a request; refuses members that are not modelled, and principals that are no roles."""
    if unknown := sorted(set(request) - _MEMBERS):
        raise ApiError("InvalidInput", f"The embedded AWS does not simulate with {', '.join(unknown)}.")
    simulation = _of_role(request["PolicySourceArn"], account, request.get("ContextEntries", []))
    questions = list(product(request["ActionNames"], request.get("ResourceArns") or ["*"]))
    start = int(request.get("Marker", 0))
    end = start + int(request.get("MaxItems", _RESULTS_OF_A_PAGE))
    answer = {
        "EvaluationResults": [_result(simulation, *question) for question in questions[start:end]],
        "IsTruncated": end < len(questions),
    }
    return answer | ({"Marker": str(end)} if end < len(questions) else {})


def _of_role(arn: str, account: str, entries: Iterable[Mapping[str, Any]]) -> _Simulation:
    if ":iam:" not in arn or ":role/" not in arn:
        # https://github.com/aws-containers/amazon-ecs-exec-checker/pull/10
        raise ApiError(
            "InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        )
    try:
        role = find_role(arn, account)
    except UnknownRoleError:
        name = arn.split("/")[-1]
        raise ApiError("NoSuchEntity", f"The role with name {name} cannot be found.") from None
    context = {entry["ContextKeyName"]: tuple(entry["ContextKeyValues"]) for entry in entries}
    return _Simulation(Principal.role_session(arn, "simulation"), policies_of_role(role, account), context)


def _result(simulation: _Simulation, action: str, resource: str) -> dict[str, Any]:
    request = Request(simulation.principal, action, resource, simulation.context)
    policies = simulation.policies
    decision = decide(request, Policies(policies.identity, policies.boundary, resource=_key_policy(request)))
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _word(decision),
        "MatchedStatements": [{"SourcePolicyId": decision.policy}] if decision.policy else [],
        "MissingContextValues": sorted(set(_missing(simulation, action))),
    }
    if policies.boundary is not None:
        allowed = _allows(policies.boundary, request)
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    return result


def _key_policy(request: Request) -> Policy | None:
    """What the evaluator asks of every KMS key: that its policy leaves the decision to its account."""
    if not request.action.startswith("kms:"):
        return None
    root = {"AWS": (f"arn:aws:iam::{request.principal.account}:root",)}
    delegating = Statement(None, Effect.ALLOW, ("kms:*",), None, ("*",), None, root, None, (), False)
    return Policy("the key's", PolicyKind.RESOURCE, (delegating,))


def _word(decision: Decision) -> str:
    if decision.allowed:
        return "allowed"
    return "implicitDeny" if decision.policy is None else "explicitDeny"


def _allows(policy: Policy, request: Request) -> bool:
    applying = {statement.effect for statement in policy.statements if applies(statement, request)}
    return applying == {Effect.ALLOW}


def _missing(simulation: _Simulation, action: str) -> Iterator[str]:
    given = {key.lower() for key in simulation.context}
    limits = (simulation.policies.boundary,) if simulation.policies.boundary else ()
    for policy in (*simulation.policies.identity, *limits):
        for statement in policy.statements:
            if any(matches(pattern, action, ignore_case=True) for pattern in statement.actions or ()):
                yield from (part.key for part in statement.conditions if part.key.lower() not in given)
