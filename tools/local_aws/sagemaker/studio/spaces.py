"""Spaces: the disk and the settings that an app of Studio starts with."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, now
from tools.local_aws.sagemaker.studio.store import IN_SERVICE, StudioStore, later, merged, touch
from tools.local_aws.sagemaker.studio.user_settings import check_space

_SUMMARY = ("DomainId", "SpaceName", "Status", "CreationTime", "LastModifiedTime", "SpaceDisplayName")


@dataclass
class Spaces:
    """Create, Describe, List, Update and Delete of spaces."""

    store: StudioStore

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateSpace": self._create,
            "DescribeSpace": self._get,
            "ListSpaces": self._list,
            "UpdateSpace": self._update,
            "DeleteSpace": self._delete,
        }

    def folder(self, space: Members) -> Path:
        spaces = self.store.account.context.work_folder / "spaces"
        return Path(spaces, space["DomainId"], space["SpaceName"])

    def settings_of(self, space: Members) -> Members:
        """The settings that hold in a space: those of its owner, or the domain's for shared spaces."""
        owner = space.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        if owner:
            return self.store.settings_of(self.store.profile(space["DomainId"], owner))
        domain = self.store.domains.get(space["DomainId"])
        settings: Members = domain.get("DefaultSpaceSettings", {})
        return settings

    def _get(self, request: Members) -> Members:
        return self.store.space(request["DomainId"], request["SpaceName"])

    def _create(self, request: Members) -> Members:
        domain_id, name = request["DomainId"], request["SpaceName"]
        domain = self.store.usable_domain(domain_id)
        if ("OwnershipSettings" in request) != ("SpaceSharingSettings" in request):
            raise ValidationError("OwnershipSettings and SpaceSharingSettings are only valid together.")
        owner = request.get("OwnershipSettings", {}).get("OwnerUserProfileName")
        if owner and f"{domain_id}/{owner}" not in self.store.profiles:
            raise ValidationError(f"UserProfile [{owner}] does not exist in domain [{domain_id}].")
        if not owner and "DefaultSpaceSettings" not in domain:
            raise ValidationError("A space without an owner needs DefaultSpaceSettings in its domain.")
        check_space(request.get("SpaceSettings", {}), self.settings_of(request))
        arn = self.store.account.arn("space", f"{domain_id}/{name}")
        url = f"{domain['Url']}/jupyter/default?space={name}"
        record = request | {"SpaceArn": arn, "Url": url, "CreationTime": now()}
        touch(record, "Pending")
        self.store.spaces.add(f"{domain_id}/{name}", record)
        self.store.account.tags.register(arn, request.get("Tags"))
        later(lambda: touch(record, IN_SERVICE))
        return {"SpaceArn": arn}

    def _list(self, request: Members) -> Members:
        found = [
            {member: space[member] for member in _SUMMARY if member in space} | _details(space)
            for space in self.store.spaces.values()
            if request.get("DomainIdEquals") in (None, space["DomainId"])
            and request.get("SpaceNameContains", "") in space["SpaceName"]
        ]
        return page(found, {"SortOrder": "Ascending"} | request, "Spaces", "SpaceName")

    def _update(self, request: Members) -> Members:
        space = self._get(request)
        settings = merged(space.get("SpaceSettings", {}), request.get("SpaceSettings", {}))
        check_space(settings, self.settings_of(space))
        if "SpaceSettings" in request:
            space["SpaceSettings"] = settings
        if "SpaceDisplayName" in request:
            space["SpaceDisplayName"] = request["SpaceDisplayName"]
        touch(space, "Updating")
        later(lambda: touch(space, IN_SERVICE))
        return {"SpaceArn": space["SpaceArn"]}

    def _delete(self, request: Members) -> None:
        space = self._get(request)
        apps = self.store.apps_of(space["DomainId"], SpaceName=space["SpaceName"])
        self.store.refuse_if_used("Space", space["SpaceName"], {"App": apps})
        touch(space, "Deleting")
        later(lambda: self._remove(space))

    def _remove(self, space: Members) -> None:
        shutil.rmtree(self.folder(space), ignore_errors=True)
        try:
            self.store.spaces.remove(f"{space['DomainId']}/{space['SpaceName']}")
        except ResourceNotFoundError:
            return
        self.store.account.tags.forget(space["SpaceArn"])


def _details(space: Members) -> Members:
    settings, storage = space.get("SpaceSettings", {}), "SpaceStorageSettings"
    members = {member: settings[member] for member in ("AppType", storage) if member in settings}
    answer: Members = {"SpaceSettingsSummary": members}
    for summary, member in (
        ("SpaceSharingSettingsSummary", "SpaceSharingSettings"),
        ("OwnershipSettingsSummary", "OwnershipSettings"),
    ):
        if member in space:
            answer[summary] = space[member]
    return answer
