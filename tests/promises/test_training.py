"""Every job of every pipeline is isolated, encrypted, ends, and registers what somebody has to approve."""

from collections.abc import Iterator
from typing import Any

from tests.stacks.cloud import Cloud, Resource
from tools.review.readable import embedded_json

JOBS = ("Processing", "Training")


def _steps(cloud: Cloud) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        definition = embedded_json(pipeline.get("PipelineDefinition", "PipelineDefinitionBody"))
        assert definition, pipeline
        waiting = list(definition["Steps"])
        while waiting:
            step = waiting.pop()
            yield pipeline, step
            arguments = step.get("Arguments", {})
            waiting += [*arguments.get("IfSteps", []), *arguments.get("ElseSteps", [])]


def _jobs(cloud: Cloud) -> Iterator[tuple[str, dict[str, Any]]]:
    for pipeline, step in _steps(cloud):
        if step["Type"] in JOBS:
            yield f"{pipeline}: {step['Name']}", step["Arguments"]


def test_jobs_of_pipelines_reach_nothing_but_the_private_network(cloud: Cloud) -> None:
    for name, job in _jobs(cloud):
        isolation = job.get("NetworkConfig", job)
        assert isolation["EnableNetworkIsolation"] is True, name
        assert isolation["EnableInterContainerTrafficEncryption"] is True, name
        assert len(isolation["VpcConfig"]["Subnets"]) >= 2, name
        assert isolation["VpcConfig"]["SecurityGroupIds"], name


def test_disks_and_results_of_jobs_are_encrypted_with_one_key(cloud: Cloud) -> None:
    for name, job in _jobs(cloud):
        machine = job.get("ResourceConfig") or job["ProcessingResources"]["ClusterConfig"]
        results = job.get("OutputDataConfig") or job["ProcessingOutputConfig"]
        assert machine["VolumeKmsKeyId"] == results["KmsKeyId"], name
        assert machine["VolumeKmsKeyId"], name


def test_every_job_of_a_pipeline_ends(cloud: Cloud) -> None:
    for name, job in _jobs(cloud):
        assert 0 < job["StoppingCondition"]["MaxRuntimeInSeconds"] <= 24 * 3_600, name


def test_no_version_is_registered_as_approved(cloud: Cloud) -> None:
    registered = [
        step["Arguments"]["ModelApprovalStatus"]
        for _, step in _steps(cloud)
        if step["Type"] == "RegisterModel"
    ]
    assert set(registered) == {"PendingManualApproval"}
    assert len(registered) == len(cloud.of_type("AWS::SageMaker::Pipeline"))
