"""Pipelines and their executions."""

from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.pipelines.cache import StepCache
from tools.local_aws.sagemaker.pipelines.definition import read_definition
from tools.local_aws.sagemaker.store import Members, Table, now

_UPDATED = ("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration")


@dataclass
class Pipelines:
    """Create, Describe, List and Update of pipelines; their executions say whether one may be deleted."""

    account: Account
    caches: dict[str, StepCache] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.table = Table(
            not_found=lambda name: ResourceNotFoundError(
                f"Pipeline '{self.account.arn('pipeline', name)}' does not exist."
            ),
            taken=lambda name: ValidationError(
                "Pipeline names must be unique within an AWS account and region. "
                f"Pipeline with name ({name}) already exists."
            ),
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreatePipeline": self._create,
            "DescribePipeline": lambda request: self.table.get(request["PipelineName"]),
            "ListPipelines": self._list,
            "UpdatePipeline": self._update,
        }

    def _create(self, request: Members) -> Members:
        name = request["PipelineName"]
        definition = self._definition_text(request)
        read_definition(definition)
        self.account.assume(request["RoleArn"])
        arn, created = self.account.arn("pipeline", name), now()
        record = {"PipelineDisplayName": name} | request
        record |= {
            "PipelineArn": arn,
            "PipelineDefinition": definition,
            "PipelineStatus": "Active",
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        self.table.add(name, record)
        self.caches[name] = StepCache()
        self.account.tags.register(arn, request.get("Tags"))
        return {"PipelineArn": arn}

    def _definition_text(self, request: Members) -> str:
        if "PipelineDefinition" in request:
            return str(request["PipelineDefinition"])
        location = request["PipelineDefinitionS3Location"]
        s3 = self.account.context.client("s3", self.account.assume(request["RoleArn"]))
        try:
            body = s3.get_object(Bucket=location["Bucket"], Key=location["ObjectKey"])["Body"].read()
        except ClientError as error:
            raise ValidationError(f"Could not read the pipeline definition: {error}") from error
        return str(body.decode())

    def _update(self, request: Members) -> Members:
        record = self.table.get(request["PipelineName"])
        if "PipelineDefinition" in request or "PipelineDefinitionS3Location" in request:
            definition = self._definition_text({"RoleArn": record["RoleArn"]} | request)
            read_definition(definition)
            record["PipelineDefinition"] = definition
        if "RoleArn" in request:
            self.account.assume(request["RoleArn"])
        record.update({member: request[member] for member in _UPDATED if member in request})
        record["LastModifiedTime"] = now()
        return {"PipelineArn": record["PipelineArn"]}

    def delete(self, request: Members) -> Members:
        record = self.table.remove(request["PipelineName"])
        self.account.tags.forget(record["PipelineArn"])
        self.caches.pop(record["PipelineName"])
        return {"PipelineArn": record["PipelineArn"]}

    def _list(self, request: Members) -> Members:
        prefix = request.get("PipelineNamePrefix", "")
        found = [record for record in self.table.values() if record["PipelineName"].startswith(prefix)]
        return page(found, request, "PipelineSummaries", "PipelineName")
