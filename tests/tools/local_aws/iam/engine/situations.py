"""The words of the decision tables: a policy situation, a request and what IAM answers."""

from dataclasses import dataclass, field
from typing import Any

from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Decision, Policies, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/training/job"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OBJECT = "arn:aws:s3:::data/raw/a.csv"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k-1"
JOB = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/t-1"
GET = "s3:GetObject"
TRAIN = "sagemaker:CreateTrainingJob"
ASSUME = "sts:AssumeRole"


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(action: str | list[str] = GET, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str] = GET, resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def when(**condition: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": {name.replace("__", ":"): block for name, block in condition.items()}}


@dataclass(frozen=True)
class Case:
    name: str
    expected: bool
    identity: list[dict[str, Any]] = field(default_factory=list)
    boundary: list[dict[str, Any]] | None = None
    session: list[dict[str, Any]] | None = None
    resource_policy: list[dict[str, Any]] | None = None
    trust: list[dict[str, Any]] | None = None
    action: str = GET
    resource: str = OBJECT
    context: dict[str, Any] = field(default_factory=dict)
    principal: Principal = field(default_factory=lambda: Principal.role_session(ROLE, "job"))
    resource_account: str | None = None
    version: str = "2012-10-17"

    @staticmethod
    def user(arn: str) -> Principal:
        return Principal.user(arn)

    @staticmethod
    def service(name: str) -> Principal:
        return Principal.aws_service(name, ACCOUNT)

    def decision(self) -> Decision:
        def parsed(statements: list[dict[str, Any]] | None, kind: PolicyKind) -> Any:
            if statements is None:
                return None
            return parse_policy(document(*statements, version=self.version), kind.name.lower(), kind)

        policies = Policies(
            identity=(parsed(self.identity, PolicyKind.IDENTITY),),
            boundary=parsed(self.boundary, PolicyKind.BOUNDARY),
            session=parsed(self.session, PolicyKind.SESSION),
            resource=parsed(self.resource_policy, PolicyKind.RESOURCE)
            or parsed(self.trust, PolicyKind.TRUST),
        )
        request = Request(self.principal, self.action, self.resource, self.context, self.resource_account)
        return decide(request, policies)


def grants(principal: Any, **more: Any) -> dict[str, Any]:
    return allow(Principal=principal, **more)


def trusts(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": ASSUME, **more}
