"""Rows made concrete for one environment: the request, and all policies that decide about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.security.iam.estate import ALL, Document, Estate, MissingFactError, made_up_policy
from tests.security.iam.rows import (
    ADMINISTRATOR,
    BOUNDED,
    GUARDED,
    OTHER_ACCOUNT,
    RAISED,
    ROOT,
    STRANGER,
    TRACKING,
    WITH_EVERYTHING,
    Row,
    Value,
)
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Decision, Policies, Policy, PolicyKind, Principal, Request

EVERYTHING = Document("made up: everything", PolicyKind.IDENTITY, ALL)
OF_ANOTHER_ACCOUNT = made_up_policy("what another account shares", {"AWS": "*"}, "*")
"""The same of whatever else another account lets us reach."""
KEY_OF_A_SOURCE = made_up_policy("key of a source", {"AWS": "*"}, "kms:*")
"""The policy of another account's key, which lets us in: what is refused, our own policies refuse."""
GUARDRAILS, TRACKING_GUARDRAILS = "foundation/Guardrails", "studio/Guardrails"
BOUNDARY = "bootstrap/boundary"


@dataclass(frozen=True)
class Subject:
    """Who asks, with the policies that hang on them."""

    principal: Principal
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    context: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One request in one environment, what comes of it, and why."""

    row: Row
    environment: str
    request: Request
    subject: Subject
    resource_policy: Document | None

    def __str__(self) -> str:
        given = ", ".join(f"{key}={value}" for key, value in self.row.context.items())
        what = f"{self.environment}: {self.row.who} {self.request.action} {self.request.resource}"
        expected = "allowed" if self.row.allowed else "denied"
        return f"{what} [{given}] must be {expected}: {self.row.why}"

    @property
    def documents(self) -> list[Document]:
        """All policies that have a say."""
        others = (self.subject.boundary, self.resource_policy)
        return [*self.subject.identity, *(document for document in others if document is not None)]

    def decide(self, changed: Policy | None = None) -> Decision:
        """What the evaluator says, with one policy changed if one is given."""

        def parsed(document: Document) -> Policy:
            if changed is None or document.name != changed.name:
                return document.parsed
            return replace(changed, kind=document.kind)

        boundary, resource = self.subject.boundary, self.resource_policy
        policies = Policies(
            identity=tuple(parsed(document) for document in self.subject.identity),
            boundary=None if boundary is None else parsed(boundary),
            resource=None if resource is None else parsed(resource),
        )
        return decide(self.request, policies)


def cases_of(rows: Iterable[Row], estate: Estate) -> list[Case]:
    """The rows about what this environment has; the others say nothing here."""
    found = []
    for row in rows:
        if row.needs is not None and row.needs not in estate.facts:
            continue
        try:
            found.append(_case(row, estate))
        except MissingFactError:
            continue
    return found


def _case(row: Row, estate: Estate) -> Case:
    subject = _subject(row.who, estate)
    resource = estate.fill(row.resource)
    context = {
        **_everywhere(row, estate),
        **subject.context,
        **{key: _filled(value, estate) for key, value in row.context.items()},
    }
    present = {key: value for key, value in context.items() if value != ""}
    owner = resource.split(":")[4] if resource.count(":") > 4 and resource.split(":")[4] else estate.account
    request = Request(subject.principal, row.action, resource, present, owner)
    return Case(row, estate.environment, request, subject, _resource_policy(row.action, resource, estate))


def _filled(value: Value, estate: Estate) -> Value:
    return estate.fill(value) if isinstance(value, str) else tuple(estate.fill(item) for item in value)


def _everywhere(row: Row, estate: Estate) -> dict[str, Value]:
    """What AWS puts into every request; where the VPC is of the templates, it comes from there."""
    context: dict[str, Value] = {"aws:SecureTransport": "true", "aws:RequestedRegion": estate.region}
    if row.action.startswith("s3:"):
        context["s3:TlsVersion"] = "1.3"
    if vpc := estate.facts.get("Vpc.ref"):
        context["aws:SourceVpc"] = vpc
    return context


def _subject(who: str, estate: Estate) -> Subject:
    if who in estate.roles:
        role = estate.roles[who]
        return _session(role.arn, role.identity, role.boundary)
    if who.endswith(WITH_EVERYTHING) and who.removesuffix(WITH_EVERYTHING) in estate.roles:
        role = estate.roles[who.removesuffix(WITH_EVERYTHING)]
        return _session(role.arn, (EVERYTHING, *role.identity), role.boundary)
    if who.endswith(".amazonaws.com"):
        service = estate.fill(who)
        context = {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": service}
        return Subject(Principal.aws_service(service, estate.account), context=context)
    if who.startswith("arn:aws:iam::") and ":role/" in who:
        return _session(estate.fill(who), (EVERYTHING,))
    if who.startswith(("{", "arn:aws:iam::")):
        return Subject(Principal.federated(estate.fill(who)))
    if who.startswith("role/"):
        return _session(f"arn:aws:iam::{estate.account}:{estate.fill(who)}", (EVERYTHING,))
    return _made_up(who, estate)


def _made_up(who: str, estate: Estate) -> Subject:
    made_up = f"arn:aws:iam::{estate.account}:role/made-up"
    if who == ADMINISTRATOR:
        return _session(made_up, (EVERYTHING,))
    if who == STRANGER:
        return _session(f"arn:aws:iam::{OTHER_ACCOUNT}:role/made-up", (EVERYTHING,))
    if who == ROOT:
        root = f"arn:aws:iam::{estate.account}:root"
        return Subject(Principal.user(root), (EVERYTHING,), context={"aws:PrincipalArn": root})
    if who == GUARDED:
        return _session(made_up, (EVERYTHING, _standalone(GUARDRAILS, estate)))
    if who == TRACKING:
        return _session(made_up, (EVERYTHING, _standalone(TRACKING_GUARDRAILS, estate)))
    if who == RAISED:
        return _session(made_up, (EVERYTHING, _standalone(BOUNDARY, estate)))
    if who == BOUNDED:
        boundary = replace(_standalone(BOUNDARY, estate), kind=PolicyKind.BOUNDARY)
        return _session(made_up, (EVERYTHING,), boundary)
    raise MissingFactError(f"{estate.environment} has nobody called {who}")


def _standalone(name: str, estate: Estate) -> Document:
    for document in estate.standalone.values():
        if document.name.endswith(name):
            return document
    raise MissingFactError(f"{estate.environment} has no managed policy that ends in {name}")


def _session(arn: str, identity: tuple[Document, ...], boundary: Document | None = None) -> Subject:
    principal = Principal.role_session(arn, "session")
    context = {"aws:PrincipalArn": arn, "aws:PrincipalAccount": principal.account}
    return Subject(principal, identity, boundary, context)


def _resource_policy(action: str, resource: str, estate: Estate) -> Document | None:
    if action.startswith("sts:"):
        return next((role.trust for role in estate.roles.values() if role.arn == resource), None) or (
            estate.resource_policies.get(resource)
        )
    if resource.startswith("arn:aws:s3:::"):
        return estate.resource_policies.get(resource.split("/")[0])
    if resource.startswith("arn:aws:kms:") and resource.split(":")[4] != estate.account:
        return KEY_OF_A_SOURCE
    if resource.startswith(("arn:aws:sagemaker:", "arn:aws:events:")) and (
        resource.split(":")[4] != estate.account
    ):
        return OF_ANOTHER_ACCOUNT
    return estate.resource_policies.get(resource)


def roles_covered(cases: Iterable[Case], estate: Estate) -> dict[str, tuple[int, int]]:
    """How many things each role is proven to be able to do, and how many not."""
    counts = {}
    for name in estate.roles:
        own = [case for case in cases if case.row.who == name]
        allowed = sum(case.row.allowed for case in own)
        counts[name] = (allowed, len(own) - allowed)
    return counts
