"""Training jobs: channels from S3, a container, a model archive to S3."""

import json
import tarfile
from pathlib import Path

from tools.local_aws.sagemaker.errors import JobFailedError, ValidationError
from tools.local_aws.sagemaker.jobs.container import Container, file_text, host_path
from tools.local_aws.sagemaker.jobs.images import command_of, environment_of
from tools.local_aws.sagemaker.jobs.log_metrics import final_metrics, with_definitions
from tools.local_aws.sagemaker.jobs.machines import folders_of, furnish, gather, names_of
from tools.local_aws.sagemaker.jobs.operations import ContainerJobs, Job, container_for
from tools.local_aws.sagemaker.jobs.script_mode import entrypoint as script_mode
from tools.local_aws.sagemaker.jobs.script_mode import has_program, put_code, python_path
from tools.local_aws.sagemaker.s3_objects import download, upload
from tools.local_aws.sagemaker.store import Members, now

_SECONDARY_STATUS = {
    "InProgress": "Starting",
    "Interrupted": "Interrupted",
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "Completed": "Completed",
    "Failed": "Failed",
}


class TrainingJobs(ContainerJobs):
    """https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html."""

    noun = "TrainingJob"
    arn_kind = "training-job"
    event = "SageMaker Training Job State Change"
    log_group = "/aws/sagemaker/TrainingJobs"

    def create(self, request: Members, selected_keys: dict[str, list[str]] | None = None) -> Members:
        specification = with_definitions(request["AlgorithmSpecification"])
        return super().create(request | {"AlgorithmSpecification": specification}, selected_keys)

    def prepare(self, job: Job) -> Container:
        """Downloads the channels and writes the configuration files."""
        record, specification = job.record, job.record["AlgorithmSpecification"]
        if "TrainingImage" not in specification:
            raise JobFailedError("ClientError: The embedded AWS only has algorithms given as TrainingImage.")
        image = specification["TrainingImage"]
        hyperparameters = record.get("HyperParameters", {})
        entrypoint = specification.get("ContainerEntrypoint", [])
        runs_program = not entrypoint and has_program(hyperparameters)
        if runs_program:
            entrypoint = script_mode(hyperparameters)
        command = command_of(image, entrypoint, specification.get("ContainerArguments", []))
        _secondary_status(record, "Downloading")
        s3 = self.account.context.client("s3", job.role)
        for channel in record.get("InputDataConfig", []):
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            download(s3, uri, job.folder / "input" / "data" / channel["ChannelName"])
        if checkpoints := record.get("CheckpointConfig"):
            download(s3, checkpoints["S3Uri"], host_path(job.folder, _checkpoints(checkpoints)), missing=True)
        _write_configuration(job)
        _secondary_status(record, "Training")
        record["TrainingStartTime"] = now()
        environment = {"TRAINING_JOB_NAME": record["TrainingJobName"]} | environment_of(image)
        environment |= record.get("Environment", {})
        if runs_program:
            put_code(hyperparameters, job.folder, s3, isolated=record.get("EnableNetworkIsolation", False))
            environment["PYTHONPATH"] = python_path(job.folder, environment)
        count = _machines_of(record)
        furnish(job.folder, count)
        for folder, name in zip(folders_of(job.folder, count), names_of(count), strict=True):
            _write_resources(record, folder, name)
        return container_for(self, job, command, environment, count)

    def keep(self, job: Job) -> None:
        """Copies checkpoints to S3, which AWS does all the time."""
        gather(job.folder, _machines_of(job.record))
        if checkpoints := job.record.get("CheckpointConfig"):
            s3 = self.account.context.client("s3", job.role)
            upload(s3, host_path(job.folder, _checkpoints(checkpoints)), checkpoints["S3Uri"])

    def interrupt_spot(self, job: str) -> Members:
        """Takes the machine of a managed spot training away, as AWS may at any time."""
        if not self.table.get(job).get("EnableManagedSpotTraining"):
            raise ValidationError(f"The training job {job} does not run on spot instances.")
        self.interrupt(job)
        return {"interrupted": job}

    def message(self, job: Job) -> str:
        """The reason that the program wrote into the file for it."""
        return file_text(job.folder / "output" / "failure")

    def collect(self, job: Job) -> None:
        """Uploads the model archive and reads the metrics from the log."""
        record = job.record
        _secondary_status(record, "Uploading")
        output = record["OutputDataConfig"]
        prefix = f"{output['S3OutputPath'].rstrip('/')}/{record['TrainingJobName']}/output"
        s3 = self.account.context.client("s3", job.role)
        for folder, name in (("model", "model.tar.gz"), ("output/data", "output.tar.gz")):
            source = job.folder / folder
            if name == "model.tar.gz" or any(source.iterdir()):
                archive = job.folder / name
                # What lies there is the program's, and may be a link to anything.
                archive.unlink(missing_ok=True)
                with tarfile.open(archive, "x:gz") as tar:
                    for path in sorted(source.iterdir()):
                        tar.add(path, path.name)
                upload(s3, archive, f"{prefix}/{name}", output.get("KmsKeyId"))
        record["ModelArtifacts"] = {"S3ModelArtifacts": f"{prefix}/model.tar.gz"}
        lines = job.container.lines if job.container else ()
        record["FinalMetricDataList"] = final_metrics(
            record["AlgorithmSpecification"].get("MetricDefinitions", []), lines
        )

    def changed(self, record: Members, status: str) -> None:
        """Keeps the secondary status, its history and the end time."""
        exceeded = status == "Stopped" and "MaxRuntimeExceeded" in record.get("FailureReason", "")
        _secondary_status(record, "MaxRuntimeExceeded" if exceeded else _SECONDARY_STATUS[status])
        if status in ("Completed", "Failed", "Stopped"):
            end = record["TrainingEndTime"] = now()
            seconds = int((end - record.get("TrainingStartTime", end)).total_seconds())
            record["TrainingTimeInSeconds"] = record["BillableTimeInSeconds"] = max(seconds, 1)


def _secondary_status(record: Members, status: str) -> None:
    record["SecondaryStatus"] = status
    history = record.setdefault("SecondaryStatusTransitions", [])
    if history:
        history[-1].setdefault("EndTime", now())
    history.append({"Status": status, "StartTime": now()})


def _write_configuration(job: Job) -> None:
    record = job.record
    for path in ("input/config", "model", "output/data", "code"):
        (job.folder / path).mkdir(parents=True, exist_ok=True)
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get(
                "InputMode", record["AlgorithmSpecification"]["TrainingInputMode"]
            ),
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})
        for channel in record.get("InputDataConfig", [])
    }
    folder = job.folder / "input" / "config"
    (folder / "hyperparameters.json").write_text(json.dumps(record.get("HyperParameters", {})))
    (folder / "inputdataconfig.json").write_text(json.dumps(channels))


def _write_resources(record: Members, folder: Path, name: str) -> None:
    resources = {
        "current_host": name,
        "hosts": names_of(_machines_of(record)),
        "network_interface_name": "lo",
        "current_instance_type": record.get("ResourceConfig", {}).get("InstanceType"),
    }
    (folder / "input" / "config" / "resourceconfig.json").write_text(json.dumps(resources))


def _machines_of(record: Members) -> int:
    return int(record.get("ResourceConfig", {}).get("InstanceCount", 1))


def _checkpoints(config: Members) -> str:
    return str(config.get("LocalPath", "/opt/ml/checkpoints"))
