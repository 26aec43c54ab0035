"""A domain to test with: a network, a key, roles of people, and short ways to ask about apps."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.clients import Credentials

LIMIT_SECONDS = 20


def trust(*actions: str) -> dict[str, Any]:
    """Who may be in Studio: SageMaker assumes the role, in somebody's name, and so may this account."""
    principals = {"Service": "sagemaker.amazonaws.com", "AWS": "arn:aws:iam::111111111111:root"}
    statement = {"Effect": "Allow", "Principal": principals, "Action": ["sts:AssumeRole", *actions]}
    return {"Version": "2012-10-17", "Statement": [statement]}


TRUST = trust("sts:SetSourceIdentity", "sts:TagSession")


def settled(describe: Callable[[], Any], status: str = "InService", member: str = "Status") -> Any:
    """What `describe` answers once the status is as wanted."""

    def reached() -> Any:
        answer = describe()
        assert answer[member] != "Failed", answer
        return answer if answer[member] == status else None

    return eventually(reached, LIMIT_SECONDS)


def gone(describe: Callable[[], Any]) -> bool:
    """Whether `describe` finds nothing any more within a while."""

    def found_nothing() -> bool | None:
        try:
            describe()
        except ClientError:
            return True
        return None

    return eventually(found_nothing, LIMIT_SECONDS)


def refusal(code: str, text: str) -> Any:
    return pytest.raises(ClientError, match=rf"\({code}\).*{text}")


@dataclass(frozen=True)
class Studio:
    """A domain, and what its requests are made of."""

    place: Place
    vpc_id: str
    subnet_id: str
    key_arn: str
    role_arn: str

    @property
    def sagemaker(self) -> Any:
        return self.place.sagemaker

    def request(self, **changes: Any) -> dict[str, Any]:
        """A domain that is as closed as they get."""
        request = {
            "DomainName": unique("domain"),
            "AuthMode": "IAM",
            "AppNetworkAccessType": "VpcOnly",
            "VpcId": self.vpc_id,
            "SubnetIds": [self.subnet_id],
            "KmsKeyId": self.key_arn,
            "DefaultUserSettings": self.settings(),
            "DomainSettings": {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
        }
        return request | changes

    def settings(self, **changes: Any) -> dict[str, Any]:
        return {"ExecutionRole": self.role_arn, "SecurityGroups": ["sg-00000001"], **changes}

    def domain(self, **changes: Any) -> str:
        """The id of a new domain in service."""
        domain_id = self.sagemaker.create_domain(**self.request(**changes))["DomainId"]
        settled(lambda: self.sagemaker.describe_domain(DomainId=domain_id))
        return str(domain_id)

    def profile(self, domain_id: str, name: str = "ada", **more: Any) -> str:
        request = {"DomainId": domain_id, "UserProfileName": name}
        self.sagemaker.create_user_profile(**request, **more)
        settled(lambda: self.sagemaker.describe_user_profile(**request))
        return name

    def space(self, domain_id: str, owner: str = "ada", **settings: Any) -> str:
        """A private space for JupyterLab."""
        request = {"DomainId": domain_id, "SpaceName": unique("space")}
        self.sagemaker.create_space(
            **request,
            OwnershipSettings={"OwnerUserProfileName": owner},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab", **settings},
        )
        settled(lambda: self.sagemaker.describe_space(**request))
        return request["SpaceName"]

    def script(self, text: str, app_type: str = "JupyterLab") -> str:
        """The ARN of a lifecycle configuration."""
        arn = self.sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName=unique("start"),
            StudioLifecycleConfigContent=base64.b64encode(text.encode()).decode(),
            StudioLifecycleConfigAppType=app_type,
        )["StudioLifecycleConfigArn"]
        return str(arn)

    def with_script(self, arn: str) -> dict[str, Any]:
        """Settings under which JupyterLab starts with a lifecycle configuration."""
        specification = {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": arn}
        app = {"DefaultResourceSpec": specification, "LifecycleConfigArns": [arn]}
        return self.settings(JupyterLabAppSettings=app)

    def app(self, domain_id: str, space: str, **more: Any) -> dict[str, str]:
        """Asks for an app, and answers what identifies it."""
        identity = {
            "DomainId": domain_id,
            "SpaceName": space,
            "AppType": "JupyterLab",
            "AppName": "default",
        }
        self.sagemaker.create_app(**identity, **more)
        return identity

    def started(self, identity: dict[str, str], status: str = "InService") -> Any:
        """The app once it is in service, or failed when that is expected."""

        def ended() -> Any:
            app = self.sagemaker.describe_app(**identity)
            return None if app["Status"] == "Pending" else app

        app = eventually(ended, LIMIT_SECONDS)
        assert app["Status"] == status, app
        return app

    def end(self, identity: dict[str, str]) -> None:
        self.sagemaker.delete_app(**identity)
        settled(lambda: self.sagemaker.describe_app(**identity), "Deleted")

    def person(self, name: str, policy: dict[str, Any]) -> Any:
        """A SageMaker client of somebody who has one policy."""
        role = self.place.role(unique("person"), policy, TRUST)
        answer = self.place.aws.client("sts").assume_role(
            RoleArn=role, RoleSessionName=name, SourceIdentity=name
        )
        return self.place.aws.client("sagemaker", Credentials.from_sts(answer["Credentials"]))


def open_studio(place: Place) -> Studio:
    """Network, key and role for a domain."""
    ec2 = place.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24")["Subnet"]["SubnetId"]
    key = place.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    return Studio(place, vpc, subnet, key, place.role(unique("studio"), ALLOW_ALL, TRUST))
