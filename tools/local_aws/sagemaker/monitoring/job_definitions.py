"""Data quality job definitions: what a monitoring schedule runs."""

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.store import Members, Table, now

_KIND = "data-quality-job-definition"


class JobDefinitions:
    """Create, Describe, List and Delete of data quality job definitions."""

    def __init__(self, account: Account, endpoints: Table) -> None:
        self._account = account
        self._endpoints = endpoints
        self.table = Table(
            not_found=lambda name: ResourceNotFoundError(
                f"Could not find job definition with ARN {account.arn(_KIND, name)}"
            ),
            taken=lambda name: ResourceInUseError(
                f"Job definition with ARN {account.arn(_KIND, name)} already exists"
            ),
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateDataQualityJobDefinition": self._create,
            "DescribeDataQualityJobDefinition": lambda request: self.table.get(request["JobDefinitionName"]),
            "ListDataQualityJobDefinitions": self._list,
            "DeleteDataQualityJobDefinition": self._delete,
        }

    def _create(self, request: Members) -> Members:
        self._account.assume(request["RoleArn"])
        if "EndpointInput" not in request["DataQualityJobInput"]:
            raise ValidationError(
                "The embedded AWS only monitors endpoints: DataQualityJobInput.EndpointInput."
            )
        for script in ("RecordPreprocessorSourceUri", "PostAnalyticsProcessorSourceUri"):
            if script in request["DataQualityAppSpecification"]:
                raise ValidationError(f"The embedded AWS does not run the scripts of {script}.")
        self._endpoints.get(request["DataQualityJobInput"]["EndpointInput"]["EndpointName"])
        name = request["JobDefinitionName"]
        arn = self._account.arn(_KIND, name)
        self.table.add(name, request | {"JobDefinitionArn": arn, "CreationTime": now()})
        self._account.tags.register(arn, request.get("Tags"))
        return {"JobDefinitionArn": arn}

    def _delete(self, request: Members) -> None:
        record = self.table.remove(request["JobDefinitionName"])
        self._account.tags.forget(record["JobDefinitionArn"])

    def _list(self, request: Members) -> Members:
        found = [
            {
                "MonitoringJobDefinitionName": record["JobDefinitionName"],
                "MonitoringJobDefinitionArn": record["JobDefinitionArn"],
                "CreationTime": record["CreationTime"],
                "EndpointName": record["DataQualityJobInput"]["EndpointInput"]["EndpointName"],
            }
            for record in self.table.values()
        ]
        if "EndpointName" in request:
            found = [record for record in found if record["EndpointName"] == request["EndpointName"]]
        return page(found, request, "JobDefinitionSummaries", "MonitoringJobDefinitionName")
