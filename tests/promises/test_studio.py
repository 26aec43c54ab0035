"""Studio is closed to the internet, bounded in cost, and outlives its stack with people's work."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Environment, Studio
from tests.stacks.cloud import Cloud, Resource, listed, text_of
from tests.stacks.roles import roles_of
from tools.review.readable import readable

ROOT = Path(__file__).parents[2]

APPS = ("JupyterLabAppSettings", "CodeEditorAppSettings")
DOMAIN = "AWS::SageMaker::Domain"
MLFLOW = {"app": "AWS::SageMaker::MlflowApp", "tracking-server": "AWS::SageMaker::MlflowTrackingServer"}
Configured = list[tuple[Resource, Studio]]


@pytest.fixture
def domains(cloud: Cloud, environments: dict[str, Environment]) -> Configured:
    """Each Domain, with what is configured of it."""
    return list(domains_of(cloud, environments))


def domains_of(cloud: Cloud, environments: dict[str, Environment]) -> Iterator[tuple[Resource, Studio]]:
    for domain in cloud.of_type(DOMAIN):
        studio = environments[domain.template.environment].studio
        assert studio, domain
        yield domain, studio


def user_setting(domain: Resource, *path: str) -> Any:
    return domain.get("DefaultUserSettings", *path)


def _mlflow(cloud: Cloud) -> list[Resource]:
    return [resource for resource in cloud.resources if resource.type in MLFLOW.values()]


def _profiles(domain: Resource) -> list[Resource]:
    return domain.template.of_type("AWS::SageMaker::UserProfile")


def test_studio_is_there_where_it_isdomains_of(cloud: Cloud, environments: dict[str, Environment]) -> None:
    configured = {name for name, environment in environments.items() if environment.studio}
    found = {resource.template.environment for resource in cloud.resources if resource.type == DOMAIN}
    assert found == configured


def test_apps_have_no_way_to_the_internet(cloud: Cloud) -> None:
    for domain in cloud.of_type(DOMAIN):
        assert domain.get("AppNetworkAccessType") == "VpcOnly", domain
        assert len(domain.get("SubnetIds")) >= 2, domain
        assert len(user_setting(domain, "SecurityGroups")) >= 1, domain
        used = [domain.get("SubnetIds"), user_setting(domain, "SecurityGroups"), domain.get("VpcId")]
        ours = {found.type for found in cloud.referenced(domain.template, used)}
        # What is used of a network that exists is a literal.
        assert ours in (set(), {"AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::EC2::VPC"}), domain


def test_disks_and_homes_are_encrypted_with_the_key_of_the_environment(cloud: Cloud) -> None:
    for domain in cloud.of_type(DOMAIN):
        key = cloud.the_one(domain, "KmsKeyId")
        assert (key.type, key.template.short_name) == ("AWS::KMS::Key", "foundation"), domain


def test_the_work_of_people_outlives_the_stack(cloud: Cloud) -> None:
    for kept in cloud.of_type(DOMAIN, *MLFLOW.values()):
        policies = (kept.body["DeletionPolicy"], kept.body["UpdateReplacePolicy"])
        assert policies == ("Retain", "Retain"), kept
        if kept.type != DOMAIN:
            assert cloud.the_one(kept, "RoleArn").body["DeletionPolicy"] == "Retain", kept


def test_a_retained_domain_does_not_keep_its_stack_from_being_deleted(cloud: Cloud) -> None:
    for config in cloud.of_type("AWS::SageMaker::StudioLifecycleConfig"):
        assert config.body["DeletionPolicy"] == "Retain", config
        assert config.body["UpdateReplacePolicy"] == "Delete", config


def test_idle_apps_are_shut_down_and_nobody_can_put_it_off(domains: Configured) -> None:
    for domain, studio in domains:
        for app in APPS:
            idle = user_setting(domain, app, "AppLifecycleManagement", "IdleSettings")
            assert idle == {
                "LifecycleManagement": "ENABLED",
                "IdleTimeoutInMinutes": studio.idle_minutes,
                "MinIdleTimeoutInMinutes": 60,
                "MaxIdleTimeoutInMinutes": studio.idle_minutes,
            }, domain


def test_disks_have_a_limit(domains: Configured) -> None:
    for domain, studio in domains:
        assert user_setting(domain, "SpaceStorageSettings", "DefaultEbsStorageSettings") == {
            "DefaultEbsVolumeSizeInGb": studio.storage_gb.default,
            "MaximumEbsVolumeSizeInGb": studio.storage_gb.max,
        }, domain


def test_apps_start_on_the_first_allowed_instance_type(domains: Configured) -> None:
    for domain, studio in domains:
        for app in APPS:
            found = user_setting(domain, app, "DefaultResourceSpec", "InstanceType")
            assert found == studio.instance_types[0], domain


def test_docker_sharing_and_shared_spaces_are_off(cloud: Cloud) -> None:
    for domain in cloud.of_type(DOMAIN):
        assert domain.get("DomainSettings", "DockerSettings") == {"EnableDockerAccess": "DISABLED"}, domain
        assert user_setting(domain, "SharingSettings") == {"NotebookOutputOption": "Disabled"}, domain
        # Whoever uses a shared space acts with one role, whatever their persona.
        assert domain.get("DefaultSpaceSettings") is None, domain


def test_people_land_in_studio_and_see_what_is_set_up(domains: Configured) -> None:
    for domain, studio in domains:
        assert user_setting(domain, "DefaultLandingUri") == "studio::", domain
        assert user_setting(domain, "StudioWebPortal") == "ENABLED", domain
        hidden = set(user_setting(domain, "StudioWebPortalSettings", "HiddenAppTypes"))
        assert ("Canvas" not in hidden) is studio.canvas, domain
        assert {"JupyterServer", "RStudioServerPro"} <= hidden, domain


def test_everybody_has_a_profile_with_the_role_of_their_persona(cloud: Cloud, domains: Configured) -> None:
    for domain, studio in domains:
        roles = {
            profile.get("UserProfileName"): cloud.the_one(profile, "UserSettings", "ExecutionRole").logical_id
            for profile in _profiles(domain)
        }
        personas = {
            name: person.persona.title().replace("-", "") + "Role" for name, person in studio.people.items()
        }
        assert roles.keys() == personas.keys(), domain
        assert all(roles[name].startswith(persona) for name, persona in personas.items()), roles


def test_people_sign_in_with_identity_center_where_it_is_configured(domains: Configured) -> None:
    for domain, studio in domains:
        is_central = studio.sign_in == "identity-center"
        assert domain.get("AuthMode") == ("SSO" if is_central else "IAM"), domain
        for profile in _profiles(domain):
            person = studio.people[profile.get("UserProfileName")]
            identifier = "UserName" if is_central else None
            assert profile.get("SingleSignOnUserIdentifier") == identifier, profile
            assert profile.get("SingleSignOnUserValue") == person.single_sign_on_user, profile


def test_what_an_app_does_is_recorded_under_the_name_of_its_user(cloud: Cloud) -> None:
    """The IAM table says that Studio may set the name, `sts:SetSourceIdentity`, for every role of people."""
    for domain in cloud.of_type(DOMAIN):
        assert domain.get("DomainSettings", "ExecutionRoleIdentityConfig") == "USER_PROFILE_NAME", domain


def test_a_changed_tag_of_the_configuration_replaces_no_domain(cloud: Cloud) -> None:
    """A tag may replace domain and profiles: https://github.com/aws/aws-cdk/issues/17448."""
    kinds = (DOMAIN, "AWS::SageMaker::UserProfile", "AWS::SageMaker::StudioLifecycleConfig")
    for resource in cloud.of_type(*kinds):
        of_people = ["persona"] if resource.type == "AWS::SageMaker::UserProfile" else []
        assert [tag["Key"] for tag in resource.get("Tags")] == ["environment", *of_people], resource


def test_the_script_of_a_space_has_another_name_when_it_changes(cloud: Cloud) -> None:
    scripts: dict[str, set[str]] = {}
    for config in cloud.of_type("AWS::SageMaker::StudioLifecycleConfig"):
        name, content = config.get("StudioLifecycleConfigName"), config.get("StudioLifecycleConfigContent")
        assert len(name) <= 63, config
        assert len(content["Fn::Base64"]) * 4 / 3 < 16_384, config
        assert readable(name).endswith("-<hash>"), config
        scripts.setdefault(name.rsplit("-", 1)[-1], set()).add(content["Fn::Base64"])
    assert all(len(contents) == 1 for contents in scripts.values())


def test_a_space_starts_with_the_script_of_this_repository_and_nothing_else(cloud: Cloud) -> None:
    script = (ROOT / "studio_scripts" / "prepare-space.sh").read_text("utf-8")
    for config in cloud.of_type("AWS::SageMaker::StudioLifecycleConfig"):
        content = config.get("StudioLifecycleConfigContent", "Fn::Base64")
        place, _, rest = script.partition("\n")
        first, setting, *lines = content.split("\n")
        assert (first, "\n".join(lines)) == (place, rest), config
        assert re.fullmatch(r"NOTEBOOK_URI='?s3://cdk-[a-z0-9]+-assets-[^' ]+\.ipynb'?", setting), config


def test_whoever_has_no_profile_gets_a_role_that_reaches_nothing(cloud: Cloud) -> None:
    for domain in cloud.of_type(DOMAIN):
        role = cloud.the_one(domain, "DefaultUserSettings", "ExecutionRole")
        allowed = {
            action
            for each in roles_of(cloud)
            if each.resource == role
            for statement in each.statements
            for action in listed(statement["Action"])
        }
        assert allowed == {"kms:CreateGrant", "kms:DescribeKey"}, domain
        for profile in _profiles(domain):
            assert cloud.the_one(profile, "DomainId") == domain, profile


def test_each_app_starts_with_the_script_for_its_type(cloud: Cloud) -> None:
    for domain in cloud.of_type(DOMAIN):
        for app in APPS:
            default = user_setting(domain, app, "DefaultResourceSpec", "LifecycleConfigArn")
            (config,) = cloud.referenced(domain.template, default)
            assert f"{config.get('StudioLifecycleConfigAppType')}AppSettings" == app, domain
            assert user_setting(domain, app, "LifecycleConfigArns") == [default], domain


def test_mlflow_is_what_is_configured_and_the_app_unless_something_else_is(
    cloud: Cloud, domains: Configured
) -> None:
    found = {resource.template.environment: resource.type for resource in _mlflow(cloud)}
    configured = {domain.template.environment: studio.mlflow for domain, studio in domains}
    assert found == {name: MLFLOW[kind] for name, kind in configured.items() if kind != "none"}
    assert Studio().mlflow == "app"


def test_experiments_are_tracked_in_the_bucket_of_the_environment(cloud: Cloud) -> None:
    for mlflow in _mlflow(cloud):
        bucket = cloud.the_one(mlflow, "ArtifactStoreUri")
        assert (bucket.type, bucket.logical_id[:9]) == ("AWS::S3::Bucket", "Artifacts"), mlflow


def test_mlflow_registers_no_model_by_itself(cloud: Cloud) -> None:
    """An update of an app that does not say so switches it on, so that leaving it out is not enough."""
    for mlflow in _mlflow(cloud):
        said = mlflow.get("ModelRegistrationMode"), mlflow.get("AutomaticModelRegistration")
        assert said in (("AutoModelRegistrationDisabled", None), (None, False)), mlflow


def test_a_tracking_server_is_of_the_size_that_is_configured(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for mlflow in _mlflow(cloud):
        studio = environments[mlflow.template.environment].studio
        assert studio, mlflow
        size = studio.mlflow_size if studio.mlflow == "tracking-server" else None
        assert mlflow.get("TrackingServerSize") == size, mlflow


def test_studio_shows_an_app_beside_a_server_that_was_retained(cloud: Cloud) -> None:
    """Of two with one name it shows one: https://github.com/aws/amazon-sagemaker-feedback/issues/247."""
    for app in cloud.of_type(MLFLOW["app"]):
        assert app.get("Name") == f"{app.template.prefix}-mlflow", app


def test_what_people_need_to_sign_in_is_an_output(cloud: Cloud) -> None:
    for domain in cloud.of_type(DOMAIN):
        assert {"DomainId", "DomainUrl"} <= domain.template.section("Outputs").keys(), domain


def _tracking_machines(cloud: Cloud) -> dict[str, Resource]:
    """What tells MLflow of executions, by environment."""
    machines = cloud.of_type("AWS::StepFunctions::StateMachine")
    return {each.template.environment: each for each in machines if each.template.short_name == "studio"}


def test_mlflow_is_told_of_every_end_of_every_pipeline_where_there_is_one(cloud: Cloud) -> None:
    machines = _tracking_machines(cloud)
    rules = [rule for rule in cloud.of_type("AWS::Events::Rule") if rule.template.short_name == "studio"]
    for rule in rules:
        detail, prefix = rule.get("EventPattern", "detail"), rule.template.prefix
        assert detail["currentPipelineExecutionStatus"] == ["Succeeded", "Failed", "Stopped"], rule
        (pipelines,) = detail["pipelineArn"]
        assert pipelines["prefix"].endswith(f":pipeline/{prefix}-"), rule
        (target,) = rule.get("Targets")
        assert cloud.referenced(rule.template, target["Arn"]) == [machines[rule.template.environment]], rule
    told = [rule.template.environment for rule in rules]
    assert sorted(told) == sorted(mlflow.template.environment for mlflow in _mlflow(cloud))


def test_the_job_that_reaches_mlflow_is_given_nothing_but_its_code(cloud: Cloud) -> None:
    """It is the only one that is not isolated from the network: no data as input, and a role of its own."""
    for machine in _tracking_machines(cloud).values():
        definition = machine.get("DefinitionString")
        job = json.loads(text_of(definition, lambda _: "filled-in"))["States"]["Track"]["Parameters"]
        assert job["NetworkConfig"]["EnableNetworkIsolation"] is False, machine
        assert job["NetworkConfig"]["EnableInterContainerTrafficEncryption"] is True, machine
        assert len(job["NetworkConfig"]["VpcConfig"]["Subnets"]) >= 2, machine
        assert [given["InputName"] for given in job["ProcessingInputs"]] == ["code"], machine
        assert job["ProcessingOutputConfig"]["Outputs"] == [], machine
        used = cloud.referenced(machine.template, definition)
        (role,) = (found.logical_id for found in used if found.type == "AWS::IAM::Role")
        assert role.startswith("MlflowTrackingJobRole"), machine
