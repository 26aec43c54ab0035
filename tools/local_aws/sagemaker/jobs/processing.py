"""Processing jobs: inputs from S3, a container, outputs to S3."""

import json
from collections.abc import Iterator
from pathlib import Path

from tools.local_aws.sagemaker.errors import JobFailedError, ValidationError
from tools.local_aws.sagemaker.jobs.container import Container, file_text, host_path
from tools.local_aws.sagemaker.jobs.images import SPARK, command_of, environment_of, repository_of
from tools.local_aws.sagemaker.jobs.metrics import publish
from tools.local_aws.sagemaker.jobs.operations import ContainerJobs, Job, container_for
from tools.local_aws.sagemaker.s3_objects import download, upload
from tools.local_aws.sagemaker.store import Members, now

_LOCAL_PATHS = "/opt/ml/processing/"


class ProcessingJobs(ContainerJobs):
    """https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html."""

    noun = "ProcessingJob"
    arn_kind = "processing-job"
    event = "SageMaker Processing Job State Change"
    log_group = "/aws/sagemaker/ProcessingJobs"

    def create(self, request: Members, selected_keys: dict[str, list[str]] | None = None) -> Members:
        outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
        for member in (*request.get("ProcessingInputs", []), *outputs):
            for source in member.values():
                if isinstance(source, dict) and "LocalPath" in source:
                    _check_local_path(source["LocalPath"])
        return super().create(request, selected_keys)

    def prepare(self, job: Job) -> Container:
        """Downloads the inputs and writes the configuration files."""
        record, specification = job.record, job.record["AppSpecification"]
        image = specification["ImageUri"]
        command = command_of(
            image, specification.get("ContainerEntrypoint", []), specification.get("ContainerArguments", [])
        )
        _check_machines(record)
        s3 = self.account.context.client("s3", job.role)
        for item in record.get("ProcessingInputs", []):
            source = _s3_input(item)
            folder = host_path(job.folder, source["LocalPath"])
            download(s3, source["S3Uri"], folder, job.selected_keys.get(item["InputName"]))
        for output, _ in _outputs(job):
            output.mkdir(parents=True, exist_ok=True)
        _write_configuration(job)
        record["ProcessingStartTime"] = now()
        environment = {"PROCESSING_JOB_NAME": record["ProcessingJobName"]} | environment_of(image)
        return container_for(self, job, command, environment | record.get("Environment", {}))

    def message(self, job: Job) -> str:
        """The exit message, which the container may write on success too."""
        text = file_text(job.folder / "output" / "message")
        if text:
            job.record["ExitMessage"] = text[:1024]
        return text

    def keep(self, job: Job) -> None:
        """Nothing: outputs are of a container that succeeded."""

    def collect(self, job: Job) -> None:
        s3 = self.account.context.client("s3", job.role)
        kms_key_id = job.record.get("ProcessingOutputConfig", {}).get("KmsKeyId")
        for folder, uri in _outputs(job):
            upload(s3, folder, uri, kms_key_id)
        publish(job.folder, self.account.context.client("cloudwatch", job.role))

    def changed(self, record: Members, status: str) -> None:
        if status in ("Completed", "Failed", "Stopped"):
            record["ProcessingEndTime"] = now()


def _check_local_path(path: str) -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingS3Input.html."""
    if not f"{path}/".startswith(_LOCAL_PATHS) or ".." in Path(path).parts:
        raise ValidationError(
            f"LocalPath is an absolute path to the input data and must begin with `{_LOCAL_PATHS}`: {path}"
        )


def _check_machines(record: Members) -> None:
    image = record["AppSpecification"]["ImageUri"]
    if record["ProcessingResources"]["ClusterConfig"]["InstanceCount"] > 1 and repository_of(image) != SPARK:
        raise JobFailedError(f"ClientError: The embedded AWS has several machines of {SPARK} only.")


def _s3_input(item: Members) -> Members:
    source: Members | None = item.get("S3Input")
    if source is None or "LocalPath" not in source:
        raise JobFailedError(
            f"ClientError: The embedded AWS only has inputs with an S3Input and its LocalPath; "
            f"the input {item['InputName']} has {', '.join(sorted(item))}."
        )
    return source


def _outputs(job: Job) -> Iterator[tuple[Path, str]]:
    for output in job.record.get("ProcessingOutputConfig", {}).get("Outputs", []):
        if "S3Output" not in output:
            raise JobFailedError(f"ClientError: Outputs need an S3Output here; see {output['OutputName']}.")
        yield host_path(job.folder, output["S3Output"]["LocalPath"]), output["S3Output"]["S3Uri"]


def _write_configuration(job: Job) -> None:
    folder = job.folder / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (job.folder / "output").mkdir(exist_ok=True)
    (folder / "processingjobconfig.json").write_text(json.dumps(job.record, default=str))
    # `localhost`, because programs resolve the names of their hosts.
    hosts = {"current_host": "localhost", "hosts": ["localhost"]}
    (folder / "resourceconfig.json").write_text(json.dumps(hosts))
