"""Studio is closed to the internet, bounded in cost, and outlives its stack with people's work."""

from typing import Any

import pytest

from config.settings import Settings
from tests.stacks.cloud import Cloud, Resource
from tests.stacks.readable import readable

APPS = ("JupyterLabAppSettings", "CodeEditorAppSettings")


def of_environment(cloud: Cloud, name: str) -> Cloud:
    return Cloud([template for template in cloud.templates if template.environment == name])


@pytest.fixture(scope="module")
def studio(cloud: Cloud) -> Cloud:
    """The development environment as it is committed."""
    return of_environment(cloud, "dev")


@pytest.fixture(scope="module")
def options(cloud: Cloud) -> Cloud:
    """A production environment with every option of Studio, and a tag of its own."""
    return of_environment(cloud, "studio")


@pytest.fixture(params=["studio", "options"])
def each(request: pytest.FixtureRequest) -> Cloud:
    cloud: Cloud = request.getfixturevalue(request.param)
    return cloud


def the_domain(cloud: Cloud) -> Resource:
    return cloud.of_type("AWS::SageMaker::Domain")[0]


def user_setting(cloud: Cloud, *path: str) -> Any:
    return the_domain(cloud).get("DefaultUserSettings", *path)


def test_studio_is_there_only_where_it_is_configured(shipped: Cloud, settings: Settings) -> None:
    configured = {environment.name for environment in settings.environments if environment.studio}
    assert {domain.template.environment for domain in shipped.of_type("AWS::SageMaker::Domain")} == configured


def test_apps_have_no_way_to_the_internet(each: Cloud) -> None:
    domain = the_domain(each)
    assert domain.get("AppNetworkAccessType") == "VpcOnly"
    subnets = each.referenced(domain.template, domain.get("SubnetIds"))
    groups = each.referenced(domain.template, user_setting(each, "SecurityGroups"))
    assert {subnet.type for subnet in subnets} == {"AWS::EC2::Subnet"}
    assert len(subnets) == 2
    assert [group.type for group in groups] == ["AWS::EC2::SecurityGroup"]
    assert each.the_one(domain, "VpcId").type == "AWS::EC2::VPC"


def test_disks_and_homes_are_encrypted_with_the_key_of_the_environment(each: Cloud) -> None:
    key = each.the_one(the_domain(each), "KmsKeyId")
    assert (key.type, key.template.short_name) == ("AWS::KMS::Key", "foundation")


def test_the_work_of_people_outlives_the_stack(each: Cloud) -> None:
    for kept in each.of_type("AWS::SageMaker::Domain", "AWS::SageMaker::MlflowTrackingServer"):
        policies = (kept.body["DeletionPolicy"], kept.body["UpdateReplacePolicy"])
        assert policies == ("Retain", "Retain"), kept
    server = each.of_type("AWS::SageMaker::MlflowTrackingServer")[0]
    assert each.the_one(server, "RoleArn").body["DeletionPolicy"] == "Retain"


def test_a_retained_domain_does_not_keep_its_stack_from_being_deleted(each: Cloud) -> None:
    for config in each.of_type("AWS::SageMaker::StudioLifecycleConfig"):
        assert config.body["DeletionPolicy"] == "Retain", config
        assert config.body["UpdateReplacePolicy"] == "Delete", config


def test_the_stack_refuses_to_be_deleted_in_production(each: Cloud) -> None:
    template = the_domain(each).template
    assert template.termination_protection is (template.environment != "dev")


def test_idle_apps_are_shut_down_and_nobody_can_put_it_off(studio: Cloud, options: Cloud) -> None:
    for cloud, minutes in ((studio, 60), (options, 120)):
        for app in APPS:
            idle = user_setting(cloud, app, "AppLifecycleManagement", "IdleSettings")
            assert idle == {
                "LifecycleManagement": "ENABLED",
                "IdleTimeoutInMinutes": minutes,
                "MinIdleTimeoutInMinutes": 60,
                "MaxIdleTimeoutInMinutes": minutes,
            }


def test_disks_have_a_limit(studio: Cloud, options: Cloud) -> None:
    for cloud, default, most in ((studio, 5, 50), (options, 10, 20)):
        disks = user_setting(cloud, "SpaceStorageSettings", "DefaultEbsStorageSettings")
        assert disks == {"DefaultEbsVolumeSizeInGb": default, "MaximumEbsVolumeSizeInGb": most}


def test_apps_start_on_the_first_allowed_instance_type(studio: Cloud, options: Cloud) -> None:
    for cloud, instance_type in ((studio, "ml.t3.medium"), (options, "ml.m5.large")):
        for app in APPS:
            assert user_setting(cloud, app, "DefaultResourceSpec", "InstanceType") == instance_type


def test_docker_sharing_and_shared_spaces_are_off(each: Cloud) -> None:
    domain = the_domain(each)
    assert domain.get("DomainSettings", "DockerSettings") == {"EnableDockerAccess": "DISABLED"}
    assert user_setting(each, "SharingSettings") == {"NotebookOutputOption": "Disabled"}
    # Whoever uses a shared space acts with one role, whatever their persona.
    assert domain.get("DefaultSpaceSettings") is None


def test_people_land_in_studio_and_see_what_is_set_up(studio: Cloud, options: Cloud) -> None:
    for cloud, offers_canvas in ((studio, False), (options, True)):
        assert user_setting(cloud, "DefaultLandingUri") == "studio::"
        assert user_setting(cloud, "StudioWebPortal") == "ENABLED"
        hidden = user_setting(cloud, "StudioWebPortalSettings", "HiddenAppTypes")
        assert ("Canvas" not in hidden) is offers_canvas
        assert {"JupyterServer", "RStudioServerPro"} <= set(hidden)


def test_everybody_has_a_profile_with_the_role_of_their_persona(studio: Cloud) -> None:
    roles = {
        profile.get("UserProfileName"): studio.the_one(profile, "UserSettings", "ExecutionRole").logical_id
        for profile in studio.of_type("AWS::SageMaker::UserProfile")
    }
    assert {name: role.split("Role")[0] for name, role in roles.items()} == {
        "dana": "DataEngineer",
        "sam": "DataScientist",
        "mo": "MlopsEngineer",
    }


def test_people_sign_in_with_identity_center_where_it_is_configured(studio: Cloud, options: Cloud) -> None:
    assert the_domain(studio).get("AuthMode") == "IAM"
    assert the_domain(options).get("AuthMode") == "SSO"
    (ada,) = options.of_type("AWS::SageMaker::UserProfile")
    assert ada.get("SingleSignOnUserIdentifier") == "UserName"
    assert ada.get("SingleSignOnUserValue") == "ada@example.com"
    for profile in studio.of_type("AWS::SageMaker::UserProfile"):
        assert profile.get("SingleSignOnUserIdentifier") is None, profile


def test_what_an_app_does_is_recorded_under_the_name_of_its_user(each: Cloud) -> None:
    assert the_domain(each).get("DomainSettings", "ExecutionRoleIdentityConfig") == "USER_PROFILE_NAME"
    profiles = each.of_type("AWS::SageMaker::UserProfile")
    roles = [each.the_one(profile, "UserSettings", "ExecutionRole") for profile in profiles]
    for role in [*roles, each.referenced(the_domain(each).template, user_setting(each, "ExecutionRole"))[0]]:
        allowed = [
            statement["Action"]
            for statement in role.get("AssumeRolePolicyDocument", "Statement")
            if statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        ]
        assert allowed == [["sts:AssumeRole", "sts:SetSourceIdentity"]], role


def test_people_without_a_profile_reach_nothing(each: Cloud) -> None:
    (role,) = each.referenced(the_domain(each).template, user_setting(each, "ExecutionRole"))
    (policy,) = (
        policy
        for policy in each.of_type("AWS::IAM::ManagedPolicy")
        if role in each.referenced(policy.template, policy.get("Roles"))
    )
    actions = [statement["Action"] for statement in policy.get("PolicyDocument", "Statement")]
    assert actions == ["kms:DescribeKey", "kms:CreateGrant"]


def test_a_changed_tag_of_the_configuration_replaces_no_domain(options: Cloud) -> None:
    """A tag may replace domain and profiles: https://github.com/aws/aws-cdk/issues/17448."""
    for resource in options.of_type(
        "AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile", "AWS::SageMaker::StudioLifecycleConfig"
    ):
        tags = [tag["Key"] for tag in resource.get("Tags")]
        assert tags == ["environment"], resource


def test_the_script_of_a_space_has_another_name_when_it_changes(each: Cloud, studio: Cloud) -> None:
    names = {}
    for config in each.of_type("AWS::SageMaker::StudioLifecycleConfig"):
        name, content = config.get("StudioLifecycleConfigName"), config.get("StudioLifecycleConfigContent")
        assert len(name) <= 63
        names[name.rsplit("-", 1)[-1]] = content["Fn::Base64"]
        assert len(content["Fn::Base64"]) * 4 / 3 < 16_384
        assert readable(name).endswith("-<hash>")
    assert len(names) == 1


def test_each_app_starts_with_the_script_for_its_type(each: Cloud) -> None:
    template = the_domain(each).template
    for app in APPS:
        default = user_setting(each, app, "DefaultResourceSpec", "LifecycleConfigArn")
        (config,) = each.referenced(template, default)
        assert f"{config.get('StudioLifecycleConfigAppType')}AppSettings" == app
        assert user_setting(each, app, "LifecycleConfigArns") == [default]


def test_everybody_may_read_the_notebook_that_the_script_brings(each: Cloud) -> None:
    template = the_domain(each).template
    config = each.of_type("AWS::SageMaker::StudioLifecycleConfig")[0]
    script = config.get("StudioLifecycleConfigContent")["Fn::Base64"]
    uri = script.split("NOTEBOOK_URI=", 1)[1].split("\n", 1)[0]
    (policy,) = (
        resource
        for resource in template.resources
        if resource.type == "AWS::IAM::ManagedPolicy" and resource.logical_id.startswith("SpacePolicy")
    )
    (statement,) = policy.get("PolicyDocument", "Statement")
    assert statement["Resource"] == uri.replace("s3://", "arn:aws:s3:::")
    roles = each.referenced(template, policy.get("Roles"))
    assert {role.logical_id.split("Role")[0] for role in roles} == {
        "DataEngineer",
        "DataScientist",
        "MlopsEngineer",
    }


def test_canvas_runs_for_its_user_only(options: Cloud, studio: Cloud) -> None:
    (policy,) = (item for item in options.resources if item.logical_id.startswith("CanvasPolicy"))
    (statement,) = policy.get("PolicyDocument", "Statement")
    resource = readable(statement["Resource"])["Fn::Join"][1]
    assert resource[-1] == "/${aws:SourceIdentity}/Canvas/default"
    assert not [item for item in studio.resources if item.logical_id.startswith("CanvasPolicy")]


def test_experiments_are_tracked_in_the_bucket_of_the_environment(options: Cloud) -> None:
    (server,) = options.of_type("AWS::SageMaker::MlflowTrackingServer")
    bucket = options.the_one(server, "ArtifactStoreUri")
    assert (bucket.type, bucket.logical_id[:9]) == ("AWS::S3::Bucket", "Artifacts")
    assert (server.get("TrackingServerSize"), server.get("AutomaticModelRegistration")) == ("Large", False)


def test_what_people_need_to_sign_in_is_an_output(each: Cloud) -> None:
    assert {"DomainId", "DomainUrl"} <= the_domain(each).template.section("Outputs").keys()
