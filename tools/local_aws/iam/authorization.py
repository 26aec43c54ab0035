"""Decides calls by the state of the embedded AWS: who calls, what for, under which policies."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from tools.local_aws.iam.calls.asks import Ask
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Decision, Request
from tools.local_aws.iam.engine.patterns import ContextValue
from tools.local_aws.iam.identities import Identity
from tools.local_aws.iam.resource_policies import account_of_s3, resource_policy


def first_refusal(identity: Identity, asks: Iterable[Ask], region: str) -> Decision | None:
    """The decision on the first permission that is refused, or None when all are given."""
    everywhere = _global_keys(identity, region)
    for ask in asks:
        decision = _decide(identity, ask, everywhere)
        if not decision.allowed:
            return decision
    return None


def _decide(identity: Identity, ask: Ask, everywhere: Mapping[str, ContextValue]) -> Decision:
    owner = _owner(ask, identity.principal.account)
    known = {key: value for key, value in everywhere.items() if key not in ask.without}
    context = {**known, "aws:ResourceAccount": owner, **ask.context}
    request = Request(identity.principal, ask.action, ask.resource, context, owner)
    policies = replace(identity.policies, resource=resource_policy(ask.resource, ask.action))
    return decide(request, policies)


def _owner(ask: Ask, account: str) -> str:
    segments = ask.resource.split(":", 5)
    if len(segments) == 6 and segments[4].isdecimal():
        return segments[4]
    if ask.action.startswith("s3:") and ask.resource.startswith("arn:"):
        return account_of_s3(ask.resource) or account
    return account


def _global_keys(identity: Identity, region: str) -> dict[str, ContextValue]:
    now = datetime.now(UTC)
    return {
        **identity.context,
        # Requests never leave this machine; the loopback interface stands for the TLS connection that AWS's
        # own endpoints would have, so that policies which demand TLS can stay as they are deployed.
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
        "aws:SourceIp": "127.0.0.1",
        "aws:ViaAWSService": "false",
        "aws:RequestedRegion": region,
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
    }
