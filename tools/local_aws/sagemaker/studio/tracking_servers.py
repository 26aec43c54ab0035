"""MLflow tracking servers: their life cycle. The embedded AWS does not run MLflow behind them."""

import uuid
from dataclasses import dataclass, field

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ConflictError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, Table, now
from tools.local_aws.sagemaker.studio.store import later

_NEWEST_VERSION = "3.0"
_SUMMARY = (
    *("TrackingServerArn", "TrackingServerName", "CreationTime", "LastModifiedTime"),
    *("TrackingServerStatus", "IsActive", "MlflowVersion"),
)
_CHANGEABLE = (
    *("ArtifactStoreUri", "TrackingServerSize", "AutomaticModelRegistration"),
    *("WeeklyMaintenanceWindowStart", "S3BucketOwnerAccountId", "S3BucketOwnerVerification"),
)
_BUSY = ("Creating", "Updating", "Deleting", "Starting", "Stopping")


def _servers() -> Table:
    return Table(
        not_found=lambda name: ResourceNotFoundError(f"TrackingServer {name} does not exist."),
        taken=lambda name: ConflictError(f"TrackingServer {name} already exists."),
    )


@dataclass
class TrackingServers:
    """Create, Describe, List, Update, Start, Stop and Delete of tracking servers; presigned URLs."""

    account: Account
    table: Table = field(default_factory=_servers)

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateMlflowTrackingServer": self._create,
            "DescribeMlflowTrackingServer": self._get,
            "ListMlflowTrackingServers": self._list,
            "UpdateMlflowTrackingServer": self._update,
            "StartMlflowTrackingServer": lambda request: self._run(request, "Starting", "Started"),
            "StopMlflowTrackingServer": lambda request: self._run(request, "Stopping", "Stopped"),
            "DeleteMlflowTrackingServer": self._delete,
            "CreatePresignedMlflowTrackingServerUrl": self._presign,
        }

    def _get(self, request: Members) -> Members:
        return self.table.get(request["TrackingServerName"])

    def _create(self, request: Members) -> Members:
        self.account.assume(request["RoleArn"])
        name, created = request["TrackingServerName"], now()
        arn = self.account.arn("mlflow-tracking-server", name)
        defaults: Members = {"MlflowVersion": _NEWEST_VERSION, "TrackingServerSize": "Small"}
        record = defaults | request
        record |= {"TrackingServerArn": arn, "CreationTime": created}
        record["TrackingServerUrl"] = (
            f"https://{name}.{self.account.context.region}.experiments.sagemaker.aws"
        )
        _set(record, "Creating", "Inactive")
        self.table.add(name, record)
        self.account.tags.register(arn, request.get("Tags"))
        later(lambda: _set(record, "Created", "Active"))
        return {"TrackingServerArn": arn}

    def _list(self, request: Members) -> Members:
        found = [
            {member: server[member] for member in _SUMMARY}
            for server in self.table.values()
            if request.get("TrackingServerStatus") in (None, server["TrackingServerStatus"])
            and request.get("MlflowVersion") in (None, server["MlflowVersion"])
        ]
        return page(found, request, "TrackingServerSummaries", "TrackingServerName", "TrackingServerStatus")

    def _idle(self, request: Members) -> Members:
        server = self._get(request)
        if server["TrackingServerStatus"] in _BUSY:
            raise ConflictError(
                f"TrackingServer {server['TrackingServerName']} is {server['TrackingServerStatus']}."
            )
        return server

    def _update(self, request: Members) -> Members:
        server = self._idle(request)
        server.update({member: request[member] for member in _CHANGEABLE if member in request})
        _set(server, "Updating", server["IsActive"])
        later(lambda: _set(server, "Updated", server["IsActive"]))
        return {"TrackingServerArn": server["TrackingServerArn"]}

    def _run(self, request: Members, during: str, after: str) -> Members:
        server = self._idle(request)
        _set(server, during, server["IsActive"])
        later(lambda: _set(server, after, "Active" if after == "Started" else "Inactive"))
        return {"TrackingServerArn": server["TrackingServerArn"]}

    def _delete(self, request: Members) -> Members:
        server = self._idle(request)
        _set(server, "Deleting", "Inactive")
        later(lambda: self._remove(server))
        return {"TrackingServerArn": server["TrackingServerArn"]}

    def _remove(self, server: Members) -> None:
        self.table.remove(server["TrackingServerName"])
        self.account.tags.forget(server["TrackingServerArn"])

    def _presign(self, request: Members) -> Members:
        server = self._get(request)
        if server["IsActive"] != "Active":
            raise ValidationError(f"TrackingServer {server['TrackingServerName']} is not active.")
        return {"AuthorizedUrl": f"{server['TrackingServerUrl']}/auth?authToken={uuid.uuid4().hex}"}


def _set(server: Members, status: str, active: str) -> None:
    server["TrackingServerStatus"], server["IsActive"] = status, active
    server["LastModifiedTime"] = now()
