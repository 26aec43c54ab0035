"""Lifecycle configurations of Studio: scripts that run when an app starts."""

import base64
import binascii
from dataclasses import dataclass

from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, now
from tools.local_aws.sagemaker.studio.store import StudioStore
from tools.local_aws.sagemaker.studio.user_settings import UserSettings

_SUMMARY = (
    *("StudioLifecycleConfigArn", "StudioLifecycleConfigName", "CreationTime"),
    *("LastModifiedTime", "StudioLifecycleConfigAppType"),
)


@dataclass
class LifecycleConfigs:
    """Create, Describe, List and Delete of lifecycle configurations; they are never changed."""

    store: StudioStore
    settings: UserSettings

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateStudioLifecycleConfig": self._create,
            "DescribeStudioLifecycleConfig": self._get,
            "ListStudioLifecycleConfigs": self._list,
            "DeleteStudioLifecycleConfig": self._delete,
        }

    def _get(self, request: Members) -> Members:
        return self.store.lifecycle_configs.get(request["StudioLifecycleConfigName"])

    def _create(self, request: Members) -> Members:
        try:
            base64.b64decode(request["StudioLifecycleConfigContent"], validate=True)
        except binascii.Error as error:
            raise ValidationError("StudioLifecycleConfigContent must be encoded in base64.") from error
        name, created = request["StudioLifecycleConfigName"], now()
        arn = self.store.account.arn("studio-lifecycle-config", name.lower())
        times = {"CreationTime": created, "LastModifiedTime": created}
        self.store.lifecycle_configs.add(name, request | times | {"StudioLifecycleConfigArn": arn})
        self.store.account.tags.register(arn, request.get("Tags"))
        return {"StudioLifecycleConfigArn": arn}

    def _list(self, request: Members) -> Members:
        found = [
            {member: config[member] for member in _SUMMARY}
            for config in self.store.lifecycle_configs.values()
            if request.get("AppTypeEquals") in (None, config["StudioLifecycleConfigAppType"])
        ]
        return page(found, request, "StudioLifecycleConfigs", "StudioLifecycleConfigName")

    def _delete(self, request: Members) -> None:
        config = self._get(request)
        arn = config["StudioLifecycleConfigArn"]
        used = [app for app in self.store.apps.values() if _runs(app, arn)]
        if used or self.settings.uses_of(arn):
            raise ResourceInUseError(
                f"Unable to delete StudioLifecycleConfig [{config['StudioLifecycleConfigName']}] because a "
                "Domain, UserProfile or App uses it."
            )
        self.store.lifecycle_configs.remove(config["StudioLifecycleConfigName"])
        self.store.account.tags.forget(arn)


def _runs(app: Members, arn: str) -> bool:
    return bool(app["Status"] != "Deleted" and app["ResourceSpec"].get("LifecycleConfigArn") == arn)
