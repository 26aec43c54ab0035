"""Acting as the role of the CDK bootstrap for look-ups: it reads, and decrypts nothing."""

import sys
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.refused import why
from tools.synthesized import Synthesized


def looking_up(environment: Synthesized, name: str) -> boto3.Session:
    """A session of that role; CloudTrail shows its name. Ends the program where the caller may not have it.

    Of the environment's own region, where delivery may assume it: what it reads is in all regions.
    """
    stack = next(each for each in environment.stacks if each.region == environment.region)
    sts: Any = boto3.client("sts", region_name=stack.region)
    try:
        given = sts.assume_role(RoleArn=stack.lookup_role_arn, RoleSessionName=name)["Credentials"]
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"{stack.lookup_role_arn} cannot be assumed: {why(error)}")
    keys = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return boto3.Session(*(given[key] for key in keys), region_name=stack.region)
