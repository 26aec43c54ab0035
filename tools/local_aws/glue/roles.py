"""Roles that services take on to do their work."""

from botocore.exceptions import ClientError

from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError


def assume(context: Context, role: str, service: str, refusal: str) -> Credentials:
    """Credentials of a role, given by name or ARN.

    Refused under the code `refusal` when there is no such role or it does not trust the service.
    """
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{context.account}:role/{role}"
    sts = context.of(arn).client("sts", service_credentials(f"{service}.amazonaws.com"))
    try:
        answer = sts.assume_role(RoleArn=arn, RoleSessionName=service)
    except ClientError as error:
        raise ApiError(
            refusal, f"Service is unable to assume provided role. Please verify role's TrustPolicy: {arn}"
        ) from error
    return Credentials.from_sts(answer["Credentials"])
