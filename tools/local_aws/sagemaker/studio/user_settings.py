"""What SageMaker refuses in the settings of domains, user profiles and spaces.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserSettings.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.local_aws.sagemaker.errors import ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.store import Members, name_of
from tools.local_aws.sagemaker.studio.store import StudioStore

APP_SETTINGS = {
    "JupyterServer": "JupyterServerAppSettings",
    "KernelGateway": "KernelGatewayAppSettings",
    "JupyterLab": "JupyterLabAppSettings",
    "CodeEditor": "CodeEditorAppSettings",
}
"""The member that holds the settings of each type of app."""


@dataclass(frozen=True)
class UserSettings:
    """Checks settings against what exists and against each other."""

    store: StudioStore

    def check(self, settings: Members) -> None:
        """Raises `ValidationError` for settings that AWS refuses."""
        if role := settings.get("ExecutionRole"):
            self.store.account.assume(role)
        for app_type, member in APP_SETTINGS.items():
            app = settings.get(member, {})
            self._check_lifecycle_configs(app_type, member, app)
            _check_idle_times(member, app.get("AppLifecycleManagement", {}).get("IdleSettings", {}))
        _check_storage(settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings", {}))

    def _check_lifecycle_configs(self, app_type: str, member: str, app: Members) -> None:
        attached = app.get("LifecycleConfigArns", [])
        default = app.get("DefaultResourceSpec", {}).get("LifecycleConfigArn")
        if attached and "DefaultResourceSpec" not in app:
            raise ValidationError(f"{member}: LifecycleConfigArns needs a DefaultResourceSpec as well.")
        if default and default not in attached:
            raise ValidationError(
                f"{member}: the default lifecycle configuration {default} is not among LifecycleConfigArns."
            )
        for arn in attached:
            self._check_lifecycle_config(app_type, arn)

    def _check_lifecycle_config(self, app_type: str, arn: str) -> None:
        try:
            config = self.store.lifecycle_configs.get(name_of(arn))
        except ResourceNotFoundError as error:
            raise ValidationError(f"Lifecycle configuration {arn} does not exist.") from error
        if config["StudioLifecycleConfigAppType"] != app_type:
            raise ValidationError(
                f"Lifecycle configuration {arn} is for {config['StudioLifecycleConfigAppType']}, "
                f"not for {app_type}."
            )

    def uses_of(self, lifecycle_config_arn: str) -> list[Members]:
        """The domains and user profiles whose settings name a lifecycle configuration."""
        holders = [(domain, domain["DefaultUserSettings"]) for domain in self.store.domains.values()]
        holders += [(profile, profile.get("UserSettings", {})) for profile in self.store.profiles.values()]
        return [holder for holder, settings in holders if lifecycle_config_arn in _attached(settings)]


def _attached(settings: Members) -> Iterator[str]:
    for member in APP_SETTINGS.values():
        yield from settings.get(member, {}).get("LifecycleConfigArns", [])


def _check_idle_times(member: str, idle: Members) -> None:
    least = idle.get("MinIdleTimeoutInMinutes", 0)
    time = idle.get("IdleTimeoutInMinutes")
    most = idle.get("MaxIdleTimeoutInMinutes", time)
    if time is not None and not least <= time <= most:
        raise ValidationError(
            f"{member}: IdleTimeoutInMinutes {time} is not between MinIdleTimeoutInMinutes {least} and "
            f"MaxIdleTimeoutInMinutes {most}."
        )


def _check_storage(storage: Members) -> None:
    if storage and storage["DefaultEbsVolumeSizeInGb"] > storage["MaximumEbsVolumeSizeInGb"]:
        raise ValidationError(
            f"DefaultEbsVolumeSizeInGb {storage['DefaultEbsVolumeSizeInGb']} is larger than "
            f"MaximumEbsVolumeSizeInGb {storage['MaximumEbsVolumeSizeInGb']}."
        )


def check_space(space_settings: Members, owner_settings: Members) -> None:
    """Raises `ValidationError` for a space that goes beyond the limits of its owner."""
    asked: Any = (
        space_settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
    )
    storage = owner_settings.get("SpaceStorageSettings", {}).get("DefaultEbsStorageSettings", {})
    most = storage.get("MaximumEbsVolumeSizeInGb")
    if asked and most and asked > most:
        raise ValidationError(f"EbsVolumeSizeInGb {asked} exceeds MaximumEbsVolumeSizeInGb {most}.")
    for member in ("JupyterLabAppSettings", "CodeEditorAppSettings"):
        limits = owner_settings.get(member, {}).get("AppLifecycleManagement", {}).get("IdleSettings", {})
        own = space_settings.get(member, {}).get("AppLifecycleManagement", {}).get("IdleSettings", {})
        _check_idle_times(member, limits | own)
