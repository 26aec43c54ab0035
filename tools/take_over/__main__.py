"""`python -m tools.take_over cdk.out/assembly-dev`: gives missing stacks what a deployment has left."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools.synthesized import Stack, read_environment
from tools.take_over.existing import Existing, existing_resources

CHANGE_SET = "take-over"


def main(argv: Sequence[str]) -> int:
    """Needs credentials that may assume the roles of the CDK bootstrap, as a deployment does."""
    parser = argparse.ArgumentParser(prog="python -m tools.take_over", description=__doc__)
    parser.add_argument("assembly", type=Path, help="the environment's synthesized templates")
    for stack in read_environment(parser.parse_args(argv).assembly).stacks:
        deploy = _clients_as(stack.deploy_role_arn, stack.region)
        if not _exists(deploy("cloudformation"), stack):
            left = existing_resources(stack, _clients_as(stack.lookup_role_arn, stack.region))
            if left:
                print(f"{stack.name} takes over {', '.join(map(str, left))}")
                _import(deploy("cloudformation"), stack, left)
    return 0


def _clients_as(role_arn: str, region: str) -> Callable[[str], Any]:
    """Makes clients with a role of the CDK bootstrap."""
    sts = boto3.client("sts", region_name=region)
    given = sts.assume_role(RoleArn=role_arn, RoleSessionName="take-over")["Credentials"]
    session = boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=region,
    )
    return lambda service: session.client(service)


def _exists(cloudformation: Any, stack: Stack) -> bool:
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack.name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return False
        raise
    return bool(found["StackStatus"] != "REVIEW_IN_PROGRESS")


def _import(cloudformation: Any, stack: Stack, left: Sequence[Existing]) -> None:
    """A change set that imports and does nothing besides; the next deployment adds the rest."""
    change_set = {"StackName": stack.name, "ChangeSetName": CHANGE_SET}
    cloudformation.create_change_set(
        **change_set,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": {item.logical_id: item.declaration for item in left}}),
        ResourcesToImport=[
            {
                "ResourceType": item.declaration["Type"],
                "LogicalResourceId": item.logical_id,
                "ResourceIdentifier": dict(item.identifier),
            }
            for item in left
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        RoleARN=stack.execution_role_arn,
    )
    cloudformation.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig={"Delay": 2})
    cloudformation.execute_change_set(**change_set)
    cloudformation.get_waiter("stack_import_complete").wait(StackName=stack.name, WaiterConfig={"Delay": 2})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
