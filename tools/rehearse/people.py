"""The people of the rehearsal: each acts with the credentials of their deployed role, and no other."""

from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from tools.local_aws.clients import Credentials
from tools.rehearse.errors import RehearsalError
from tools.rehearse.waiting import EMBEDDED, Pace

PERSONAS = {
    "data engineer": "DataEngineerRoleArn",
    "data scientist": "DataScientistRoleArn",
    "MLOps engineer": "MlopsEngineerRoleArn",
}
"""Who lives in an environment, by the output that names the role."""


class Aws(Protocol):
    """An account in a region, and who acts there."""

    @property
    def account(self) -> str: ...

    @property
    def region(self) -> str: ...

    def client(self, service: str, credentials: Credentials | None = None) -> Any: ...


@dataclass(frozen=True)
class Person:
    """Somebody with a persona's role."""

    persona: str
    aws: Aws
    credentials: Credentials
    pace: Pace = EMBEDDED

    def client(self, service: str) -> Any:
        """A boto3 client that acts as this person."""
        return self.aws.client(service, self.credentials)


def sign_in(aws: Aws, persona: str, role_arn: str, pace: Pace = EMBEDDED) -> Person:
    """Assume a persona's role, as a person of this account would who says their name."""
    name = _first_name(aws, role_arn) or persona.replace(" ", "-")
    sts = aws.client("sts")
    answer = sts.assume_role(RoleArn=role_arn, RoleSessionName=name, SourceIdentity=name)["Credentials"]
    credentials = Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
    return Person(persona, aws, credentials, pace)


def _first_name(aws: Aws, role_arn: str) -> str | None:
    """Of the people whom the role's trust policy names; None where it names nobody."""
    role = aws.client("iam").get_role(RoleName=role_arn.split("/")[-1])["Role"]
    named = [
        statement.get("Condition", {}).get("StringEquals", {}).get("sts:RoleSessionName", [])
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    ]
    return next((each if isinstance(each, str) else each[0] for each in named if each), None)


def stack_outputs(aws: Aws, stack_name: str) -> dict[str, str]:
    """The outputs of a deployed stack by key."""
    try:
        stacks = aws.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        raise RehearsalError(f"stack {stack_name} is not deployed: {error}") from None
    return {output["OutputKey"]: output["OutputValue"] for output in stacks[0].get("Outputs", [])}
