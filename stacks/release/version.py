"""How the release makes sure of what it deploys: states that read a version, doubt it, and take its files.

A version in the registry is what somebody says of it: whoever registers writes what they like, and whoever
approves can change image, data and metadata in the same call. Two things nobody can forge: which execution
SageMaker knows to have registered the version, and what that execution has written below its own id.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stacks.parts.layout import DATA_QUALITY, EVALUATION, MODEL_DATA, RECORD, RECORD_FILE, Layout
from stacks.parts.states import CATCH, TELL_PEOPLE, call, choice, task, when

Json = dict[str, Any]

DESCRIBED = "$.Package.Described"
CONTAINER = f"{DESCRIBED}.InferenceSpecification.Containers[0]"
SERVED = ("statistics", "constraints", "evaluation")
"""What every version has for monitors to compare with."""
MEASURED = (*SERVED, "quality", "explanations")
"""What later ones have, too."""
GROUPS = ("bias", "facets", "intervals")
"""What those have that compare groups."""
REPORTS = {
    "statistics": f"{DATA_QUALITY}/statistics.json",
    "constraints": f"{DATA_QUALITY}/constraints.json",
    "evaluation": f"{EVALUATION}/evaluation.json",
    "quality": f"{EVALUATION}/constraints.json",
    "explanations": f"{EVALUATION}/explainability/analysis.json",
    "bias": f"{EVALUATION}/bias/analysis.json",
    "facets": f"{EVALUATION}/bias/analysis_config.json",
    "intervals": f"{EVALUATION}/bias/intervals.json",
}
"""By the name of its digest; later executions compare with all of them."""
_REFERENCES = (":", "@sha256:")
"""What follows the repository in the name of an image: a tag or a digest."""
_EXECUTION_ID = f"{DESCRIBED}.CustomerMetadataProperties.PipelineExecutionId"


class Versions(ABC):
    """Where the versions of an environment come from. What is told as text, machines read or compute."""

    layout: Layout

    @property
    @abstractmethod
    def fixed_name(self) -> str:
        """What the use case's stacks and its endpoint are called after."""

    @property
    @abstractmethod
    def group(self) -> str:
        """The group that holds them, by which they are listed."""

    @abstractmethod
    def stack(self, kind: str) -> str:
        """The name of one of the use case's stacks."""

    @abstractmethod
    def record(self) -> Json:
        """The object that holds the digests of what belongs to a version."""

    def reading(self) -> Json:
        """How often the record is looked for, unless as often as everything is."""
        return {}

    @abstractmethod
    def artifact(self) -> str:
        """What is copied as the model, as S3 names a source."""

    @abstractmethod
    def report(self, name: str) -> str:
        """The same of a report."""


@dataclass(frozen=True)
class Origin(Versions):
    """They come from the environment's own pipelines."""

    name: str
    """The name of a group and its pipeline, with `{}` for the use case."""
    execution_arn: str
    """Of the pipeline's executions, with `{}` for use case and id."""
    repositories: Sequence[str]
    """Of the image: one of them."""
    layout: Layout
    is_followed: bool = False
    """Whether other environments serve these versions, too."""

    @property
    def fixed_name(self) -> str:
        return "$.Package.Group"

    @property
    def group(self) -> str:
        return "$.Package.Group"

    def stack(self, kind: str) -> str:
        return f"States.Format('{{}}-{kind}', $.Package.Group)"

    def record(self) -> Json:
        executions = self.layout.executions
        written = executions.key("{}", "{}", RECORD, RECORD_FILE)
        return {"Bucket": executions.bucket.name, "Key.$": _of_execution(written)}

    def artifact(self) -> str:
        training = self.layout.training
        job = f"States.ArrayGetItem(States.StringSplit({CONTAINER}.ModelDataUrl, '/'), 4)"
        trained = f"{training.bucket.name}/{training.key('{}', '{}', 'output', MODEL_DATA)}"
        return f"States.Format('{trained}', $.UseCase, {job})"

    def report(self, name: str) -> str:
        executions = self.layout.executions
        return _of_execution(f"{executions.bucket.name}/{executions.key('{}', '{}')}/{name}")


def is_served_by_one_image(repositories: Sequence[str]) -> list[Json]:
    """Rules that hold together: there is one container, and its image is of one of these.

    A rule about what is not there ends the execution, and nobody is told; SageMaker demands no image.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageContainerDefinition.html
    """
    image = f"{CONTAINER}.Image"
    patterns = (f"{repository}{by}*" for repository in repositories for by in _REFERENCES)
    return [
        {"Variable": CONTAINER, "IsPresent": True},
        {"Variable": CONTAINER.replace("[0]", "[1]"), "IsPresent": False},
        {"Variable": image, "IsPresent": True},
        {"Or": [{"Variable": image, "StringMatches": pattern} for pattern in patterns]},
    ]


def check_origin(origin: Origin, following: str) -> dict[str, Json]:
    """The version is of the use case's group, in its form, and an execution of its pipeline registered it."""
    artifact = origin.layout.training.uri("*", "output", MODEL_DATA)
    return {
        "NameGroup": {
            "Type": "Pass",
            "Parameters": {"Group.$": f"States.Format('{origin.name}', $.UseCase)"},
            "ResultPath": "$.Expected",
            "Next": "IsFromThePipeline",
        },
        "IsFromThePipeline": choice(
            {
                "And": [
                    {"Variable": "$.Package.Group", "StringEqualsPath": "$.Expected.Group"},
                    {"Variable": _EXECUTION_ID, "IsPresent": True},
                    *is_served_by_one_image(origin.repositories),
                    {"Variable": f"{CONTAINER}.ModelDataUrl", "IsPresent": True},
                    {"Variable": f"{CONTAINER}.ModelDataUrl", "StringMatches": artifact},
                ],
                "Next": "ReadExecution",
            },
            default="RefuseOrigin",
        ),
        "ReadExecution": task(
            "sagemaker:listPipelineExecutionSteps",
            {"PipelineExecutionArn.$": _of_execution(origin.execution_arn), "MaxResults": 100},
            "LookForVersion",
            ResultSelector={"Registered.$": "$.PipelineExecutionSteps[*].Metadata.RegisterModel.Arn"},
            ResultPath="$.Execution",
        ),
        "LookForVersion": {
            "Type": "Pass",
            "Parameters": {"IsThere.$": "States.ArrayContains($.Execution.Registered, $.Package.Arn)"},
            "ResultPath": "$.Found",
            "Next": "HasRegisteredIt",
        },
        "HasRegisteredIt": choice(
            when("$.Found.IsThere", "BooleanEquals", True, following), default="RefuseOrigin"
        ),
        **refuse_origin("The version is not what an execution of the use case's pipeline has registered"),
    }


def refuse_origin(why: str) -> dict[str, Json]:
    return {"RefuseOrigin": {"Type": "Pass", "Result": why, "ResultPath": "$.Error", "Next": TELL_PEOPLE}}


def newest_approved(versions: Versions) -> Json:
    """The request that lists the newest approved version alone."""
    return {
        "ModelPackageGroupName.$": versions.group,
        "ModelApprovalStatus": "Approved",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        "MaxResults": 1,
    }


def keep_record(versions: Origin, following: str) -> dict[str, Json]:
    """For those who follow: where it is, the files have been compared with it, and are all there."""
    models = versions.layout.models
    kept = models.key("{}", "{}", RECORD_FILE)
    return {
        "KeepRecord": task(
            "s3:copyObject",
            {
                "Bucket": models.bucket.name,
                "CopySource.$": versions.report(f"{RECORD}/{RECORD_FILE}"),
                "Key.$": f"States.Format('{kept}', $.UseCase, $.Package.Version)",
                "IfNoneMatch": "*",
            },
            following,
            ResultPath="$.Keeping",
            # A second release finds it there. Who follows waits for it, and is told when it does not come.
            Retry=[],
            Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.Keeping", "Next": following}],
        )
    }


def take_files(versions: Versions, following: str) -> dict[str, Json]:
    """Copies what belongs to the version below its number: what serves, and what is compared with.

    It is compared with what the execution has recorded, which only pipelines write. The artifact is the last:
    where it is, everything is.
    """
    model = _file("model", MODEL_DATA, versions.artifact())
    files = {digest: _file(digest, name, versions.report(name)) for digest, name in REPORTS.items()}
    return {
        "ReadRecord": task(
            "s3:getObject",
            versions.record(),
            "WhatWasRecorded",
            ResultSelector={"Digests.$": "States.StringToJson($.Body)"},
            ResultPath="$.Recorded",
            **versions.reading(),
        ),
        # Versions of earlier pipelines and of use cases without groups have fewer reports.
        "WhatWasRecorded": choice(
            when("$.Recorded.Digests.intervals", "IsPresent", True, "NameFilesWithGroups"),
            when("$.Recorded.Digests.bias", "IsPresent", True, "NameFilesWithBias"),
            when("$.Recorded.Digests.quality", "IsPresent", True, "NameFilesWithQuality"),
            default="NameFiles",
        ),
        **{
            state: _name_files([*(files[name] for name in names), model])
            for state, names in {
                "NameFilesWithGroups": (*MEASURED, *GROUPS),
                "NameFilesWithBias": (*MEASURED, "bias"),
                "NameFilesWithQuality": MEASURED,
                "NameFiles": SERVED,
            }.items()
        },
        "TakeFiles": _for_each_file(versions.layout, following),
    }


def _name_files(files: list[Json]) -> Json:
    return {"Type": "Pass", "Parameters": {"Files": files}, "ResultPath": "$.Named", "Next": "TakeFiles"}


def _of_execution(text: str) -> str:
    return f"States.Format('{text}', $.UseCase, {_EXECUTION_ID})"


def _file(digest: str, name: str, source: str) -> Json:
    return {"Name": name, "Source.$": source, "Digest.$": f"$.Recorded.Digests.{digest}"}


def _for_each_file(layout: Layout, following: str) -> Json:
    kept, candidate = (zone.key("{}", "{}", "{}") for zone in (layout.models, layout.candidates))
    place = "$.UseCase, $.Package.Version, $$.Map.Item.Value.Name"
    return {
        "Type": "Map",
        "ItemsPath": "$.Named.Files",
        "MaxConcurrency": 1,
        "ItemSelector": {
            "Name.$": "$$.Map.Item.Value.Name",
            "Source.$": "$$.Map.Item.Value.Source",
            "Digest.$": "$$.Map.Item.Value.Digest",
            "Candidate.$": f"States.Format('{candidate}', {place})",
            "Kept.$": f"States.Format('{kept}', {place})",
        },
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "CopyCandidate",
            "States": _take_file(layout.models.bucket.name),
        },
        "ResultPath": "$.Taken",
        "Catch": [CATCH],
        "Next": following,
    }


def _take_file(bucket: str) -> dict[str, Json]:
    """S3 computes the digest while it copies, so the copy is looked at, and that very copy is kept.

    What is kept is never written again: a second release finds it, and compares it once more. S3 copies up to
    5 GB in one call, and a larger artifact is refused; with a composite checksum it could not be compared:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    copied = {"Bucket": bucket, "ChecksumAlgorithm": "SHA256"}
    version = f"States.Format('{bucket}/{{}}?versionId={{}}', $.Candidate, $.Copy.VersionId)"
    return {
        "CopyCandidate": call(
            "s3:copyObject",
            {**copied, "CopySource.$": "$.Source", "Key.$": "$.Candidate"},
            "IsAsRegistered",
            ResultSelector={
                "Digest.$": "$.CopyObjectResult.ChecksumSHA256",
                "VersionId.$": "$.VersionId",
            },
            ResultPath="$.Copy",
        ),
        "IsAsRegistered": choice(
            when("$.Copy.Digest", "StringEqualsPath", "$.Digest", "KeepCopy"), default="NotAsRegistered"
        ),
        "KeepCopy": {
            **call(
                "s3:copyObject",
                {**copied, "CopySource.$": version, "Key.$": "$.Kept", "IfNoneMatch": "*"},
                "LookAtKept",
                ResultPath="$.Keeping",
            ),
            # Whatever the reason: what is there, if anything is, is looked at.
            "Retry": [],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.Keeping", "Next": "LookAtKept"}],
        },
        "LookAtKept": call(
            "s3:headObject",
            {"Bucket": bucket, "Key.$": "$.Kept", "ChecksumMode": "ENABLED"},
            "IsKeptAsRegistered",
            ResultPath="$.Head",
        ),
        "IsKeptAsRegistered": choice(
            {
                "And": [
                    {"Variable": "$.Head.ChecksumSHA256", "IsPresent": True},
                    {"Variable": "$.Head.ChecksumSHA256", "StringEqualsPath": "$.Digest"},
                ],
                "Next": "Taken",
            },
            default="NotAsRegistered",
        ),
        "Taken": {"Type": "Succeed"},
        "NotAsRegistered": {
            "Type": "Fail",
            "Error": "NotAsRegistered",
            "CausePath": "States.Format('{} of the version is not what its execution has recorded', $.Name)",
        },
    }
