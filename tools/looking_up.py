"""Acting as the role of the CDK bootstrap for look-ups: it reads, and decrypts nothing."""

from typing import Any

import boto3

from tools.synthesized import Json, Stack


def credentials(stack: Stack, session: str) -> Json:
    """As AssumeRole gives them; the session's name is what CloudTrail shows."""
    sts: Any = boto3.client("sts", region_name=stack.region)
    given: Json = sts.assume_role(RoleArn=stack.lookup_role_arn, RoleSessionName=session)["Credentials"]
    return given
