"""Monitoring schedules and what they ran."""

from dataclasses import dataclass, field

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.monitoring.job_definitions import JobDefinitions
from tools.local_aws.sagemaker.store import Members, Table, now

_KIND = "monitoring-schedule"


@dataclass
class MonitoringSchedules:
    """Create, Describe, List, Update, Start, Stop and Delete of schedules; the list of executions."""

    account: Account
    definitions: JobDefinitions
    # Newest last, over all schedules.
    executions: list[Members] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = Table(
            not_found=lambda name: ResourceNotFoundError(
                f"Monitoring Schedule with name {name} does not exist"
            ),
            taken=lambda name: ResourceInUseError(f"Monitoring Schedule with name {name} already exists"),
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateMonitoringSchedule": self._create,
            "DescribeMonitoringSchedule": self._describe,
            "ListMonitoringSchedules": self._list,
            "UpdateMonitoringSchedule": self._update,
            "DeleteMonitoringSchedule": self._delete,
            "StartMonitoringSchedule": lambda request: self._set_status(request, "Scheduled"),
            "StopMonitoringSchedule": lambda request: self._set_status(request, "Stopped"),
            "ListMonitoringExecutions": self._list_executions,
        }

    def definition_of(self, schedule: Members) -> Members:
        """The job definition that a schedule names."""
        return self.definitions.table.get(schedule["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"])

    def _checked(self, config: Members) -> str:
        """The endpoint that a configuration monitors; refuses what cannot be run."""
        if (
            config.get("MonitoringType", "DataQuality") != "DataQuality"
            or "MonitoringJobDefinition" in config
        ):
            raise ValidationError(
                "The embedded AWS only runs schedules of the type DataQuality that name their job definition "
                "in MonitoringJobDefinitionName."
            )
        definition = self.definitions.table.get(config["MonitoringJobDefinitionName"])
        return str(definition["DataQualityJobInput"]["EndpointInput"]["EndpointName"])

    def _create(self, request: Members) -> Members:
        name, created = request["MonitoringScheduleName"], now()
        endpoint = self._checked(request["MonitoringScheduleConfig"])
        arn = self.account.arn(_KIND, name)
        record = request | {
            "MonitoringScheduleArn": arn,
            "MonitoringScheduleStatus": "Scheduled",
            "MonitoringType": "DataQuality",
            "EndpointName": endpoint,
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        self.table.add(name, record)
        self.account.tags.register(arn, request.get("Tags"))
        return {"MonitoringScheduleArn": arn}

    def _update(self, request: Members) -> Members:
        record = self.table.get(request["MonitoringScheduleName"])
        record["EndpointName"] = self._checked(request["MonitoringScheduleConfig"])
        record["MonitoringScheduleConfig"] = request["MonitoringScheduleConfig"]
        record["LastModifiedTime"] = now()
        return {"MonitoringScheduleArn": record["MonitoringScheduleArn"]}

    def _set_status(self, request: Members, status: str) -> None:
        record = self.table.get(request["MonitoringScheduleName"])
        record["MonitoringScheduleStatus"], record["LastModifiedTime"] = status, now()

    def _delete(self, request: Members) -> None:
        record = self.table.remove(request["MonitoringScheduleName"])
        self.account.tags.forget(record["MonitoringScheduleArn"])

    def executions_of(self, name: str) -> list[Members]:
        """The executions of one schedule, newest last."""
        return [item for item in self.executions if item["MonitoringScheduleName"] == name]

    def _describe(self, request: Members) -> Members:
        record = self.table.get(request["MonitoringScheduleName"])
        ran = self.executions_of(record["MonitoringScheduleName"])
        return record | ({"LastMonitoringExecutionSummary": ran[-1]} if ran else {})

    def _list(self, request: Members) -> Members:
        found = [
            record | {"MonitoringJobDefinitionName": self.definition_of(record)["JobDefinitionName"]}
            for record in self.table.values()
            if request.get("EndpointName") in (None, record["EndpointName"])
        ]
        return page(
            found,
            request,
            "MonitoringScheduleSummaries",
            "MonitoringScheduleName",
            "MonitoringScheduleStatus",
        )

    def _list_executions(self, request: Members) -> Members:
        members = ("MonitoringScheduleName", "EndpointName", "MonitoringJobDefinitionName")
        found = [
            item
            for item in self.executions
            if all(request[member] == item.get(member) for member in members if member in request)
        ]
        return page(
            found,
            request,
            "MonitoringExecutionSummaries",
            "MonitoringScheduleName",
            "MonitoringExecutionStatus",
        )
