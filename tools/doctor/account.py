"""Who is signed in to what, and what `make bootstrap` has left there."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.bootstrap.managed_policies import BOUNDARY, EXECUTION, Place
from tools.deployed import deployed_stacks, orphans
from tools.doctor.checks import Finding, ok, problem, warning
from tools.synthesized import Json, Synthesized

ALWAYS_ENABLED = "us-east-1"
"""A region that no account has to opt in to: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"""
CHATBOT = "us-east-2"
"""Its API is in few regions: https://docs.aws.amazon.com/chatbot/latest/APIReference/Welcome.html"""
_PENDING = "PendingConfirmation"
"""In place of an ARN: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html"""


def credentials(environment: Synthesized) -> Iterator[Finding]:
    try:
        caller = boto3.client("sts", region_name=environment.region).get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        # The call needs no right: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
        change = "aws sso login, or AWS_PROFILE, or AWS_ACCESS_KEY_ID with its secret"
        yield problem(f"nobody is signed in: {error}", change)
        return
    if caller["Account"] == environment.account:
        yield ok(f"{caller['Arn']}")
    else:
        told = f"{caller['Arn']} is signed in, but {environment.name} is in {environment.account}"
        yield problem(told, f"sign in to {environment.account}: what else is told here is of another account")


def regions(environment: Synthesized) -> Iterator[Finding]:
    ec2 = boto3.client("ec2", region_name=ALWAYS_ENABLED)
    found = ec2.describe_regions(RegionNames=environment.regions, AllRegions=True)["Regions"]
    enabled = {region["RegionName"]: region["OptInStatus"] != "not-opted-in" for region in found}
    for region in environment.regions:
        if enabled.get(region):
            yield ok(f"{region} is enabled")
        else:
            yield problem(
                f"{region} is not enabled in this account",
                f"aws account enable-region --region-name {region}, which takes some minutes",
            )


def bootstrap(environment: Synthesized) -> Iterator[Finding]:
    """By its version in each region, and by what CloudFormation's role may do."""
    change = f"make bootstrap ENVIRONMENT={environment.name}"
    for region in environment.regions:
        stacks = [stack for stack in environment.stacks if stack.region == region]
        needed = max(stack.bootstrap_version for stack in stacks)
        version = _bootstrap_version(region, environment.qualifier)
        if version is None:
            yield problem(f"{region} is not bootstrapped with the qualifier {environment.qualifier}", change)
        elif version < needed:
            yield problem(f"{region} has version {version}, and {needed} is needed", change)
        else:
            yield ok(f"{region} has version {version}")
    yield from _policies(environment, change)


def _bootstrap_version(region: str, qualifier: str) -> int | None:
    ssm = boto3.client("ssm", region_name=region)
    found = _found(ssm.get_parameter, Name=f"/cdk-bootstrap/{qualifier}/version")
    return int(found["Parameter"]["Value"]) if found else None


def _policies(environment: Synthesized, change: str) -> Iterator[Finding]:
    iam = boto3.client("iam", region_name=environment.region)
    role = environment.stacks[0].execution_role_arn.rpartition("/")[2]
    attached = _found(iam.list_attached_role_policies, RoleName=role)
    if attached is None:
        yield problem(f"there is no role {role}", change)
        return
    place = Place(environment.prefix, environment.account, tuple(environment.regions), environment.qualifier)
    arns = {policy["PolicyArn"] for policy in attached["AttachedPolicies"]}
    if wider := arns - {place.arn(name) for name in EXECUTION}:
        yield warning(f"CloudFormation has {', '.join(sorted(wider))} besides what is reviewed", change)
    old = [name for name in (BOUNDARY, *EXECUTION) if not _is_in_force(iam, place, name, arns)]
    if old:
        yield problem(f"not in force as they are committed: {', '.join(old)}", change)
    else:
        yield ok("boundary and execution policies are those that are committed")


def _is_in_force(iam: Any, place: Place, name: str, attached: set[str]) -> bool:
    arn = place.arn(name)
    policy = _found(iam.get_policy, PolicyArn=arn)
    if policy is None or (name != BOUNDARY and arn not in attached):
        return False
    version = policy["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return bool(document == json.loads(place.document(name)))


def mail(environment: Synthesized) -> Iterator[Finding]:
    """Whether somebody has confirmed what the alert topic sends; without it nobody hears an alarm."""
    for stack in environment.stacks:
        for resource in stack.template["Resources"].values():
            if resource["Type"] == "AWS::SNS::Subscription" and resource["Properties"]["Protocol"] == "email":
                yield _subscription(stack.name, stack.region, resource["Properties"])


def _subscription(stack: str, region: str, declared: Json) -> Finding:
    cloudformation = boto3.client("cloudformation", region_name=region)
    topic = _found(
        cloudformation.describe_stack_resource,
        StackName=stack,
        LogicalResourceId=declared["TopicArn"]["Ref"],
    )
    address = declared["Endpoint"]
    if topic is None:
        return ok(f"{address} is asked to confirm after the first deployment")
    arn = topic["StackResourceDetail"]["PhysicalResourceId"]
    sns = boto3.client("sns", region_name=region)
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    states = {each["Endpoint"]: each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]}
    if states.get(address, _PENDING) == _PENDING:
        return warning(
            f"{address} has not confirmed the subscription: nobody hears an alarm",
            "open the mail of AWS and confirm; aws sns subscribe sends another one after three days",
        )
    return ok(f"{address} has confirmed the subscription")


def slack(environment: Synthesized) -> Iterator[Finding]:
    """Whether somebody has authorized a channel's workspace: without it the foundation is not deployed."""
    wanted = {
        resource["Properties"]["SlackWorkspaceId"]
        for stack in environment.stacks
        for resource in stack.template["Resources"].values()
        if resource["Type"] == "AWS::Chatbot::SlackChannelConfiguration"
    }
    if not wanted:
        return
    pages = boto3.client("chatbot", region_name=CHATBOT).get_paginator("describe_slack_workspaces").paginate()
    there = {each["SlackTeamId"]: each for page in pages for each in page["SlackWorkspaces"]}
    for workspace in sorted(wanted):
        if workspace not in there:
            told = (
                f"nobody has authorized the workspace {workspace} in this account: no deployment gets past it"
            )
            yield problem(told, "docs/operations.md#alarms-in-slack says how, or leave alerts.slack out")
        elif there[workspace].get("State") == "DISABLED":
            reason = there[workspace].get("StateReason", "AWS does not say why")
            change = "the organization's chat applications policy"
            yield problem(f"the workspace {workspace} is disabled: {reason}", change)
        else:
            yield ok(f"{there[workspace]['SlackTeamName']} ({workspace}) is authorized")


def _found(operation: Any, **request: Any) -> Any:
    """The answer, or None where there is no such thing."""
    try:
        return operation(**request)
    except ClientError as error:
        told = error.response["Error"]
        if told["Code"] in ("ParameterNotFound", "NoSuchEntity") or "does not exist" in told.get(
            "Message", ""
        ):
            return None
        raise


def orphaned_stacks(environment: Synthesized) -> Iterator[Finding]:
    """They are billed, and keep what they use from being changed."""
    found = orphans(environment, deployed_stacks(environment))
    for stack in found:
        told = f"{stack.name} is {stack.status}, and no configuration knows it any more"
        yield warning(told, f"make destroy ENVIRONMENT={environment.name} ORPHANS=1")
    if not found:
        yield ok("none")
