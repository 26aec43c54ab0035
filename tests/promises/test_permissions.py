"""What roles may do is explicit, explained, and as narrow as AWS lets it be, also for roles yet to come.

What each role may and must never do is in the table of tests/security/iam, which mutation keeps complete.
"""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

import pytest

from config.settings import Environment, Settings
from stacks.parts.place import qualifier
from tests.security.iam.estate import bootstrap_place
from tests.stacks.cloud import Cloud, Resource, listed, text_of
from tests.stacks.roles import Statement, roles_of
from tests.stacks.synthesis import Synthesis
from tools.bootstrap.managed_policies import BOUNDARY

ABOUT_EVERYTHING = {
    "AttachToVpc": "SageMaker and Glue take no resource filters on these network actions",
    "DeliverLogs": "log delivery has no resources",
    "FindNewestApproved": "AWS's list of actions demands no resource for listing versions",
    "GetRegistryToken": "a token belongs to no repository",
    "PublishDataQuality": "metrics have no ARN; a condition limits the namespace",
    "PublishMetrics": "metrics have no ARN; a condition limits the namespace",
    "ReadAlarms": "metrics have no ARN",
    "ReadRollbackAlarms": "SageMaker describes alarms without naming them",
    "ReadSecurityGroups": "describing security groups has no resources",
    "FindTheWay": "listing changes nothing",
    "DescribeByTag": "AWS names domains, models and endpoint configurations; the condition says whose",
    "SeeMlflow": "opening the pages of MLflow has no resources",
    "Trace": "traces have no ARN",
}
"""Sids of the statements that may be about all resources."""
READ_ONLY_WILDCARDS = {"sagemaker:Describe*", "sagemaker:List*"}
OPEN_NAMES = (
    # Objects below one prefix of one bucket, or all objects of the capture and CDK asset buckets.
    r"(\$\{[\w:. -]+\}|arn:aws:s3:::[a-z0-9-]+)(/[\w-]+)*/\*",
    # What endpoints capture, below their names.
    r"\$\{[\w:. -]+\}/{prefix}-\*/\*",
    # What belongs to this environment; what its names begin with is filled in.
    r"arn:aws:sagemaker:[\w-]+:\d+:[\w-]+/{prefix}-((pipeline|tracking)-)?\*",
    r"arn:aws:sagemaker:[\w-]+:\d+:(hyper-parameter-tuning|training)-job/{tuning}-\*",
    r"arn:aws:cloudformation:[\w-]+:\d+:stack/{prefix}-\*-(serving|monitoring|training)/\*",
    r"arn:aws:glue:[\w-]+:\d+:(crawler|dataQualityRuleset)/{prefix}-\*",
    r"arn:aws:glue:[\w-]+:\d+:table/{database}/(raw|processed)_\*",
    r"arn:aws:databrew:[\w-]+:\d+:job/{prefix}-\*-(mask|profile)",
    r"arn:aws:states:[\w-]+:\d+:stateMachine:{prefix}-\*-(batch|batch-monitor|ingest|monitor|model-quality|retrain)",
    r"arn:aws:cloudwatch:[\w-]+:\d+:alarm:{prefix}-\*-monitoring-\*",
    r"arn:aws:cloudwatch::\d+:dashboard/{prefix}-\*",
    r"arn:aws:sagemaker:[\w-]+:\d+:model-package/{prefix}-[\w-]+/\*",
    r"arn:aws:sagemaker:[\w-]+:\d+:model-package/{trainer}-\*",
    r"arn:aws:sns:[\w-]+:\d+:{prefix}-\*-(answered|failed)",
    r"arn:aws:states:[\w-]+:\d+:execution:{prefix}-(release|\*-(batch|ingest|monitor|model-quality)):\*",
    # Names that AWS gives.
    r"arn:aws:secretsmanager:[\w-]+:\d+:secret:[\w/+=.@-]+-\?{6}",
    r"arn:aws:ec2:[\w-]+:\d+:network-interface/\*",
    r"arn:aws:dynamodb:[\w-]+:\d+:table/[\w.-]+/export/\*",
    r"arn:aws:sagemaker:[\w-]+:\d+:pipeline/{prefix}-[\w-]+/execution/\*",
    # What SageMaker's jobs and endpoints of this environment say; streams of jobs begin with the job's name.
    r"arn:aws:logs:[\w-]+:\d+:log-group:/aws/sagemaker/(Endpoints|InferenceComponents)/{prefix}-\*",
    r"arn:aws:logs:[\w-]+:\d+:log-group:/aws/sagemaker/(Processing|Training|Transform)Jobs:log-stream:({prefix}|model-monitoring)-\*",
    r"arn:aws:logs:[\w-]+:\d+:log-group:/aws/sagemaker/studio:log-stream:\$\{Domain\.DomainId\}/\*",
    r"arn:aws:logs:[\w-]+:\d+:log-group:/aws/sagemaker/TrainingJobs:log-stream:{tuning}-\*",
    r"arn:aws:logs:[\w-]+:\d+:log-group:/(aws/sagemaker|aws-glue|aws-glue-databrew)/(studio)?\*",
    r"arn:aws:glue:[\w-]+:\d+:table/sagemaker_featurestore/{prefix}[-_]\*",
    r"arn:aws:ssm:[\w-]+:\d+:automation-execution/\*",
    r"arn:aws:logs:[\w-]+:\d+:log-group:/aws/codebuild/{prefix}-image:log-stream:\*",
    r"arn:aws:ec2:[\w-]+:\d+:network-interface/\*",
    # A bucket that cannot be referred to, because it needs the role; a key of another region, by its alias.
    r"arn:aws:s3:::{prefix}-foundation-(data|artifacts)\*(/\*)?",
    r"arn:aws:kms:[\w-]+:\d+:key/\*",
    # In a domain whose id nobody knows yet; what is in it is limited by its owner.
    r"arn:aws:sagemaker:[\w-]+:\d+:(app|space)/\*",
    r"arn:aws:sagemaker:[\w-]+:\d+:user-profile/\*/\$\{aws:SourceIdentity\}",
)
"""How a resource may be named with a part left open."""
NOBODY_ELSE = {
    # The second one for use cases that say so: tests/promises/test_retraining.py.
    "sagemaker:UpdateModelPackage": {"MlopsEngineer", "Retrain"},
    "sagemaker:CreateModelPackage": {"DataScientist", "Pipeline"},
    "sagemaker:DeleteTags": set[str](),
    "athena:StartQueryExecution": {"DataEngineer"},
    "dynamodb:ExportTableToPointInTime": {"Ingest"},
    "glue:StartJobRun": {"Ingest"},
    "secretsmanager:GetSecretValue": {"Deliver"},
    "ecr:PutImage": {"Build"},
    "ecr:BatchDeleteImage": set[str](),
}
"""What these roles may do, and no other, whichever is added."""


def _policies(cloud: Cloud) -> list[Resource]:
    return cloud.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")


def _statements(cloud: Cloud) -> Iterator[tuple[Resource, Statement]]:
    for policy in _policies(cloud):
        for statement in policy.get("PolicyDocument", "Statement"):
            yield policy, statement


def _about_everything(cloud: Cloud) -> set[str]:
    return {
        statement["Sid"]
        for _, statement in _statements(cloud)
        if statement["Effect"] == "Allow" and "*" in listed(statement["Resource"])
    }


def test_every_statement_says_once_what_it_is_for(cloud: Cloud) -> None:
    for holder in [*_policies(cloud), *cloud.of_type("AWS::IAM::Role")]:
        document = holder.get("PolicyDocument") or holder.get("AssumeRolePolicyDocument")
        sids = [statement.get("Sid", "") for statement in document["Statement"]]
        assert [sid for sid in sids if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", sid)] == [], holder
        assert len(sids) == len(set(sids)), holder


def test_no_statement_allows_by_exclusion(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys(), policy


def test_actions_are_named_one_by_one(cloud: Cloud) -> None:
    for policy, statement in _statements(cloud):
        if statement["Effect"] == "Allow":
            open_actions = {action for action in listed(statement["Action"]) if "*" in action}
            assert open_actions <= READ_ONLY_WILDCARDS, f"{policy}: {statement['Sid']}"


def test_only_explained_statements_are_about_all_resources(cloud: Cloud) -> None:
    assert _about_everything(cloud) - ABOUT_EVERYTHING.keys() == set()


def test_no_explanation_outlives_its_statement(sample: Cloud) -> None:
    assert ABOUT_EVERYTHING.keys() - _about_everything(sample) == set()


def test_names_left_open_are_limited_to_a_prefix_of_this_environment(synthesis: Synthesis) -> None:
    """Or, of an environment that follows another one, of that one."""
    settings = synthesis.settings
    trainers = {
        each.name: trainer.prefix for each in settings.environments if (trainer := settings.trainer_of(each))
    }
    for policy, statement in _statements(synthesis.cloud):
        prefix = policy.template.prefix
        database = prefix.replace("-", "_")
        # AWS leaves six characters of a tuning job's name to us.
        filled = {"{prefix}": prefix, "{database}": database, "{tuning}": qualifier(prefix)[:6]}
        filled["{trainer}"] = trainers.get(policy.template.environment, prefix)
        patterns = [_filled(name, filled) for name in OPEN_NAMES]
        for resource in map(text_of, listed(statement["Resource"])):
            if "*" in resource and resource != "*":
                is_known = any(re.fullmatch(pattern, resource) for pattern in patterns)
                assert is_known, f"{policy}: {statement['Sid']}: {resource}"


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        pattern = pattern.replace(name, value)
    return pattern


def test_resources_are_in_the_account_and_region_of_their_environment(synthesis: Synthesis) -> None:
    """Except AWS's own images and runbooks, a source in another account, copies in another region, and what
    environments that follow each other read and tell.
    """
    for policy, statement in _statements(synthesis.cloud):
        known = _places(synthesis.settings, policy.template.environment, statement["Sid"])
        for resource in map(text_of, listed(statement["Resource"])):
            parts = resource.split(":")
            if parts[0] == "arn" and parts[2] not in ("s3", "ecr") and parts[4] != "":
                is_global = parts[2] == "iam" or parts[5].startswith("dashboard/")
                place = (parts[3] or known[0][0], parts[4]) if is_global else (parts[3], parts[4])
                assert place in known, f"{policy}: {resource}"


def _places(settings: Settings, name: str, sid: str) -> list[tuple[str, str]]:
    """Regions with accounts that a statement may be about."""
    environment = next(each for each in settings.environments if each.name == name)
    if sid == "EncryptCopies":
        return [(str(environment.replication_region), environment.account)]
    if sid.endswith("Elsewhere"):
        trainer = settings.trainer_of(environment)
        return [(trainer.region, trainer.account)] if trainer else []
    if sid == "TellFollowers":
        return [(each.region, each.account) for each in settings.followers_of(environment)]
    if sid == "DecryptSource":
        sources = [settings.use_cases[use_case].source for use_case in environment.use_cases]
        keys = [str(source.bucket.key_arn) for source in sources if source and source.bucket]
        return [(key.split(":")[3], key.split(":")[4]) for key in keys if ":" in key]
    return [(environment.region, environment.account)]


def test_roles_have_managed_policies_only_and_none_of_aws(cloud: Cloud) -> None:
    for role in cloud.of_type("AWS::IAM::Role"):
        assert role.get("Policies") is None, role
        assert role.get("ManagedPolicyArns") is None, role


def test_people_are_roles_and_nobody_has_a_key(cloud: Cloud) -> None:
    identities = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition")
    assert [str(resource) for resource in cloud.resources if resource.type in identities] == []


def test_only_a_role_that_something_retained_refers_to_has_a_name(cloud: Cloud) -> None:
    """Deployed again, it is the same role; with a name that CloudFormation made up it would be gone.

    So is a role that another environment's policies name.
    """
    users = (
        "AWS::SageMaker::FeatureGroup",
        "AWS::SageMaker::MlflowApp",
        "AWS::SageMaker::MlflowTrackingServer",
    )
    named = {str(cloud.the_one(user, "RoleArn")) for user in cloud.of_type(*users)}
    roles = [role for role in cloud.of_type("AWS::IAM::Role") if role.get("RoleName")]
    for policy in cloud.of_type("AWS::S3::BucketPolicy", "AWS::ECR::Repository", "AWS::Events::EventBus"):
        holders = ("PolicyDocument", "RepositoryPolicyText", "Policy")
        text = json.dumps([policy.get(holder) for holder in holders])
        named |= {str(role) for role in roles if f'role{role.get("Path")}{role.get("RoleName")}"' in text}
        # The job of a use case's deliveries, which the policy knows by its end.
        ours = [role for role in roles if role.template.environment == policy.template.environment]
        of_jobs = [
            role
            for role in ours
            if role.logical_id.startswith("Deliver") and f'{role.template.prefix}-*-deliver"' in text
        ]
        named |= {str(role) for role in of_jobs}
    assert {str(role) for role in roles} == named


@pytest.mark.parametrize("action", NOBODY_ELSE)
def test_nobody_else_may(action: str, cloud: Cloud) -> None:
    assert {role.name for role in roles_of(cloud) if role.allowing(action)} <= NOBODY_ELSE[action]


def test_whoever_may_start_what_the_guardrails_are_about_has_them(cloud: Cloud) -> None:
    for role in roles_of(cloud):
        guarded = _guarded_actions(cloud, role.resource.template.prefix)
        allowed = [one["Action"] for one in role.statements if one["Effect"] == "Allow"]
        starts = [action for actions in allowed for action in listed(actions) if _is_in(action, guarded)]
        is_guarded = any(policy.logical_id.startswith("Guardrails") for policy in role.policies)
        assert is_guarded or not starts, role


def _guarded_actions(cloud: Cloud, prefix: str) -> list[str]:
    """Patterns of what the guardrails of an environment deny under some condition."""
    policies = cloud.stack(f"{prefix}-foundation").of_type("AWS::IAM::ManagedPolicy")
    (guardrails,) = (policy for policy in policies if policy.logical_id.startswith("Guardrails"))
    statements = guardrails.get("PolicyDocument", "Statement")
    return [pattern for statement in statements for pattern in listed(statement["Action"])]


def _is_in(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def test_every_role_and_policy_of_every_stack_is_below_the_path_of_its_environment(cloud: Cloud) -> None:
    for resource in cloud.of_type("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
        assert resource.get("Path") == f"/{resource.template.prefix}/", resource


def test_every_role_of_every_stack_has_the_boundary_of_its_environment(cloud: Cloud) -> None:
    for role in cloud.of_type("AWS::IAM::Role"):
        place = bootstrap_place(cloud, role.template.environment)
        assert role.get("PermissionsBoundary") == place.arn(BOUNDARY), role


def test_no_stack_makes_a_boundary_or_a_policy_of_the_bootstrap(cloud: Cloud) -> None:
    """What a template has, the deployment that it limits could change."""
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy"):
        assert policy.get("ManagedPolicyName") is None, policy


def test_no_role_can_make_identities_or_give_permissions(cloud: Cloud) -> None:
    for name in {template.environment for template in cloud.templates}:
        for statement in json.loads(bootstrap_place(cloud, name).document(BOUNDARY))["Statement"]:
            if statement["Effect"] == "Allow":
                identity = {action for action in listed(statement["Action"]) if action.startswith("iam:")}
                assert identity <= {"iam:PassRole"}, name
                assert "*" not in listed(statement["Action"]), name
                assert not identity or "*" not in listed(statement["Resource"]), name


def test_where_only_pipelines_register_no_data_scientist_does(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """Denied without a condition, so that no policy added later gives it."""
    for policy, statement in _statements(cloud):
        if statement["Sid"] == "RegisterNothingElse":
            only_pipelines = environments[policy.template.environment].registration == "pipeline-only"
            assert ("Condition" not in statement) is only_pipelines, policy
