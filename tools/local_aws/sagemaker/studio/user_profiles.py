"""User profiles of a domain, and the addresses at which their owners enter Studio."""

import uuid
from dataclasses import dataclass

from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, now
from tools.local_aws.sagemaker.studio.store import IN_SERVICE, StudioStore, later, merged, touch
from tools.local_aws.sagemaker.studio.user_settings import UserSettings

_SUMMARY = ("DomainId", "UserProfileName", "Status", "CreationTime", "LastModifiedTime")
_FIRST_UID = 200_001


@dataclass
class UserProfiles:
    """Create, Describe, List, Update and Delete of user profiles; presigned URLs."""

    store: StudioStore
    settings: UserSettings

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateUserProfile": self._create,
            "DescribeUserProfile": self._get,
            "ListUserProfiles": self._list,
            "UpdateUserProfile": self._update,
            "DeleteUserProfile": self._delete,
            "CreatePresignedDomainUrl": self._presign,
        }

    def _get(self, request: Members) -> Members:
        return self.store.profile(request["DomainId"], request["UserProfileName"])

    def _create(self, request: Members) -> Members:
        domain_id, name = request["DomainId"], request["UserProfileName"]
        domain = self.store.usable_domain(domain_id)
        self._check_sign_in(domain, request)
        self.settings.check(request.get("UserSettings", {}))
        arn = self.store.account.arn("user-profile", f"{domain_id}/{name}")
        record = request | {
            "UserProfileArn": arn,
            "HomeEfsFileSystemUid": str(_FIRST_UID + len(self.store.profiles.values())),
            "CreationTime": now(),
        }
        touch(record, "Pending")
        self.store.profiles.add(f"{domain_id}/{name}", record)
        self.store.account.tags.register(arn, request.get("Tags"))
        later(lambda: touch(record, IN_SERVICE))
        return {"UserProfileArn": arn}

    @staticmethod
    def _check_sign_in(domain: Members, request: Members) -> None:
        given = [
            member
            for member in ("SingleSignOnUserIdentifier", "SingleSignOnUserValue")
            if request.get(member)
        ]
        if domain["AuthMode"] == "SSO" and len(given) < 2:
            raise ValidationError(
                "SingleSignOnUserIdentifier and SingleSignOnUserValue are required in a domain with the "
                "AuthMode SSO."
            )
        if domain["AuthMode"] == "IAM" and given:
            raise ValidationError(f"{given[0]} cannot be specified in a domain with the AuthMode IAM.")

    def _list(self, request: Members) -> Members:
        found = [
            {member: profile[member] for member in _SUMMARY}
            for profile in self.store.profiles.values()
            if request.get("DomainIdEquals") in (None, profile["DomainId"])
            and request.get("UserProfileNameContains", "") in profile["UserProfileName"]
        ]
        return page(found, {"SortOrder": "Ascending"} | request, "UserProfiles", "UserProfileName")

    def _update(self, request: Members) -> Members:
        profile = self._get(request)
        settings = merged(profile.get("UserSettings", {}), request.get("UserSettings", {}))
        self.settings.check(settings)
        profile["UserSettings"] = settings
        touch(profile, "Updating")
        later(lambda: touch(profile, IN_SERVICE))
        return {"UserProfileArn": profile["UserProfileArn"]}

    def _delete(self, request: Members) -> None:
        profile = self._get(request)
        domain_id, name = profile["DomainId"], profile["UserProfileName"]
        own_spaces = [
            space
            for space in self.store.spaces.values()
            if space["DomainId"] == domain_id
            and space.get("OwnershipSettings", {}).get("OwnerUserProfileName") == name
        ]
        apps = self.store.apps_of(domain_id, UserProfileName=name)
        self.store.refuse_if_used("UserProfile", name, {"App": apps, "Space": own_spaces})
        touch(profile, "Deleting")
        later(lambda: self._remove(profile))

    def _remove(self, profile: Members) -> None:
        self.store.profiles.remove(f"{profile['DomainId']}/{profile['UserProfileName']}")
        self.store.account.tags.forget(profile["UserProfileArn"])

    def _presign(self, request: Members) -> Members:
        domain = self.store.usable_domain(request["DomainId"])
        self._get(request)
        if domain["AuthMode"] != "IAM":
            raise ValidationError(
                "CreatePresignedDomainUrl is not supported for a domain with the AuthMode SSO; users sign "
                "in at the AWS access portal."
            )
        if "SpaceName" in request:
            self.store.space(request["DomainId"], request["SpaceName"])
        return {"AuthorizedUrl": f"{domain['Url']}/auth?token={uuid.uuid4().hex}"}
