"""What IAM knows of calls to SageMaker Studio: the ARNs they are about, and their condition keys.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from collections.abc import Mapping
from typing import Any

ANY = "*"
_APPS = ("JupyterServer", "KernelGateway", "JupyterLab", "CodeEditor")
_APP_SETTINGS = (
    "[JupyterServerAppSettings, KernelGatewayAppSettings, JupyterLabAppSettings, CodeEditorAppSettings]"
)


def _settings(member: str) -> dict[str, str]:
    return {
        "InstanceTypes": f"{member}.{_APP_SETTINGS}[].DefaultResourceSpec.InstanceType",
        "ImageArns": f"{member}.{_APP_SETTINGS}[].DefaultResourceSpec.SageMakerImageArn",
    }


_USER = {
    **_settings("UserSettings"),
    "VpcSecurityGroupIds": "UserSettings.SecurityGroups",
    "DomainSharingOutputKmsKey": "UserSettings.SharingSettings.S3KmsKeyId",
}
_DOMAIN = {
    **_settings("DefaultUserSettings"),
    "VpcSecurityGroupIds": "DefaultUserSettings.SecurityGroups",
    "DomainSharingOutputKmsKey": "DefaultUserSettings.SharingSettings.S3KmsKeyId",
}
_OWNER = {
    "OwnerUserProfileArn": "OwnerUserProfileArn",
    "SpaceSharingType": "SpaceSharingSettings.SharingType",
}

STUDIO_PATHS: dict[str, dict[str, str]] = {
    "CreateDomain": {
        **_DOMAIN,
        "VpcSubnets": "SubnetIds",
        "VolumeKmsKey": "KmsKeyId",
        "AppNetworkAccessType": "AppNetworkAccessType",
    },
    "UpdateDomain": _DOMAIN,
    "CreateUserProfile": _USER,
    "UpdateUserProfile": _USER,
    "CreateSpace": {**_OWNER, **_settings("SpaceSettings")},
    "UpdateSpace": {**_OWNER, **_settings("SpaceSettings")},
    "DeleteSpace": _OWNER,
    "CreateApp": {
        **_OWNER,
        "InstanceTypes": "ResourceSpec.InstanceType",
        "ImageArns": "ResourceSpec.SageMakerImageArn",
    },
    "DeleteApp": _OWNER,
}
"""Where the values of condition keys come from, by operation (JMESPath on the call's parameters)."""

SINGLE_STUDIO_KEYS = (
    *("AppNetworkAccessType", "DomainSharingOutputKmsKey"),
    *("OwnerUserProfileArn", "SpaceSharingType"),
)
"""Keys with one value; the others have as many as the call names."""

_IDENTIFIERS = {
    "Domain": ("DomainId",),
    "UserProfile": ("DomainId", "UserProfileName"),
    "Space": ("DomainId", "SpaceName"),
    "App": ("DomainId", "UserProfileName|SpaceName", "AppType", "AppName"),
    "MlflowApp": ("MlflowAppId",),
    "MlflowTrackingServer": ("TrackingServerName",),
    "PresignedDomainUrl": ("DomainId", "UserProfileName"),
    "PresignedMlflowTrackingServerUrl": ("TrackingServerName",),
}
_KINDS = {
    "UserProfile": "user-profile",
    "MlflowApp": "mlflow-app",
    "MlflowTrackingServer": "mlflow-tracking-server",
    "PresignedDomainUrl": "user-profile",
    "PresignedMlflowTrackingServerUrl": "mlflow-tracking-server",
}


def studio_resource(noun: str, parameters: Mapping[str, Any]) -> str | None:
    """The resource part of the ARN that a call is about; None when the call is not about Studio.

    What the call does not say is `*`, such as the id of a domain that it creates.
    """
    if noun not in _IDENTIFIERS:
        return None
    names = [_first(parameters, members) for members in _IDENTIFIERS[noun]]
    return "/".join([_KINDS.get(noun, noun.lower()), *names])


def _first(parameters: Mapping[str, Any], members: str) -> str:
    return next((str(parameters[member]) for member in members.split("|") if parameters.get(member)), ANY)
