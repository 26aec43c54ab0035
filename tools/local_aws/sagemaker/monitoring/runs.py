"""Runs the monitoring schedules when the hour strikes."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.operations import Endpoints
from tools.local_aws.sagemaker.errors import JobFailedError
from tools.local_aws.sagemaker.jobs.processing import ProcessingJobs
from tools.local_aws.sagemaker.monitoring.jobs import ENDPOINT_INPUT, job_request
from tools.local_aws.sagemaker.monitoring.schedules import MonitoringSchedules
from tools.local_aws.sagemaker.s3_objects import list_objects, split_uri
from tools.local_aws.sagemaker.store import Members, now

_HOUR = timedelta(hours=1)
_NO_DATA = "Job inputs had no data"

log = logging.getLogger(__name__)


class MonitoringRuns:
    """Starts one processing job per schedule on what was captured since its last execution."""

    def __init__(
        self,
        account: Account,
        schedules: MonitoringSchedules,
        endpoints: Endpoints,
        processing_jobs: ProcessingJobs,
    ) -> None:
        self._account = account
        self._schedules = schedules
        self._endpoints = endpoints
        self._jobs = processing_jobs
        self._seen: dict[str, set[str]] = {}

    def strike_hour(self) -> dict[str, Any]:
        """The control `strike-hour`: every schedule that is on runs now; tells which."""
        self._endpoints.flush()
        started = []
        for schedule in self._schedules.table.values():
            if schedule["MonitoringScheduleStatus"] == "Scheduled":
                self._start(schedule)
                started.append(schedule["MonitoringScheduleName"])
        return {"started": started}

    def _start(self, schedule: Members) -> None:
        name, started = schedule["MonitoringScheduleName"], now()
        execution = {
            "MonitoringScheduleName": name,
            "ScheduledTime": self._hour(name, started),
            "CreationTime": started,
            "LastModifiedTime": started,
            "MonitoringExecutionStatus": "Pending",
            "EndpointName": schedule["EndpointName"],
            "MonitoringType": "DataQuality",
        }
        self._schedules.executions.append(execution)
        threading.Thread(target=self._run, args=(schedule, execution), name=name, daemon=True).start()

    def _hour(self, name: str, moment: datetime) -> datetime:
        """The hour that strikes: the next one of the clock, or the one after the last execution's.

        Striking twice within an hour thus writes two reports, where AWS would have waited for the second.
        """
        next_hour = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
        earlier: list[datetime] = [
            item["ScheduledTime"] + _HOUR for item in self._schedules.executions_of(name)
        ]
        return max([next_hour, *earlier])

    def _run(self, schedule: Members, execution: Members) -> None:
        try:
            definition = self._schedules.definition_of(schedule)
            execution["MonitoringJobDefinitionName"] = definition["JobDefinitionName"]
            prefix, keys = self._captured(schedule, definition)
            request = job_request(schedule, definition, execution, prefix)
            created = self._jobs.create(request, {ENDPOINT_INPUT: keys})
            execution |= {
                "ProcessingJobArn": created["ProcessingJobArn"],
                "MonitoringExecutionStatus": "InProgress",
            }
            self._finish(execution, self._jobs.wait(created["ProcessingJobArn"]))
        except (JobFailedError, ServiceException, ClientError) as error:
            self._fail(execution, str(getattr(error, "message", error)))
        except Exception as error:
            log.exception("Schedule %s", schedule["MonitoringScheduleName"])
            self._fail(execution, f"InternalServerError: {type(error).__name__}: {error}")

    def _captured(self, schedule: Members, definition: Members) -> tuple[str, list[str]]:
        """The prefix of the endpoint's capture and the files that no execution has read."""
        endpoint = self._endpoints.live(schedule["EndpointName"])
        capture = endpoint.fleet.config.get("DataCaptureConfig") if endpoint and endpoint.fleet else None
        if capture is None:
            raise JobFailedError(f"Endpoint {schedule['EndpointName']} does not capture data.")
        uri = f"{capture['DestinationS3Uri'].rstrip('/')}/{schedule['EndpointName']}/"
        bucket, prefix = split_uri(uri)
        s3 = self._account.context.client("s3", self._account.assume(definition["RoleArn"]))
        seen = self._seen.setdefault(schedule["MonitoringScheduleName"], set())
        keys = [item["Key"] for item in list_objects(s3, bucket, prefix) if item["Key"] not in seen]
        if not keys:
            raise JobFailedError(_NO_DATA)
        seen.update(keys)
        return uri, keys

    def _finish(self, execution: Members, job: Members) -> None:
        status, message = job["ProcessingJobStatus"], job.get("ExitMessage", "")
        if status == "Completed" and message.startswith("CompletedWithViolations"):
            status = "CompletedWithViolations"
        if "FailureReason" in job:
            execution["FailureReason"] = job["FailureReason"]
        execution["LastModifiedTime"] = now()
        execution["MonitoringExecutionStatus"] = status

    def _fail(self, execution: Members, reason: str) -> None:
        execution["FailureReason"] = reason[:1024]
        execution["LastModifiedTime"] = now()
        execution["MonitoringExecutionStatus"] = "Failed"
