"""Domains, user profiles and spaces: what SageMaker does with them, and what it refuses."""

import pytest

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL
from tests.tools.local_aws.sagemaker.studio.helpers import Studio, gone, refusal, settled, trust


def test_a_domain_is_described_as_it_was_asked_for(studio: Studio, domain: str) -> None:
    described = studio.sagemaker.describe_domain(DomainId=domain)
    assert (described["Status"], described["AppNetworkAccessType"]) == ("InService", "VpcOnly")
    assert (described["KmsKeyId"], described["VpcId"]) == (studio.key_arn, studio.vpc_id)
    assert described["Url"].startswith(f"https://{domain}.studio.us-east-1.")
    listed = studio.sagemaker.list_domains()["Domains"]
    assert domain in [item["DomainId"] for item in listed]


def test_a_new_domain_is_pending_for_a_moment(studio: Studio) -> None:
    domain_id = studio.sagemaker.create_domain(**studio.request())["DomainId"]
    assert studio.sagemaker.describe_domain(DomainId=domain_id)["Status"] == "Pending"
    with refusal("ValidationException", "is Pending; it must be InService"):
        studio.sagemaker.create_user_profile(DomainId=domain_id, UserProfileName="ada")


def test_the_homes_of_a_domain_are_encrypted_with_its_key_and_reachable_in_its_subnets(
    studio: Studio, domain: str
) -> None:
    system = studio.sagemaker.describe_domain(DomainId=domain)["HomeEfsFileSystemId"]
    efs = studio.place.aws.client("efs")
    (found,) = efs.describe_file_systems(FileSystemId=system)["FileSystems"]
    assert (found["Encrypted"], found["KmsKeyId"]) == (True, studio.key_arn)
    (target,) = efs.describe_mount_targets(FileSystemId=system)["MountTargets"]
    assert target["SubnetId"] == studio.subnet_id


@pytest.mark.parametrize("member", ["VpcId", "SubnetIds"])
def test_a_domain_without_internet_needs_its_network(studio: Studio, member: str) -> None:
    request = studio.request()
    del request[member]
    with refusal("ValidationException", f"VpcOnly needs {member}"):
        studio.sagemaker.create_domain(**request)


def test_a_domain_without_internet_needs_security_groups(studio: Studio) -> None:
    settings = {"ExecutionRole": studio.role_arn}
    with refusal("ValidationException", "needs DefaultUserSettings.SecurityGroups"):
        studio.sagemaker.create_domain(**studio.request(DefaultUserSettings=settings))


def test_a_subnet_that_does_not_exist_is_named(studio: Studio) -> None:
    with refusal("ValidationException", "subnet-0badc0de"):
        studio.sagemaker.create_domain(**studio.request(SubnetIds=["subnet-0badc0de"]))


def test_a_key_that_does_not_exist_is_named(studio: Studio) -> None:
    key = studio.key_arn[:-4] + "0000"
    with refusal("ValidationException", key):
        studio.sagemaker.create_domain(**studio.request(KmsKeyId=key))


def test_a_name_is_taken_once(studio: Studio, domain: str) -> None:
    name = studio.sagemaker.describe_domain(DomainId=domain)["DomainName"]
    with refusal("ResourceInUse", "already exists"):
        studio.sagemaker.create_domain(**studio.request(DomainName=name))
    with refusal("ResourceInUse", "already exists"):
        studio.sagemaker.create_user_profile(DomainId=domain, UserProfileName="ada")


def test_a_role_that_sagemaker_may_not_assume_is_refused(studio: Studio, domain: str) -> None:
    document = trust()
    document["Statement"][0]["Principal"] = {"Service": "lambda.amazonaws.com"}
    role = studio.place.role(unique("lambda"), ALLOW_ALL, document)
    with refusal("ValidationException", f"Could not assume role {role}"):
        studio.sagemaker.create_domain(**studio.request(DefaultUserSettings={"ExecutionRole": role}))
    with refusal("ValidationException", f"Could not assume role {role}"):
        studio.sagemaker.create_user_profile(
            DomainId=domain, UserProfileName="eve", UserSettings={"ExecutionRole": role}
        )


def test_users_of_identity_center_are_named_and_users_of_iam_are_not(studio: Studio, domain: str) -> None:
    named = {"SingleSignOnUserIdentifier": "UserName", "SingleSignOnUserValue": "ada@example.com"}
    with refusal("ValidationException", "cannot be specified in a domain with the AuthMode IAM"):
        studio.sagemaker.create_user_profile(DomainId=domain, UserProfileName="grace", **named)
    center = studio.domain(AuthMode="SSO")
    with refusal("ValidationException", "required in a domain with the AuthMode SSO"):
        studio.sagemaker.create_user_profile(DomainId=center, UserProfileName="grace")
    studio.profile(center, "grace", **named)
    with refusal("ValidationException", "not supported for a domain with the AuthMode SSO"):
        studio.sagemaker.create_presigned_domain_url(DomainId=center, UserProfileName="grace")


def test_only_existing_users_enter(studio: Studio, domain: str) -> None:
    url = studio.sagemaker.create_presigned_domain_url(DomainId=domain, UserProfileName="ada")
    assert url["AuthorizedUrl"].startswith(f"https://{domain}.studio.us-east-1.sagemaker.aws/auth?token=")
    with refusal("ResourceNotFound", "nobody"):
        studio.sagemaker.create_presigned_domain_url(DomainId=domain, UserProfileName="nobody")


def test_a_domain_goes_after_its_people_and_their_spaces(studio: Studio) -> None:
    domain_id = studio.domain()
    user = {"DomainId": domain_id, "UserProfileName": studio.profile(domain_id)}
    space = {"DomainId": domain_id, "SpaceName": studio.space(domain_id)}
    sagemaker = studio.sagemaker
    with refusal("ResourceInUse", r"Space\(s\) are associated"):
        sagemaker.delete_domain(DomainId=domain_id)
    with refusal("ResourceInUse", r"Space\(s\) are associated"):
        sagemaker.delete_user_profile(**user)
    sagemaker.delete_space(**space)
    assert gone(lambda: sagemaker.describe_space(**space))
    with refusal("ResourceInUse", r"UserProfile\(s\) are associated"):
        sagemaker.delete_domain(DomainId=domain_id)
    sagemaker.delete_user_profile(**user)
    assert gone(lambda: sagemaker.describe_user_profile(**user))
    sagemaker.delete_domain(DomainId=domain_id)
    assert gone(lambda: sagemaker.describe_domain(DomainId=domain_id))


@pytest.mark.parametrize(("policy", "left"), [("Retain", 1), ("Delete", 0)])
def test_the_homes_stay_unless_their_deletion_is_asked_for(studio: Studio, policy: str, left: int) -> None:
    domain_id = studio.domain()
    system = studio.sagemaker.describe_domain(DomainId=domain_id)["HomeEfsFileSystemId"]
    studio.sagemaker.delete_domain(DomainId=domain_id, RetentionPolicy={"HomeEfsFileSystem": policy})
    assert gone(lambda: studio.sagemaker.describe_domain(DomainId=domain_id))
    pages = studio.place.aws.client("efs").get_paginator("describe_file_systems").paginate()
    systems = pages.build_full_result()["FileSystems"]
    assert [item["FileSystemId"] for item in systems].count(system) == left


def test_settings_are_merged_when_they_are_updated(studio: Studio) -> None:
    domain_id = studio.domain()
    update = {"DomainId": domain_id, "DefaultUserSettings": {"StudioWebPortal": "ENABLED"}}
    studio.sagemaker.update_domain(**update, DomainSettingsForUpdate={"SecurityGroupIds": ["sg-1"]})
    described = settled(lambda: studio.sagemaker.describe_domain(DomainId=domain_id))
    assert described["DefaultUserSettings"] == studio.settings(StudioWebPortal="ENABLED")
    assert described["DomainSettings"] == {
        "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME",
        "SecurityGroupIds": ["sg-1"],
    }
    with refusal("ValidationException", "VpcId can only be added"):
        studio.sagemaker.update_domain(DomainId=domain_id, VpcId="vpc-1")


def test_limits_of_time_and_disk_have_to_fit_together(studio: Studio, domain: str) -> None:
    idle = {"IdleTimeoutInMinutes": 120, "MaxIdleTimeoutInMinutes": 60}
    app = {"AppLifecycleManagement": {"IdleSettings": idle}}
    with refusal("ValidationException", "IdleTimeoutInMinutes 120 is not between"):
        studio.sagemaker.create_domain(
            **studio.request(DefaultUserSettings=studio.settings(JupyterLabAppSettings=app))
        )
    disks = {"DefaultEbsVolumeSizeInGb": 50, "MaximumEbsVolumeSizeInGb": 5}
    storage = {"DefaultEbsStorageSettings": disks}
    with refusal("ValidationException", "DefaultEbsVolumeSizeInGb 50 is larger"):
        studio.sagemaker.update_user_profile(
            DomainId=domain, UserProfileName="ada", UserSettings={"SpaceStorageSettings": storage}
        )


def test_a_space_keeps_to_the_limits_of_its_owner(studio: Studio) -> None:
    disks = {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 50}
    idle = {"IdleTimeoutInMinutes": 60, "MaxIdleTimeoutInMinutes": 60}
    settings = studio.settings(
        SpaceStorageSettings={"DefaultEbsStorageSettings": disks},
        JupyterLabAppSettings={"AppLifecycleManagement": {"IdleSettings": idle}},
    )
    domain_id = studio.domain(DefaultUserSettings=settings)
    studio.profile(domain_id)
    with refusal("ValidationException", "EbsVolumeSizeInGb 51 exceeds MaximumEbsVolumeSizeInGb 50"):
        studio.space(domain_id, SpaceStorageSettings={"EbsStorageSettings": {"EbsVolumeSizeInGb": 51}})
    longer = {"AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": 61}}}
    with refusal("ValidationException", "IdleTimeoutInMinutes 61 is not between"):
        studio.space(domain_id, JupyterLabAppSettings=longer)
    name = studio.space(domain_id, SpaceStorageSettings={"EbsStorageSettings": {"EbsVolumeSizeInGb": 50}})
    (listed,) = studio.sagemaker.list_spaces(DomainIdEquals=domain_id)["Spaces"]
    assert (listed["SpaceName"], listed["SpaceSettingsSummary"]["AppType"]) == (name, "JupyterLab")
    assert listed["OwnershipSettingsSummary"] == {"OwnerUserProfileName": "ada"}


def test_a_space_needs_an_owner_that_exists_or_a_domain_that_shares(studio: Studio, domain: str) -> None:
    with refusal("ValidationException", r"UserProfile \[nobody\] does not exist"):
        studio.space(domain, "nobody")
    with refusal("ValidationException", "needs DefaultSpaceSettings"):
        studio.sagemaker.create_space(DomainId=domain, SpaceName="shared")
    with refusal("ValidationException", "only valid together"):
        studio.sagemaker.create_space(
            DomainId=domain, SpaceName="half", OwnershipSettings={"OwnerUserProfileName": "ada"}
        )


def test_people_are_listed_and_tagged(studio: Studio, domain: str) -> None:
    (user,) = studio.sagemaker.list_user_profiles(DomainIdEquals=domain)["UserProfiles"]
    arn = f"arn:aws:sagemaker:us-east-1:111111111111:user-profile/{domain}/{user['UserProfileName']}"
    studio.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
    assert studio.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
