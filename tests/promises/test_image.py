"""An image of our own is made of what was reviewed, is looked through, and never becomes another one."""

import json
from hashlib import sha256

from config.settings import Environment, UseCase
from stacks.image.stack import PUSH
from stacks.parts.images import OWN_IMAGE, Images
from tests.stacks.cloud import Cloud, Resource, listed
from tests.stacks.roles import roles_of

REPOSITORY, PROJECT = "AWS::ECR::Repository", "AWS::CodeBuild::Project"


def test_an_environment_has_an_image_of_its_own_where_a_use_case_runs_in_it(
    cloud: Cloud, environments: dict[str, Environment], use_cases: dict[str, UseCase]
) -> None:
    wanted = {
        name
        for name, environment in environments.items()
        if any(use_cases[each].image == "own" for each in environment.use_cases)
    }
    for kind in (REPOSITORY, PROJECT):
        assert {resource.template.environment for resource in cloud.of_type(kind)} == wanted


def test_images_are_looked_through_kept_encrypted_and_never_replaced(cloud: Cloud) -> None:
    for repository in cloud.of_type(REPOSITORY):
        assert repository.get("ImageTagMutability") == "IMMUTABLE", repository
        assert repository.get("ImageScanningConfiguration") == {"ScanOnPush": True}, repository
        assert repository.get("EncryptionConfiguration", "EncryptionType") == "KMS", repository
        (key,) = cloud.referenced(repository.template, repository.get("EncryptionConfiguration", "KmsKey"))
        assert key.type == "AWS::KMS::Key", repository
        assert repository.body["DeletionPolicy"] == "Retain", repository
        (rule,) = json.loads(repository.get("LifecyclePolicy", "LifecyclePolicyText"))["rules"]
        # A tagged image may be what a version of years ago is served in.
        assert rule["selection"]["tagStatus"] == "untagged", repository


def test_only_the_build_pushes_and_nobody_deletes(cloud: Cloud) -> None:
    """Whatever another policy allows: the repository's own one denies."""
    for repository in cloud.of_type(REPOSITORY):
        pushing, deleting = repository.get("RepositoryPolicyText", "Statement")
        (project,) = repository.template.of_type(PROJECT)
        role = cloud.the_one(project, "ServiceRole")
        builder = f"arn:aws:iam::{role.template.account}:role{role.get('Path')}{role.get('RoleName')}"
        assert set(listed(pushing["Action"])) == set(PUSH.split()), repository
        assert pushing["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": builder}}, repository
        assert (deleting["Action"], deleting.get("Condition")) == ("ecr:BatchDeleteImage", None), repository
        for statement in (pushing, deleting):
            assert (statement["Effect"], statement["Principal"]) == ("Deny", {"AWS": "*"}), repository


def test_whatever_serves_in_it_may_pull_it(
    cloud: Cloud, environments: dict[str, Environment], use_cases: dict[str, UseCase]
) -> None:
    """Models act as a role of their own, on a shared endpoint as that of its configuration."""
    serving = [
        *(cloud.of_type("AWS::SageMaker::Model") if cloud.of_type(REPOSITORY) else []),
        *(each for each in cloud.of_type("AWS::SageMaker::EndpointConfig") if each.get("ExecutionRoleArn")),
    ]
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for resource in serving:
        template = resource.template
        use_case = template.short_name.removesuffix("-serving")
        names = [use_case] if use_case in use_cases else environments[template.environment].use_cases
        if any(use_cases[name].image == "own" for name in names):
            allowed = roles[str(cloud.the_one(resource, "ExecutionRoleArn"))].allowing("ecr:BatchGetImage")
            pulled = [arn for statement in allowed for arn in listed(statement["Resource"])]
            assert any(str(arn).endswith(f":repository/{_repository(cloud, resource)}") for arn in pulled), (
                resource
            )


def _repository(cloud: Cloud, resource: Resource) -> str:
    """The name of the one in the resource's environment."""
    (found,) = (
        each
        for each in cloud.of_type(REPOSITORY)
        if each.template.environment == resource.template.environment
    )
    return str(found.get("RepositoryName"))


def test_a_build_runs_in_the_network_of_its_environment_and_downloads_nothing(cloud: Cloud) -> None:
    for project in cloud.of_type(PROJECT):
        network = project.get("VpcConfig")
        assert len(network["Subnets"]) >= 2, project
        assert network["VpcId"], project
        assert network["SecurityGroupIds"], project
    dockerfile = (OWN_IMAGE / "Dockerfile").read_text("utf-8")
    for line in dockerfile.replace("\\\n", " ").splitlines():
        assert not ("pip install" in line and "--no-index" not in line), line
        assert not any(word in line for word in ("curl", "wget", "dnf", "ADD ")), line


def test_the_tag_says_what_the_image_is_made_of(cloud: Cloud, environments: dict[str, Environment]) -> None:
    for project in cloud.of_type(PROJECT):
        environment = environments[project.template.environment]
        given = project.get("Environment", "EnvironmentVariables")
        variables = {each["Name"]: each["Value"] for each in given}
        assert variables == {"BASE": Images(environment).xgboost, "IMAGE": Images(environment).own}, project


def test_the_files_that_are_installed_are_those_of_the_lock() -> None:
    lock = (OWN_IMAGE / "requirements.txt").read_text("utf-8")
    wheels = sorted((OWN_IMAGE / "wheels").glob("*.whl"))
    assert len(wheels) == lock.count("==") > 0
    for wheel in wheels:
        assert f"sha256:{sha256(wheel.read_bytes()).hexdigest()}" in lock, wheel.name
