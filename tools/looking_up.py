"""Acting as the role of the CDK bootstrap for look-ups: it reads, and decrypts nothing."""

from typing import Any

import boto3

from tools.synthesized import Json, Synthesized


def credentials(environment: Synthesized, session: str) -> Json:
    """As AssumeRole gives them; the session's name is what CloudTrail shows.

    Of the environment's own region, where delivery may assume it: what it reads is in all regions.
    """
    stack = next(each for each in environment.stacks if each.region == environment.region)
    sts: Any = boto3.client("sts", region_name=stack.region)
    given: Json = sts.assume_role(RoleArn=stack.lookup_role_arn, RoleSessionName=session)["Credentials"]
    return given
