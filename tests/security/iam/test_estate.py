"""Roles and policies of the templates as the cases see them."""

from typing import Any

import pytest

from tests.security.iam.cases import cases_of, roles_covered
from tests.security.iam.estate import Estate, MissingFactError
from tests.security.iam.proof import ENVIRONMENTS, ROWS, Proof
from tests.stacks.cloud import Cloud, Resource, Template
from tests.stacks.synthesis import Synthesis


def _with_another_role(sample: Cloud, stack: str) -> Cloud:
    """The templates, with a role added that the table knows nothing of."""
    trust: dict[str, Any] = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    templates = []
    for template in sample.templates:
        resources = dict(template.section("Resources"))
        if template.stack == stack:
            resources["NewcomersToolRole12345678"] = role
        templates.append(Template(**{**vars(template), "body": {**template.body, "Resources": resources}}))
    return Cloud(templates)


def _proven(sample: Cloud) -> list[Resource]:
    return [resource for resource in sample.resources if resource.template.environment in ENVIRONMENTS]


@pytest.fixture(scope="module")
def dev(proof: Proof) -> Estate:
    return next(estate for estate in proof.estates if estate.environment == "dev")


def test_a_role_that_is_added_is_found_and_has_no_cases(sample_synthesis: Synthesis) -> None:
    cloud = _with_another_role(sample_synthesis.cloud, "dev-release")
    (estate,) = Proof.of(cloud, sample_synthesis.settings, ["dev"]).estates
    assert roles_covered(cases_of(ROWS, estate), estate)["newcomers-tool"] == (0, 0)


def test_every_role_of_the_templates_is_there(sample: Cloud, proof: Proof) -> None:
    roles = [resource for resource in _proven(sample) if resource.type == "AWS::IAM::Role"]
    assert sum(len(estate.roles) for estate in proof.estates) == len(roles)


def test_every_policy_of_the_templates_is_mutated(sample: Cloud, proof: Proof) -> None:
    kinds = (
        "ManagedPolicy",
        "Role",
        "BucketPolicy",
        "TopicPolicy",
        "QueuePolicy",
        "AWS::KMS::Key",
        "AWS::ECR::Repository",
    )
    in_templates = [resource for resource in _proven(sample) if resource.type.endswith(kinds)]
    boundaries = len(proof.estates)
    assert sum(len(estate.documents) for estate in proof.estates) == len(in_templates) + boundaries


def test_people_have_their_own_policy_what_all_share_the_guardrails_and_the_boundary(dev: Estate) -> None:
    role = dev.roles["data-scientist"]
    names = {document.name for document in role.identity}
    assert {"foundation/DataScientistPolicy", "foundation/StudioPolicy", "foundation/Guardrails"} <= names
    assert role.boundary is not None
    assert role.boundary.name == "bootstrap/boundary"


def test_buckets_keys_topics_and_queues_have_their_policies(dev: Estate) -> None:
    for name in ("{data}", "{key}", "{Alerts}", "{UndeliveredDecisions}", "{FlowLogKey}"):
        assert dev.fill(name) in dev.resource_policies


def test_what_an_environment_does_not_have_is_named(dev: Estate) -> None:
    with pytest.raises(MissingFactError, match="dev has nothing called Spaceship"):
        dev.fill("{Spaceship}/1")
