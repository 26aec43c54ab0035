"""What can be seen of an environment after a model's life in it, in words that are the same in every account.

A rehearsal writes them down; `make smoke` looks at another account and tells what differs.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Aws
from tools.rehearse.served import Served
from tools.synthesized import Json

FILE = "observations.json"
_RECORDS_READ = 1


@dataclass(frozen=True)
class Place:
    """Where one looks: one use case in one environment."""

    aws: Aws
    prefix: str
    use_case: str
    outputs: Mapping[str, str]
    """Of the foundation."""

    @property
    def name(self) -> str:
        """Of the pipeline, the group of versions and the endpoint."""
        return f"{self.prefix}-{self.use_case}"


def observe(place: Place) -> dict[str, Any]:
    """Look without changing anything; what cannot be seen is told by its error."""
    observed = {}
    for name, look in _LOOKS.items():
        try:
            observed[name] = _in_general(look(place), place)
        except (ClientError, IndexError, KeyError, RehearsalError, StopIteration) as error:
            observed[name] = _in_general(f"{type(error).__name__}: {error}", place)
    return observed


def _in_general(value: Any, place: Place) -> Any:
    """Without what is another in each account."""
    text = json.dumps(value, sort_keys=True, default=str)
    known = {place.prefix: "<prefix>", place.aws.account: "<account>", place.aws.region: "<region>"}
    for own, general in known.items():
        text = text.replace(own, general)
    return json.loads(text)


def _stacks(place: Place) -> dict[str, str]:
    pages = place.aws.client("cloudformation").get_paginator("describe_stacks").paginate()
    stacks = [stack for page in pages for stack in page["Stacks"]]
    return {
        stack["StackName"]: _settled(stack["StackStatus"])
        for stack in stacks
        if stack["StackName"].startswith(f"{place.prefix}-")
    }


def _settled(status: str) -> str:
    """How often a stack has been changed is no difference."""
    return "as deployed" if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") else status


def _newest_execution(place: Place) -> str:
    found = place.aws.client("sagemaker").list_pipeline_executions(
        PipelineName=place.name, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )
    return str(found["PipelineExecutionSummaries"][0]["PipelineExecutionArn"])


def _steps(place: Place) -> list[Json]:
    return list(
        place.aws.client("sagemaker").list_pipeline_execution_steps(
            PipelineExecutionArn=_newest_execution(place), SortOrder="Ascending"
        )["PipelineExecutionSteps"]
    )


def _step_statuses(place: Place) -> dict[str, str]:
    return {
        step["StepName"]: step["StepStatus"]
        + (f": {step['FailureReason']}" if "FailureReason" in step else "")
        for step in _steps(place)
    }


def _training_metrics(place: Place) -> list[str]:
    job = place.aws.client("sagemaker").describe_training_job(TrainingJobName=_training(place))
    return sorted(metric["MetricName"] for metric in job.get("FinalMetricDataList", []))


def _training(place: Place) -> str:
    """The name of the newest execution's training, or of the best one where it has tuned."""
    started = {
        kind: content["Arn"].split("/")[-1]
        for step in _steps(place)
        for kind, content in step["Metadata"].items()
        if kind in ("TrainingJob", "TuningJob")
    }
    if "TuningJob" not in started:
        return str(started["TrainingJob"])
    tuned = place.aws.client("sagemaker").describe_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=started["TuningJob"]
    )
    return str(tuned["BestTrainingJob"]["TrainingJobName"])


def _versions(place: Place) -> list[str]:
    versions = place.aws.client("sagemaker").list_model_packages(ModelPackageGroupName=place.name)
    return sorted({version["ModelPackageStatus"] for version in versions["ModelPackageSummaryList"]})


def _endpoint(place: Place) -> Json:
    """Its own one, or the one that its component shares."""
    sagemaker, served = place.aws.client("sagemaker"), Served.of(place.aws, place.name)
    endpoint = sagemaker.describe_endpoint(EndpointName=served.endpoint)
    configuration = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    return {
        "status": endpoint["EndpointStatus"],
        "variants": [variant["VariantName"] for variant in endpoint["ProductionVariants"]],
        "capture": endpoint.get("DataCaptureConfig", {}).get("CaptureStatus"),
        "encrypted": "KmsKeyId" in configuration,
    }


def _captured(place: Place) -> Json:
    """The first captured request: its members and how both of its halves are kept."""
    s3, bucket = place.aws.client("s3"), place.outputs["CaptureBucketName"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{place.name}/AllTraffic/", MaxKeys=_RECORDS_READ)
    body = s3.get_object(Bucket=bucket, Key=listed["Contents"][0]["Key"])["Body"].read()
    record = json.loads(body.splitlines()[0])
    halves = {
        half: {member: value for member, value in content.items() if member != "data"}
        for half, content in record["captureData"].items()
    }
    return {"members": sorted(record), "metadata": sorted(record["eventMetadata"]), "kept": halves}


def _metrics(namespace: str) -> Callable[[Place], list[str]]:
    def look(place: Place) -> list[str]:
        name = namespace.format(prefix=place.prefix)
        pages = place.aws.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=name)
        metrics = [metric for page in pages for metric in page["Metrics"]]
        return sorted({_described(metric) for metric in metrics if _is_about(metric, place.name)})

    return look


def _described(metric: Json) -> str:
    return f"{metric['MetricName']} by {', '.join(sorted(each['Name'] for each in metric['Dimensions']))}"


def _is_about(metric: Json, name: str) -> bool:
    dimensions = metric["Dimensions"]
    return any(each["Value"].startswith(name) for each in dimensions) and not _is_of_nights(dimensions)


def _is_of_nights(dimensions: Sequence[Json]) -> bool:
    """Whether it is about batches: a rehearsal lives nights, and nobody waits for one in an account."""
    return any(each["Name"] == "Batch" for each in dimensions)


def _alarms(place: Place) -> dict[str, str]:
    pages = (
        place.aws.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    )
    return {
        alarm["AlarmDescription"]: alarm["StateValue"]
        for page in pages
        for alarm in page["MetricAlarms"]
        if place.name in alarm.get("AlarmDescription", "") and not _is_of_nights(_dimensions(alarm))
    }


def _dimensions(alarm: Json) -> list[Json]:
    """Of its metric, or of all from which it is computed."""
    stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    return [dimension for metric in (alarm, *stats) for dimension in metric.get("Dimensions", ())]


def _executions(machine: str) -> Callable[[Place], str]:
    def look(place: Place) -> str:
        arn = f"arn:aws:states:{place.aws.region}:{place.aws.account}:stateMachine:"
        name = machine.format(prefix=place.prefix, use_case=place.use_case)
        executions = place.aws.client("stepfunctions").list_executions(
            stateMachineArn=arn + name, maxResults=1
        )
        return str(executions["executions"][0]["status"])

    return look


def _logs(place: Place) -> dict[str, bool]:
    """Which log groups have something in them."""
    groups = (
        *("/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs"),
        f"/aws/sagemaker/Endpoints/{place.name}",
    )
    client = place.aws.client("logs")
    return {
        group: bool(client.describe_log_streams(logGroupName=group, limit=1)["logStreams"])
        for group in groups
    }


def _default_security_groups(place: Place) -> list[str]:
    """What the default security groups of the environment's networks let through."""
    ec2 = place.aws.client("ec2")
    ours = [{"Name": "tag:environment", "Values": [place.prefix]}]
    networks = [vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=ours)["Vpcs"]]
    return sorted(_rules(ec2, networks)) if networks else []


def _rules(ec2: Any, networks: list[str]) -> Iterator[str]:
    default = [{"Name": "group-name", "Values": ["default"]}, {"Name": "vpc-id", "Values": networks}]
    for group in ec2.describe_security_groups(Filters=default)["SecurityGroups"]:
        for kind in ("IpPermissions", "IpPermissionsEgress"):
            yield from (f"{kind} {rule['IpProtocol']}" for rule in group[kind])


def _studio(place: Place) -> Json:
    sagemaker = place.aws.client("sagemaker")
    domains = [each for each in sagemaker.list_domains()["Domains"] if each["DomainName"] == place.prefix]
    people = [
        profile["UserProfileName"]
        for domain in domains
        for profile in sagemaker.list_user_profiles(DomainIdEquals=domain["DomainId"])["UserProfiles"]
    ]
    return {"domains": [domain["Status"] for domain in domains], "people": sorted(people)}


_LOOKS: Mapping[str, Callable[[Place], Any]] = {
    "stacks": _stacks,
    "steps of the newest pipeline execution": _step_statuses,
    "metrics that SageMaker has read from the log of training": _training_metrics,
    "statuses of model versions": _versions,
    "endpoint": _endpoint,
    "a captured request": _captured,
    "metrics of the endpoint": _metrics("AWS/SageMaker"),
    "metrics of the monitor": _metrics("{prefix}/data-quality"),
    "alarms": _alarms,
    "newest release": _executions("{prefix}-release"),
    "newest execution of the monitor": _executions("{prefix}-{use_case}-monitor"),
    "log groups with something in them": _logs,
    "rules of default security groups": _default_security_groups,
    "studio": _studio,
}
