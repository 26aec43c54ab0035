"""Serverless MLflow apps: their life cycle. What they do is in mlflow_api.py."""

import uuid
from dataclasses import dataclass, field

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ConflictError, ResourceNotFoundError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, Table, name_of, now
from tools.local_aws.sagemaker.studio.store import later, new_id, touch

_SUMMARY = ("Arn", "Name", "Status", "CreationTime", "LastModifiedTime", "MlflowVersion")
_FILTERS = ("Status", "MlflowVersion", "AccountDefaultStatus")
_DEFAULTS: Members = {
    "MlflowVersion": "3.4.0",
    "ModelRegistrationMode": "AutoModelRegistrationDisabled",
    "AccountDefaultStatus": "DISABLED",
}
# What an update leaves out stays, but for this one, which then has another default than at creation:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateMlflowApp.html
_DEFAULTS_OF_UPDATES: Members = {"ModelRegistrationMode": "AutoModelRegistrationEnabled"}
_GONE = "Deleted"
_BUSY = ("Creating", "Updating", "Deleting")


def _missing(arn: str) -> ResourceNotFoundError:
    return ResourceNotFoundError(f"MlflowApp {arn} does not exist.")


@dataclass
class MlflowApps:
    """Create, Describe, List, Update and Delete of apps by ARN; presigned URLs.

    The name is no part of the ARN, and no refusal of a second app with a name is documented.
    """

    account: Account
    table: Table = field(default_factory=lambda: Table(not_found=_missing, taken=_missing, key=str))

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateMlflowApp": self._create,
            "DescribeMlflowApp": lambda request: self.table.get(request["Arn"]),
            "ListMlflowApps": self._list,
            "UpdateMlflowApp": self._update,
            "DeleteMlflowApp": self._delete,
            "CreatePresignedMlflowAppUrl": self._presign,
        }

    def _create(self, request: Members) -> Members:
        self.account.assume(request["RoleArn"])
        arn = self.account.arn("mlflow-app", new_id("app"))
        record = _DEFAULTS | request | {"Arn": arn, "CreationTime": now()}
        touch(record, "Creating")
        self.table.add(arn, record)
        self.account.tags.register(arn, request.get("Tags"))
        later(lambda: touch(record, "Created"))
        return {"Arn": arn}

    def _list(self, request: Members) -> Members:
        found = [
            {member: app[member] for member in _SUMMARY}
            for app in self.table.values()
            if all(request.get(member) in (None, app[member]) for member in _FILTERS)
            and request.get("DefaultForDomainId") in (None, *app.get("DefaultDomainIdList", ()))
        ]
        return page(found, request, "Summaries", "Name", "Status")

    def existing(self, arn: str) -> Members:
        app = self.table.get(arn)
        if app["Status"] == _GONE:
            raise _missing(arn)
        return app

    def _idle(self, request: Members) -> Members:
        app = self.existing(request["Arn"])
        if app["Status"] in _BUSY:
            raise ConflictError(f"MlflowApp {app['Arn']} is {app['Status']}.")
        return app

    def _update(self, request: Members) -> Members:
        app = self._idle(request)
        app.update(_DEFAULTS_OF_UPDATES | request)
        touch(app, "Updating")
        later(lambda: touch(app, "Updated"))
        return {"Arn": app["Arn"]}

    def _delete(self, request: Members) -> Members:
        app = self._idle(request)
        touch(app, "Deleting")
        later(lambda: self._remove(app))
        return {"Arn": app["Arn"]}

    def _remove(self, app: Members) -> None:
        # The record stays, as clients found: https://github.com/hashicorp/terraform-provider-aws/pull/45565
        touch(app, _GONE)
        self.account.tags.forget(app["Arn"])

    def _presign(self, request: Members) -> Members:
        app = self.existing(request["Arn"])
        host = f"{name_of(app['Arn'])}.mlflow.sagemaker.{self.account.context.region}.app.aws"
        return {"AuthorizedUrl": f"https://{host}/auth?authToken={uuid.uuid4().hex}"}
