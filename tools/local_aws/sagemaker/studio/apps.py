"""Apps of Studio: what somebody works in. The script of a lifecycle configuration really runs.

The editor itself does not: it comes in AWS's image, which this machine does not have.
"""

import threading
from dataclasses import dataclass

from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, now
from tools.local_aws.sagemaker.studio.app_start import AppStart, StartFailedError
from tools.local_aws.sagemaker.studio.spaces import Spaces
from tools.local_aws.sagemaker.studio.store import IN_SERVICE, StudioStore, later, touch
from tools.local_aws.sagemaker.studio.user_settings import APP_SETTINGS

_IN_SPACES_ONLY = ("JupyterLab", "CodeEditor")
_OF_USERS_ONLY = ("Canvas", "TensorBoard", "DetailedProfiler", "RStudioServerPro", "RSessionGateway")
_OWNERS = ("UserProfileName", "SpaceName")
_SUMMARY = ("DomainId", *_OWNERS, "AppType", "AppName", "Status", "CreationTime", "ResourceSpec")


@dataclass
class Apps:
    """Create, Describe, List and Delete of apps."""

    store: StudioStore
    spaces: Spaces

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateApp": self._create,
            "DescribeApp": lambda request: self.store.apps.get(_key(request)),
            "ListApps": self._list,
            "DeleteApp": self._delete,
        }

    def _create(self, request: Members) -> Members:
        domain = self.store.usable_domain(request["DomainId"])
        owner = _check_owner(request)
        settings = self._settings(request)
        app_type, key = request["AppType"], _key(request)
        own = settings.get(APP_SETTINGS.get(app_type, ""), {})
        space = self._space(request)
        of_space = (space or {}).get("SpaceSettings", {})
        specification = (
            request.get("ResourceSpec")
            or of_space.get(APP_SETTINGS.get(app_type, ""), {}).get("DefaultResourceSpec")
            or own.get("DefaultResourceSpec", {})
        )
        _check_lifecycle_config(specification, own)
        if space is not None and of_space.get("AppType", app_type) != app_type:
            raise ValidationError(
                f"Space [{space['SpaceName']}] is for the app type {of_space['AppType']}, not {app_type}."
            )
        if key in self.store.apps:
            if self.store.apps.get(key)["Status"] != "Deleted":
                raise ResourceInUseError(f"App [{request['AppName']}] already exists.")
            self.store.apps.remove(key)
        path = f"{request['DomainId']}/{owner}/{app_type}/{request['AppName']}"
        arn = self.store.account.arn("app", path)
        record = request | {"AppArn": arn, "ResourceSpec": specification, "CreationTime": now()}
        touch(record, "Pending")
        self.store.apps.add(key, record)
        self.store.account.tags.register(arn, request.get("Tags"))
        folder = self.spaces.folder(space) if space else None
        person = _person(domain, request, space)
        start = AppStart(self.store, domain.get("KmsKeyId"), settings["ExecutionRole"], person, folder)
        threading.Thread(target=_run, args=(start, record), daemon=True).start()
        return {"AppArn": arn}

    def _space(self, request: Members) -> Members | None:
        if "SpaceName" not in request:
            return None
        space = self.store.space(request["DomainId"], request["SpaceName"])
        if space["Status"] != IN_SERVICE:
            raise ValidationError(f"Space [{space['SpaceName']}] is {space['Status']}, not {IN_SERVICE}.")
        return space

    def _settings(self, request: Members) -> Members:
        if "SpaceName" in request:
            return self.spaces.settings_of(self.store.space(request["DomainId"], request["SpaceName"]))
        profile = self.store.profile(request["DomainId"], request["UserProfileName"])
        return self.store.settings_of(profile)

    def _list(self, request: Members) -> Members:
        filters = {
            "DomainId": request.get("DomainIdEquals"),
            "UserProfileName": request.get("UserProfileNameEquals"),
            "SpaceName": request.get("SpaceNameEquals"),
        }
        found = [
            {member: app[member] for member in _SUMMARY if member in app}
            for app in self.store.apps.values()
            if all(wanted in (None, app.get(member)) for member, wanted in filters.items())
        ]
        return page(found, {"SortOrder": "Ascending"} | request, "Apps", "AppName")

    def _delete(self, request: Members) -> None:
        app = self.store.apps.get(_key(request))
        if app["Status"] in ("Deleted", "Deleting"):
            raise ResourceInUseError(f"App [{app['AppName']}] is {app['Status']}.")
        touch(app, "Deleting")
        later(lambda: self._remove(app))

    def _remove(self, app: Members) -> None:
        # The record stays: DescribeApp tells for a day that an app was deleted.
        touch(app, "Deleted")
        self.store.account.tags.forget(app["AppArn"])


def _run(start: AppStart, app: Members) -> None:
    try:
        start.run(app)
    except StartFailedError as error:
        app["FailureReason"] = str(error)
        touch(app, "Failed")
        return
    if app["Status"] == "Pending":
        touch(app, IN_SERVICE)


def _person(domain: Members, request: Members, space: Members | None) -> str | None:
    """Whose name the sessions of an app carry, if the domain wants them to carry one."""
    if domain.get("DomainSettings", {}).get("ExecutionRoleIdentityConfig") != "USER_PROFILE_NAME":
        return None
    owner = (space or {}).get("OwnershipSettings", {}).get("OwnerUserProfileName")
    person: str | None = request.get("UserProfileName") or owner
    return person


def _key(request: Members) -> str:
    owner = next((f"{member}:{request[member]}" for member in _OWNERS if member in request), "")
    return f"{request['DomainId']}/{owner}/{request['AppType']}/{request['AppName']}"


def _check_owner(request: Members) -> str:
    given = [member for member in _OWNERS if member in request]
    if len(given) != 1:
        raise ValidationError("An app belongs to either a UserProfileName or a SpaceName.")
    if request["AppType"] in _IN_SPACES_ONLY and given != ["SpaceName"]:
        raise ValidationError(f"AppType {request['AppType']} needs a SpaceName.")
    if request["AppType"] in _OF_USERS_ONLY and given != ["UserProfileName"]:
        raise ValidationError(f"AppType {request['AppType']} needs a UserProfileName.")
    if request["AppType"] in _IN_SPACES_ONLY and request["AppName"] != "default":
        raise ValidationError(f"The AppName of {request['AppType']} must be default.")
    return str(request[given[0]])


def _check_lifecycle_config(specification: Members, settings: Members) -> None:
    arn = specification.get("LifecycleConfigArn")
    if arn and arn not in settings.get("LifecycleConfigArns", []):
        raise ValidationError(f"Lifecycle configuration {arn} is not attached to the user profile or domain.")
