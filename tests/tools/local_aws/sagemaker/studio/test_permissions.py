"""IAM in Studio: everybody in their own profile and spaces, on what instances and network is allowed."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL
from tests.tools.local_aws.sagemaker.studio.helpers import TRUST, Studio, trust
from tools.local_aws.clients import Credentials

SAGEMAKER = "arn:aws:sagemaker:us-east-1:111111111111"
OWN = f"{SAGEMAKER}:user-profile/*/${{aws:SourceIdentity}}"
PRIVATE = {
    "ArnLike": {"sagemaker:OwnerUserProfileArn": OWN},
    "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **item} for item in statements]}


IN_STUDIO = policy(
    {"Action": "sagemaker:CreatePresignedDomainUrl", "Resource": OWN},
    {
        "Action": [f"sagemaker:{verb}Space" for verb in ("Create", "Update", "Delete")],
        "Resource": f"{SAGEMAKER}:space/*",
        "Condition": PRIVATE,
    },
    {
        "Action": ["sagemaker:CreateApp", "sagemaker:DeleteApp"],
        "Resource": f"{SAGEMAKER}:app/*",
        "Condition": PRIVATE,
    },
)


@pytest.fixture(scope="module")
def domain(studio: Studio) -> str:
    domain_id = studio.domain()
    for name in ("ada", "grace"):
        studio.profile(domain_id, name)
    return domain_id


def denied(action: str) -> Any:
    return pytest.raises(ClientError, match=f"not authorized to perform: {action}")


def space_request(domain_id: str, owner: str) -> dict[str, Any]:
    return {
        "DomainId": domain_id,
        "SpaceName": unique("space"),
        "OwnershipSettings": {"OwnerUserProfileName": owner},
        "SpaceSharingSettings": {"SharingType": "Private"},
    }


def test_people_enter_as_themselves_only(studio: Studio, domain: str) -> None:
    ada = studio.person("ada", IN_STUDIO)
    assert ada.create_presigned_domain_url(DomainId=domain, UserProfileName="ada")["AuthorizedUrl"]
    with denied("sagemaker:CreatePresignedDomainUrl"):
        ada.create_presigned_domain_url(DomainId=domain, UserProfileName="grace")


def test_people_have_spaces_and_apps_of_their_own_only(studio: Studio, domain: str) -> None:
    ada = studio.person("ada", IN_STUDIO)
    ada.create_space(**space_request(domain, "ada"))
    with denied("sagemaker:CreateSpace"):
        ada.create_space(**space_request(domain, "grace"))
    mine, hers = studio.space(domain, "ada"), studio.space(domain, "grace")
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    ada.create_app(**app, SpaceName=mine)
    with denied("sagemaker:CreateApp"):
        ada.create_app(**app, SpaceName=hers)
    studio.started({**app, "SpaceName": mine})
    ada.delete_app(**app, SpaceName=mine)
    ada.update_space(DomainId=domain, SpaceName=mine, SpaceDisplayName="Mine")
    for change in (ada.update_space, ada.delete_space):
        with denied("sagemaker:(Update|Delete)Space"):
            change(DomainId=domain, SpaceName=hers)


def test_a_space_that_does_not_exist_has_no_owner(studio: Studio, domain: str) -> None:
    with denied("sagemaker:DeleteSpace"):
        studio.person("ada", IN_STUDIO).delete_space(DomainId=domain, SpaceName="nowhere")


def test_apps_run_on_allowed_instances_only(studio: Studio, domain: str) -> None:
    allowed = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.t3.medium"]}}
    person = studio.person("ada", policy({"Action": "sagemaker:*", "Resource": "*", "Condition": allowed}))
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    space = studio.space(domain)
    with denied("sagemaker:CreateApp"):
        person.create_app(**app, SpaceName=space, ResourceSpec={"InstanceType": "ml.p4d.24xlarge"})
    person.create_app(**app, SpaceName=space, ResourceSpec={"InstanceType": "ml.t3.medium"})
    specification = {"DefaultResourceSpec": {"InstanceType": "ml.m5.large"}}
    with denied("sagemaker:UpdateUserProfile"):
        person.update_user_profile(
            DomainId=domain, UserProfileName="ada", UserSettings={"CodeEditorAppSettings": specification}
        )


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("AppNetworkAccessType", {"AppNetworkAccessType": "PublicInternetOnly"}),
        ("VolumeKmsKey", {"KmsKeyId": "another"}),
        ("VpcSubnets", {"SubnetIds": ["subnet-0badc0de"]}),
        ("VpcSecurityGroupIds", {"SecurityGroups": ["sg-0badc0de"]}),
    ],
)
def test_a_domain_is_bound_to_network_and_key(studio: Studio, key: str, change: dict[str, Any]) -> None:
    condition = {
        "StringEquals": {
            "sagemaker:AppNetworkAccessType": "VpcOnly",
            "sagemaker:VolumeKmsKey": studio.key_arn,
        },
        "ForAllValues:StringEquals": {
            "sagemaker:VpcSubnets": [studio.subnet_id],
            "sagemaker:VpcSecurityGroupIds": ["sg-00000001"],
        },
    }
    person = studio.person(
        "ada",
        policy(
            {"Action": "sagemaker:CreateDomain", "Resource": f"{SAGEMAKER}:domain/*", "Condition": condition},
            {"Action": "iam:PassRole", "Resource": studio.role_arn},
        ),
    )
    if "SecurityGroups" in change:
        change = {"DefaultUserSettings": studio.settings(**change)}
    with denied("sagemaker:CreateDomain"):
        person.create_domain(**studio.request(**change))
    assert person.create_domain(**studio.request())["DomainId"], key


def test_who_creates_a_profile_passes_its_role(studio: Studio, domain: str) -> None:
    create = {"Action": "sagemaker:CreateUserProfile", "Resource": f"{SAGEMAKER}:user-profile/{domain}/*"}
    person = studio.person("ada", policy(create))
    with denied("iam:PassRole"):
        person.create_user_profile(
            DomainId=domain, UserProfileName="eve", UserSettings={"ExecutionRole": studio.role_arn}
        )
    person.create_user_profile(DomainId=domain, UserProfileName="eve")


def test_a_name_in_a_session_is_allowed_by_the_role_and_is_kept(studio: Studio) -> None:
    sts = studio.place.aws.client("sts")
    role = studio.place.role(unique("role"), ALLOW_ALL, TRUST)
    first = sts.assume_role(RoleArn=role, RoleSessionName="one", SourceIdentity="ada")
    assert first["SourceIdentity"] == "ada"
    ada = studio.place.aws.client("sts", Credentials.from_sts(first["Credentials"]))
    assert ada.assume_role(RoleArn=role, RoleSessionName="two")["SourceIdentity"] == "ada"
    with pytest.raises(ClientError, match="cannot be changed"):
        ada.assume_role(RoleArn=role, RoleSessionName="two", SourceIdentity="grace")
    nameless = studio.place.role(unique("role"), ALLOW_ALL, trust())
    with denied("sts:SetSourceIdentity"):
        ada.assume_role(RoleArn=nameless, RoleSessionName="two")


def test_tags_of_a_session_are_allowed_by_the_role_and_count(studio: Studio) -> None:
    sts = studio.place.aws.client("sts")
    condition = {"StringEquals": {"aws:PrincipalTag/use-case": "churn"}}
    tagged = policy({"Action": "sagemaker:ListDomains", "Resource": "*", "Condition": condition})
    role = studio.place.role(unique("role"), tagged, TRUST)
    other = studio.place.role(unique("role"), ALLOW_ALL, trust())
    for tag, allowed in (("churn", True), ("house-prices", False)):
        session = sts.assume_role(
            RoleArn=role, RoleSessionName="one", Tags=[{"Key": "use-case", "Value": tag}]
        )
        person = Credentials.from_sts(session["Credentials"])
        if allowed:
            studio.place.aws.client("sagemaker", person).list_domains()
        else:
            with denied("sagemaker:ListDomains"):
                studio.place.aws.client("sagemaker", person).list_domains()
    anyone = studio.place.role(unique("role"), ALLOW_ALL, TRUST)
    session = sts.assume_role(RoleArn=anyone, RoleSessionName="one")
    person = Credentials.from_sts(session["Credentials"])
    with denied("sts:TagSession"):
        studio.place.aws.client("sts", person).assume_role(
            RoleArn=other, RoleSessionName="two", Tags=[{"Key": "use-case", "Value": "churn"}]
        )
