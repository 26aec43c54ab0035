"""IAM's limit of a managed policy, found at synthesis rather than half-way through a deployment."""

import json
import re

from aws_cdk import aws_iam as iam

MOST_CHARACTERS = 6_144
"""What IAM takes as a managed policy, white space aside."""
_LONGEST_ARN = "arn:aws:kms:ap-southeast-1:123456789012:key/12345678-1234-1234-1234-123456789012"
_REFERENCE = re.compile(r'\{"(?:Ref|Fn::GetAtt)":[^{}]+\}')


def check_size(policy: iam.ManagedPolicy) -> None:
    """Raise ValueError for a policy that is too long, with the longest ARN for what is not known yet."""
    document = json.dumps(policy.stack.resolve(policy.document), separators=(",", ":"))
    characters = len(_REFERENCE.sub(f'"{_LONGEST_ARN}"', document))
    if characters > MOST_CHARACTERS:
        raise ValueError(
            f"{policy.node.path} has {characters} characters, and IAM takes {MOST_CHARACTERS}; name fewer "
            "instance types (allowed_instance_types), subnets or security groups"
        )
