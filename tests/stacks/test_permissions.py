"""What roles may do is explicit, explained, and as narrow as AWS lets it be."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.stacks.cloud import Cloud, Resource
from tests.stacks.roles import listed, text_of

ABOUT_EVERYTHING = {
    "AttachToVpc": "SageMaker refuses resource filters on these network actions",
    "DeliverLogs": "log delivery has no resources",
    "GetRegistryToken": "a token belongs to no repository",
    "PublishDataQuality": "metrics have no ARN; a condition limits the namespace",
    "PublishMetrics": "metrics have no ARN; a condition limits the namespace",
    "ReadAlarms": "metrics have no ARN",
    "ReadRollbackAlarms": "SageMaker describes alarms without naming them",
    "ReadSecurityGroups": "describing security groups has no resources",
    "ReadSageMaker": "describing and listing changes nothing",
    "Trace": "traces have no ARN",
}
"""Sids of the statements that may be about all resources."""
READ_ONLY_WILDCARDS = {"sagemaker:Describe*", "sagemaker:List*"}
OPEN_NAMES = (
    # Objects below one prefix of one bucket, or all objects of the capture and CDK asset buckets.
    r"(\$\{[\w:. -]+\}|arn:aws:s3:::[a-z0-9-]+)(/[\w-]+)*/\*",
    # What belongs to this environment; {environment} is filled in.
    r"arn:aws:sagemaker:[\w-]+:\d+:[\w-]+/{environment}-\*",
    r"arn:aws:cloudformation:[\w-]+:\d+:stack/{environment}-\*-(serving|monitoring)/\*",
    r"arn:aws:glue:[\w-]+:\d+:(crawler|dataQualityRuleset)/{environment}-\*",
    r"arn:aws:glue:[\w-]+:\d+:table/{environment}/(raw|processed)_\*",
    r"arn:aws:databrew:[\w-]+:\d+:job/{environment}-\*-(mask|profile)",
    r"arn:aws:states:[\w-]+:\d+:execution:{environment}-release:\*",
    # Names that AWS gives.
    r"arn:aws:sagemaker:[\w-]+:\d+:(processing|training)-job/pipelines-\*",
    r"arn:aws:logs:[\w-]+:\d+:log-group:/(aws/sagemaker|aws-glue|aws-glue-databrew)/(studio)?\*",
    r"arn:aws:glue:[\w-]+:\d+:table/sagemaker_featurestore/{environment}[-_]\*",
    r"arn:aws:ssm:[\w-]+:\d+:automation-execution/\*",
    # A bucket that cannot be referred to, because it needs the role; a key of another region, by its alias.
    r"arn:aws:s3:::{environment}-foundation-(data|artifacts)\*(/\*)?",
    r"arn:aws:kms:[\w-]+:\d+:key/\*",
    # In a domain whose id nobody knows yet; what is in it is limited by its owner.
    r"arn:aws:sagemaker:[\w-]+:\d+:(app|space)/\*",
    r"arn:aws:sagemaker:[\w-]+:\d+:user-profile/\*/\$\{aws:SourceIdentity\}",
)
"""How a resource may be named with a part left open."""


def _policies(cloud: Cloud) -> list[Resource]:
    """Policies of roles; what a boundary allows, it does not grant."""
    found = cloud.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
    return [policy for policy in found if policy.get("ManagedPolicyName") is None]


def _statements(cloud: Cloud) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for policy in _policies(cloud):
        for statement in policy.get("PolicyDocument", "Statement"):
            yield policy, statement


def test_every_statement_says_what_it_is_for(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]+", statement.get("Sid", "")), f"{policy}: {statement}"


def test_sids_are_unique_within_a_policy(cloud: Cloud) -> None:
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy"):
        sids = [statement["Sid"] for statement in policy.get("PolicyDocument", "Statement")]
        assert len(sids) == len(set(sids)), policy


def test_no_statement_allows_by_exclusion(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys(), policy


def test_actions_are_named_one_by_one(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        if statement["Effect"] == "Allow":
            open_actions = {action for action in listed(statement["Action"]) if "*" in action}
            assert open_actions <= READ_ONLY_WILDCARDS, f"{policy}: {statement['Sid']}"


def test_only_explained_statements_are_about_all_resources(cloud: Cloud) -> None:
    found = {
        statement["Sid"]
        for _, statement in _statements(cloud)
        if statement["Effect"] == "Allow" and "*" in listed(statement["Resource"])
    }
    assert found == set(ABOUT_EVERYTHING)


def test_names_left_open_are_limited_to_a_prefix_of_this_environment(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        patterns = [name.replace("{environment}", policy.template.environment) for name in OPEN_NAMES]
        for resource in map(text_of, listed(statement["Resource"])):
            if "*" in resource and resource != "*":
                is_known = any(re.fullmatch(pattern, resource) for pattern in patterns)
                assert is_known, f"{policy}: {statement['Sid']}: {resource}"


def test_resources_are_in_the_account_and_region_of_their_environment(cloud: Cloud) -> None:
    """Except AWS's own images and runbooks, a source in another account, and copies in another region."""
    for policy, statement in _statements(cloud):
        here = policy.template
        for resource in map(text_of, listed(statement["Resource"])):
            parts = resource.split(":")
            if parts[0] == "arn" and parts[2] not in ("s3", "ecr") and parts[4] != "":
                region = "" if parts[2] == "iam" else here.region
                if statement["Sid"] == "EncryptCopies":
                    region = "us-west-2"
                account = "333333333333" if statement["Sid"] == "DecryptSource" else here.account
                assert parts[3:5] == [region, account], f"{policy}: {resource}"


def test_a_role_is_passed_by_name_and_to_one_service(cloud: Cloud) -> None:
    passing = [(policy, statement) for policy, statement in _statements(cloud) if _passes_role(statement)]
    assert passing
    for policy, statement in passing:
        for resource in listed(statement["Resource"]):
            (role,) = cloud.referenced(policy.template, resource)
            assert role.type == "AWS::IAM::Role", policy
            (trusting,) = role.get("AssumeRolePolicyDocument", "Statement")
            service = statement["Condition"]["StringEquals"]["iam:PassedToService"]
            assert trusting["Principal"] == {"Service": service}, policy
        assert statement["Action"] == "iam:PassRole", policy


def _passes_role(statement: dict[str, Any]) -> bool:
    return statement["Effect"] == "Allow" and "iam:PassRole" in listed(statement["Action"])


def test_services_assume_roles_only_on_behalf_of_this_account(cloud: Cloud) -> None:
    for role in cloud.of_type("AWS::IAM::Role"):
        for statement in role.get("AssumeRolePolicyDocument", "Statement"):
            if "Service" in statement["Principal"]:
                account = statement["Condition"]["StringEquals"]["aws:SourceAccount"]
                assert re.fullmatch(r"\d{12}", account), role
                assert isinstance(statement["Principal"]["Service"], str), role


def test_people_assume_roles_from_their_own_account(cloud: Cloud) -> None:
    for role in cloud.of_type("AWS::IAM::Role"):
        for statement in role.get("AssumeRolePolicyDocument", "Statement"):
            if "AWS" in statement["Principal"]:
                assert re.search(r":iam::\d{12}:root$", text_of(statement["Principal"]["AWS"])), role


def test_services_in_resource_policies_act_for_this_account_or_a_known_source(cloud: Cloud) -> None:
    kinds = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
    for policy in cloud.of_type(*kinds):
        for statement in policy.get("PolicyDocument", "Statement"):
            if "Service" in statement["Principal"]:
                condition = json.dumps(statement["Condition"])
                assert re.search("aws:Source(Account|Arn)", condition), policy


def test_trust_policies_say_what_they_are_for(cloud: Cloud) -> None:
    for role in cloud.of_type("AWS::IAM::Role"):
        for statement in role.get("AssumeRolePolicyDocument", "Statement"):
            assert re.fullmatch(r"[A-Z][A-Za-z]+", statement.get("Sid", "")), role


def test_grants_on_the_key_are_for_aws_services_only(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        if "kms:CreateGrant" in listed(statement["Action"]):
            assert statement["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}, policy


def test_whoever_registers_models_registers_them_as_pending(cloud: Cloud) -> None:
    registering = [
        (policy, statement)
        for policy, statement in _statements(cloud)
        if statement["Effect"] == "Allow" and "sagemaker:CreateModelPackage" in listed(statement["Action"])
    ]
    assert registering
    for policy, statement in registering:
        status = statement["Condition"]["StringEquals"]["sagemaker:ModelApprovalStatus"]
        assert status == "PendingManualApproval", policy


def test_roles_have_managed_policies_only_and_none_of_aws(cloud: Cloud) -> None:
    for role in cloud.of_type("AWS::IAM::Role"):
        assert role.get("Policies") is None, role
        assert role.get("ManagedPolicyArns") is None, role
        assert role.get("RoleName") is None, role
