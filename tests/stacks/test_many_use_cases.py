"""An environment grows to 200 use cases with every option, and stays within the limits of AWS."""

import json
from collections import Counter
from pathlib import Path

import pytest

from config.settings import BucketSource, Catalog, ConfigurationError, Environment, Settings, Source
from stacks.stage import build_app
from stacks.training.data_sources import check_bucket_sources
from tests.stacks.cloud import Cloud, Resource, read_assembly

MANY = 200
SYNTHESIZED = 50
"""Fewer, to be fast. What grows with them is counted as often as they are more; policies must not grow."""

RESOURCES = 500
OUTPUTS = 200
TEMPLATE_BYTES = 1_000_000
POLICIES_OF_A_ROLE = 10
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
STATEMENTS_OF_A_QUEUE = 20
ABOUT_OTHERS = (
    *("AWS::IAM::ManagedPolicy", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"),
    *("AWS::KMS::Key", "AWS::EC2::VPCEndpoint"),
)
"""What holds a policy, whose length IAM or the service limits."""


def _grown(settings: Settings, use_cases: int, source: Source | None = None) -> Settings:
    """The first environment with as many use cases of the same kind, and all options of data."""
    environment = settings.environments[0]
    name, deployment = next(iter(environment.use_cases.items()))
    deployment = deployment.model_copy(update={"model": "latest-approved", "monthly_budget_usd": 10.0})
    names = [f"{name}-{number:03}" for number in range(use_cases)]
    use_case = settings.use_cases[name]
    personal = dict.fromkeys(use_case.columns[1:3], "bucket 5")
    grown = environment.model_copy(
        update={
            "catalog": Catalog(databrew=True, feature_store="online"),
            "use_cases": dict.fromkeys(names, deployment),
        }
    )
    copies = {
        each: use_case.model_copy(update={"name": each, "personal_data": personal, "source": source})
        for each in names
    }
    return settings.model_copy(update={"environments": (grown,), "use_cases": copies})


def _synthesized(settings: Settings, folder: Path) -> Cloud:
    build_app(settings, outdir=str(folder)).synth()
    return Cloud(read_assembly(folder))


@pytest.fixture(scope="module")
def many(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    return _synthesized(_grown(settings, SYNTHESIZED), tmp_path_factory.mktemp("many"))


@pytest.fixture(scope="module")
def few(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    return _synthesized(_grown(settings, 1), tmp_path_factory.mktemp("few"))


def test_every_template_has_room_for_all(few: Cloud, many: Cloud) -> None:
    growth = MANY / SYNTHESIZED
    of_one = {template.stack: template.path.stat().st_size for template in few.templates}
    for template in many.templates:
        assert len(template.resources) * growth <= RESOURCES, template.stack
        assert len(template.section("Outputs")) * growth <= OUTPUTS, template.stack
        size = template.path.stat().st_size
        more = (size - of_one.get(template.stack, size)) / (SYNTHESIZED - 1)
        assert size + more * (MANY - SYNTHESIZED) <= TEMPLATE_BYTES, template.stack


def test_no_policy_grows_with_the_use_cases(few: Cloud, many: Cloud) -> None:
    before, after = _policies(few), _policies(many)
    assert before
    assert after == before


def _policies(cloud: Cloud) -> dict[str, str]:
    """What stacks of the whole environment hold of policies; none of a use case holds any."""
    policies = cloud.of_type(*ABOUT_OTHERS)
    return {str(policy): json.dumps(policy.properties, sort_keys=True) for policy in policies}


def test_roles_and_queues_have_as_many_policies_and_statements_as_aws_takes(many: Cloud) -> None:
    attached: Counter[str] = Counter()
    for policy in many.of_type("AWS::IAM::ManagedPolicy"):
        attached.update(str(role) for role in many.referenced(policy.template, policy.get("Roles")))
    assert max(attached.values()) <= POLICIES_OF_A_ROLE
    for queue_policy in many.of_type("AWS::SQS::QueuePolicy"):
        assert len(queue_policy.get("PolicyDocument", "Statement")) <= STATEMENTS_OF_A_QUEUE


def test_what_a_use_case_adds_is_stacks_of_its_own_a_rule_and_its_budget(few: Cloud, many: Cloud) -> None:
    added = Counter(_kind(resource) for resource in many.resources)
    added.subtract(_kind(resource) for resource in few.resources)
    shared = {kind for kind, count in added.items() if count and not kind.startswith("use case")}
    assert shared == {"release AWS::Events::Rule", "foundation AWS::Budgets::Budget"}


def _kind(resource: Resource) -> str:
    room = resource.template.short_name
    return f"{'use case' if '-' in room else room} {resource.type}"


def test_more_instance_types_than_a_policy_holds_are_a_mistake_in_the_configuration(
    settings: Settings,
) -> None:
    environment: Environment = settings.environments[0]
    types = tuple(f"ml.m{number}.24xlarge" for number in range(500))
    wide = environment.model_copy(update={"allowed_instance_types": types})
    with pytest.raises(ConfigurationError) as error:
        build_app(settings.model_copy(update={"environments": (wide,)}))
    (mistake,) = error.value.mistakes
    assert mistake.file == f"config/environments/{environment.name}.yaml"
    assert mistake.path == ("allowed_instance_types",)
    assert "characters, and IAM takes 6144" in mistake.problem
    assert mistake.change == "name fewer instance types, subnets or security groups"


def test_a_bucket_that_a_schedule_delivers_from_is_no_policy_of_that_role(settings: Settings) -> None:
    bucket = BucketSource(name="land-registry", prefix="sales", account="222222222222")
    grown = _grown(settings, 10, Source(bucket=bucket, schedule="rate(1 day)"))
    check_bucket_sources(grown.environments[0], grown.use_cases.values())


def test_more_buckets_of_other_accounts_than_a_role_has_policies_are_a_mistake(settings: Settings) -> None:
    bucket = BucketSource(name="land-registry", prefix="sales", account="222222222222")
    sources = Source(bucket=bucket)
    build_app(_grown(settings, 9, sources))
    with pytest.raises(ConfigurationError, match="10 use cases read raw data in buckets of other accounts"):
        build_app(_grown(settings, 10, sources))
    own = _grown(settings, 9, sources)
    changed = {name: each.model_copy(update={"image": "own"}) for name, each in own.use_cases.items()}
    with pytest.raises(ConfigurationError, match="allowed: at most 8"):
        build_app(own.model_copy(update={"use_cases": changed}))
