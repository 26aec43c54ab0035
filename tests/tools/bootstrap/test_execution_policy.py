"""What CloudFormation may do: exactly what the types of the templates need, and never change its limits."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from stacks.network.default_security_group import RUNBOOK
from tests.security.service_reference import actions
from tests.stacks.cloud import Cloud, listed
from tools.bootstrap.managed_policies import BOUNDARY, EXECUTION, Place
from tools.local_aws.cloudformation.schemas import resource_schema
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy

ACCOUNT = "111111111111"
LONGEST_POLICY = 6144
PLACE = Place("dev", ACCOUNT, ["us-east-1"], "m1")
ARN = f"arn:aws:iam::{ACCOUNT}"
WITHIN = {"PermissionsBoundary": PLACE.arn(BOUNDARY)}
# What handlers of these types could need for properties that no template has.
NOT_NEEDED = {
    "autoscaling:*": "flow logs of transit gateways",
    "billing:*": "budgets of billing views",
    "ec2:*SubnetCidrBlock": "subnets with IPv6",
    "ec2:CreateVpcEncryptionControl": "enforced encryption of VPCs",
    "ec2:ModifyVpcTenancy": "VPCs with dedicated hardware",
    "kms:Encrypt": "buses with a key of their own, as the next two",
    "kms:GenerateDataKeyWithoutPlaintext": "see kms:Encrypt",
    "kms:ReEncrypt*": "see kms:Encrypt",
    "efs:*": "IAM knows the service as elasticfilesystem",
    "firehose:*": "log delivery to Firehose",
    "glue:*Connection": "databases that are elsewhere",
    "glue:GetSchemaVersion": "tables with a schema of the registry",
    "iam:*Group*": "policies of groups",
    "iam:*User*": "policies of users",
    "iam:DeleteRolePermissionsBoundary": "roles without the boundary",
    "iam:DeleteRolePolicy": "inline policies: roles have managed ones",
    "iam:PutRolePolicy": "inline policies: roles have managed ones",
    "lakeformation:*": "tags and permissions of Lake Formation",
    "lambda:*": "scaling of provisioned concurrency",
    "logs:*BearerToken*": "log groups that are written to over HTTP",
    "logs:*IndexPolicy": "indexed fields",
    "resolverquerylogging:*": "no action has this prefix",
    "resource-groups:*": "runbooks for resource groups",
    "route53resolver:ImportFirewallDomains": "lists of domains in a file of S3",
    "s3:*Metadata*Table*": "metadata tables",
    "s3:*Multipart*": "objects: definitions are in the templates",
    "s3:*Object": "objects: definitions are in the templates",
    "s3:*ObjectVersion": "objects: definitions are in the templates",
    "s3:PutObjectAcl": "objects: definitions are in the templates",
    "s3:*BucketCors": "buckets for browsers",
    "s3:PutBucketCORS": "buckets for browsers",
    "s3:*BucketWebsite": "buckets as web sites",
    "s3:*BucketAnalytics*": "analytics of buckets",
    "s3:*BucketMetrics*": "metrics of buckets",
    "s3:PutAccelerate*": "accelerated uploads",
    "s3:PutAnalytics*": "analytics of buckets",
    "s3:PutBucketAbac": "tags of buckets in conditions",
    "s3:PutBucketReplication": "IAM knows the action as PutReplicationConfiguration",
    "s3:PutIntelligent*": "intelligent tiering",
    "s3:PutInventory*": "inventories",
    "s3:PutMetrics*": "metrics of buckets",
    "s3:PutObjectLockConfiguration": "IAM knows the action as PutBucketObjectLockConfiguration",
    "s3:REST*": "no action is called so",
    "s3tables:*": "tables of S3",
    "vpc-lattice:*": "endpoints of resource configurations",
    "vpce:*": "no action has this prefix",
}
# What actions depend on in calls that no handler makes for our templates.
NOT_CALLED = {
    "ecs:*": "flow logs of containers",
    "states:PublishStateMachineVersion": "published versions of state machines",
}
# What no schema says.
ALSO_NEEDED = {
    "codebuild:*Project*": "the schema of projects says nothing of permissions",
    "elasticfilesystem:*": "the file system of a domain",
    "iam:ListRoleTags": "tags of roles are compared before they are changed",
    "route53:AssociateVPCWithHostedZone": "private names of VPC endpoints",
}


def _statements() -> list[dict[str, Any]]:
    return [each for name in EXECUTION for each in json.loads(PLACE.document(name))["Statement"]]


def _allowed() -> set[str]:
    return {
        action
        for statement in _statements()
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }


def _needed(cloud: Cloud) -> Iterator[str]:
    for type_name in {resource.type for resource in cloud.resources}:
        schema = resource_schema(type_name)
        assert schema is not None, type_name
        for handler in ("create", "read", "update", "delete"):
            yield from schema.document.get("handlers", {}).get(handler, {}).get("permissions", [])


def _is_in(table: dict[str, str], action: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in table)


def may(action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    policies = tuple(parse_policy(PLACE.document(name), name, PolicyKind.IDENTITY) for name in EXECUTION)
    role = f"{ARN}:role/cdk-m1-cfn-exec-role-{ACCOUNT}-us-east-1"
    keys = {key if ":" in key else f"iam:{key}": value for key, value in (context or {}).items()}
    request = Request(Principal.role_session(role, "deployment"), action, resource, keys)
    return decide(request, Policies(identity=policies)).allowed


def test_every_action_that_a_type_needs_is_allowed(cloud: Cloud) -> None:
    needed = {action for action in _needed(cloud) if not _is_in(NOT_NEEDED, action)}
    assert needed - _allowed() == set()


def test_no_action_is_allowed_that_no_type_needs(sample: Cloud) -> None:
    needed = set(_needed(sample))
    unneeded = {action for action in _allowed() - needed if not _is_in(ALSO_NEEDED, action)}
    assert unneeded == set()


def test_no_explanation_outlives_its_action(sample: Cloud) -> None:
    needed = set(_needed(sample))
    assert [one for one in NOT_NEEDED if not any(fnmatchcase(each, one) for each in needed)] == []
    assert [one for one in ALSO_NEEDED if not any(fnmatchcase(each, one) for each in _allowed())] == []


def test_actions_are_named_one_by_one() -> None:
    assert [action for action in _allowed() if "*" in action] == []


def test_every_action_that_another_one_depends_on_is_allowed() -> None:
    """As AWS's Service Authorization Reference says; https://docs.aws.amazon.com/service-authorization/."""
    allowed = {action.lower() for action in _allowed()}
    missing = {
        f"{action.name} depends on {other}"
        for name in _allowed()
        for action in actions(name)
        for other in action.dependent_actions
        if other.lower() not in allowed and not _is_in({**NOT_NEEDED, **NOT_CALLED}, other)
    }
    assert missing == set()


@pytest.mark.parametrize("action", ["Update", "Delete"])
def test_no_channel_of_somebody_else_is_changed(action: str) -> None:
    """Without its guardrail, and shown in another channel, whoever is there could ask with its role."""
    channels = f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel"
    assert may(f"chatbot:{action}SlackChannelConfiguration", f"{channels}/dev-alerts")
    assert not may(f"chatbot:{action}SlackChannelConfiguration", f"{channels}/administrators")


def test_a_role_is_made_with_the_boundary_and_below_the_path_or_not_at_all() -> None:
    own = f"{ARN}:role/dev/dev-network-Role"
    assert may("iam:CreateRole", own, WITHIN)
    assert not may("iam:CreateRole", own)
    assert not may("iam:CreateRole", own, {"PermissionsBoundary": f"{ARN}:policy/dev/dev-wide"})
    for elsewhere in ("admin", "dev-admin", "dev-boundary", "prod/prod-network-Role"):
        assert not may("iam:CreateRole", f"{ARN}:role/{elsewhere}", WITHIN), elsewhere


@pytest.mark.parametrize(
    "action", ["iam:UpdateAssumeRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:UpdateRole"]
)
def test_a_role_without_the_boundary_is_not_changed(action: str) -> None:
    own, policy = f"{ARN}:role/dev/dev-network-Role", {"PolicyARN": f"{ARN}:policy/dev/dev-network-Policy"}
    assert may(action, own, {**WITHIN, **policy})
    assert not may(action, own, policy)
    assert not may(action, f"{ARN}:role/admin", {**WITHIN, **policy})


def test_only_policies_of_the_path_are_attached() -> None:
    own = f"{ARN}:role/dev/dev-network-Role"
    for elsewhere in ("arn:aws:iam::aws:policy/AdministratorAccess", f"{ARN}:policy/dev-execution-work"):
        assert not may("iam:AttachRolePolicy", own, {**WITHIN, "PolicyARN": elsewhere})


def test_nothing_takes_a_boundary_off_or_writes_one() -> None:
    for role in (f"{ARN}:role/dev/dev-network-Role", f"{ARN}:role/admin"):
        assert not may("iam:DeleteRolePermissionsBoundary", role, WITHIN)
    changes = ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy")
    for name in (BOUNDARY, *EXECUTION):
        for change in (*changes, "CreatePolicy"):
            assert not may(f"iam:{change}", PLACE.arn(name)), f"{change} {name}"
    assert may("iam:CreatePolicyVersion", f"{ARN}:policy/dev/dev-network-Policy")


def test_nobody_is_made_an_administrator() -> None:
    for action in ("iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:AddUserToGroup"):
        assert not may(action, f"{ARN}:user/somebody"), action
    assert not may("organizations:LeaveOrganization", "*")


def test_a_role_is_passed_below_the_path_and_to_a_service_that_a_template_lets_in(sample: Cloud) -> None:
    own = f"{ARN}:role/dev/dev-network-Role"
    trusted = {
        service
        for role in sample.of_type("AWS::IAM::Role")
        for statement in role.get("AssumeRolePolicyDocument", "Statement")
        for service in listed(statement["Principal"].get("Service", []))
    }
    (passing,) = (each for each in _statements() if each["Sid"] == "PassRolesToTheServicesThatTheyTrust")
    assert set(passing["Condition"]["StringEquals"]["iam:PassedToService"]) == trusted
    for service in trusted:
        assert may("iam:PassRole", own, {"PassedToService": service})
        assert not may("iam:PassRole", f"{ARN}:role/admin", {"PassedToService": service})
    assert not may("iam:PassRole", own, {"PassedToService": "lambda.amazonaws.com"})


def test_no_runbook_is_run_on_an_instance_of_the_account() -> None:
    """State Manager would run a shell command there, with the role of the instance."""
    documents = f"arn:aws:ssm:us-east-1:{ACCOUNT}:document"
    assert may("ssm:CreateAssociation", f"{documents}/{RUNBOOK}")
    assert not may("ssm:CreateAssociation", f"{documents}/AWS-RunShellScript")
    assert not may("ssm:CreateAssociation", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1")


def test_what_runs_with_a_role_of_others_is_not_rewritten() -> None:
    for action, kind in (
        ("states:UpdateStateMachine", "states:us-east-1:{}:stateMachine:"),
        ("sagemaker:UpdatePipeline", "sagemaker:us-east-1:{}:pipeline/"),
    ):
        assert may(action, f"arn:aws:{kind.format(ACCOUNT)}dev-x"), action
        assert not may(action, f"arn:aws:{kind.format(ACCOUNT)}payroll"), action
    assert not may("s3:PutBucketPolicy", "arn:aws:s3:::payroll")


@pytest.mark.parametrize("name", [BOUNDARY, *EXECUTION])
def test_every_document_is_one_policy_with_all_filled_in(name: str) -> None:
    long = Place("a-rather-long-project-and-environment", ACCOUNT, ["us-east-1", "us-west-2"], "m123456789")
    assert len(long.document(name)) <= LONGEST_POLICY
    for placeholder in ("PREFIX", "ACCOUNT", "QUALIFIER", "REGIONS"):
        assert placeholder not in PLACE.document(name)


def test_every_statement_says_why_it_is_there() -> None:
    sids = [statement["Sid"] for statement in _statements()]
    assert len(set(sids)) == len(sids) > 0
