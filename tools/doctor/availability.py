"""Whether region and account have what the templates name: services, zones, images, closed features."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools.doctor.account import ALWAYS_ENABLED
from tools.doctor.checks import Finding, not_known, ok, problem
from tools.images import digests
from tools.own_image import OwnImage
from tools.refused import missing_right
from tools.synthesized import Json, Synthesized

CLOSED_SINCE = datetime(2026, 7, 30, tzinfo=UTC)
"""https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-availability-change.html"""
CLOSED = {
    "AWS::SageMaker::DataQualityJobDefinition": (
        "list_data_quality_job_definitions",
        "JobDefinitionSummaries",
    ),
    "AWS::SageMaker::MonitoringSchedule": ("list_monitoring_schedules", "MonitoringScheduleSummaries"),
    "AWS::SageMaker::Workteam": ("list_workteams", "Workteams"),
}
"""What only those can create who have used it before, and how one sees that they have."""
SERVICES = {
    "Athena": "athena",
    "CodeBuild": "codebuild",
    "DataBrew": "databrew",
    "Glue": "glue",
    "SageMaker": "sagemaker",
    "Scheduler": "scheduler",
    "StepFunctions": "stepfunctions",
}
"""By the second part of their resource types; those that every region has are left out.

https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-global-infrastructure.html
"""
_INFRASTRUCTURE = "/aws/service/global-infrastructure/services"
_IMAGE = re.compile(r"\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com/[\w/-]+(?:@sha256:[0-9a-f]{64}|:[\w.-]+)?")


def services(environment: Synthesized) -> Iterator[Finding]:
    ssm = boto3.client("ssm", region_name=ALWAYS_ENABLED)
    codes = {SERVICES.get(each["Type"].split("::")[1], "") for each in _resources(environment)} - {""}
    missing = [code for code in sorted(codes) if environment.region not in _regions(ssm, code)]
    if missing:
        change = "another region, or leave the option out that needs it"
        yield problem(f"{environment.region} does not have {', '.join(missing)}", change)
    else:
        yield ok(f"{environment.region} has {', '.join(sorted(codes))}")


def _regions(ssm: Any, code: str) -> set[str]:
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=f"{_INFRASTRUCTURE}/{code}/regions")
    return {each["Value"] for page in pages for each in page["Parameters"]}


def zones(environment: Synthesized) -> Iterator[Finding]:
    declared = {
        each["Properties"]["AvailabilityZone"]
        for each in _resources(environment)
        if each["Type"] == "AWS::EC2::Subnet"
    }
    if not declared:
        return
    ec2 = boto3.client("ec2", region_name=environment.region)
    there = {zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]}
    if missing := declared - there:
        names = ", ".join(sorted(there))
        yield problem(f"this account has no {', '.join(sorted(missing))}", f"availability_zones of {names}")
    else:
        yield ok(f"{', '.join(sorted(declared))}")


def endpoint_services(environment: Synthesized) -> Iterator[Finding]:
    """What a new network reaches AWS by; the youngest of them are not in every region."""
    declared = {
        _text(each["Properties"]["ServiceName"], environment.region)
        for each in _resources(environment)
        if each["Type"] == "AWS::EC2::VPCEndpoint"
    }
    if not declared:
        return
    ec2 = boto3.client("ec2", region_name=environment.region)
    pages = ec2.get_paginator("describe_vpc_endpoint_services").paginate()
    there = {name for page in pages for name in page["ServiceNames"]}
    if missing := declared - there:
        yield problem(
            f"{environment.region} has no VPC endpoints for {', '.join(sorted(missing))}",
            "leave the option out that needs it; of MLflow's, studio.mlflow: tracking-server",
        )
    else:
        yield ok(f"{len(declared)} endpoint services are there")


def images(environment: Synthesized) -> Iterator[Finding]:
    """AWS's own, and the environment's own where it has one."""
    own = OwnImage.of(environment)
    texts = (json.dumps(stack.template) for stack in environment.stacks)
    named = {image for text in texts for image in _IMAGE.findall(text)}
    of_aws = sorted(each for each in named if not each.startswith(environment.account))
    for image in of_aws:
        # A policy names the repository without what is pulled from it.
        if not any(other.startswith((f"{image}:", f"{image}@")) for other in of_aws):
            yield _image(image)
    if own:
        yield _own(own)


def _image(image: str) -> Finding:
    try:
        digests([image])
    except ClientError as error:
        if missing_right(error):
            raise
        told = error.response["Error"]["Message"]
        return problem(f"{image}: {told}", "another version, as docs/operations.md says under Check first")
    return ok(image)


def _own(own: OwnImage) -> Finding:
    try:
        if own.exists(boto3.client("ecr", region_name=own.region)):
            return ok(own.uri)
    except ClientError as error:
        if error.response["Error"]["Code"] != "RepositoryNotFoundException":
            raise
    return ok(f"{own.uri} is built by make deploy")


def closed_features(environment: Synthesized) -> Iterator[Finding]:
    """AWS tells nobody beforehand; but a young account is no old customer, and a schedule shows one."""
    wanted = {each["Type"] for each in _resources(environment)} & CLOSED.keys()
    if not wanted:
        yield ok("nothing of it is closed to new customers")
        return
    change = "monitoring.engine: own, and no workteam; or ask AWS's support"
    created = boto3.client("account", region_name=ALWAYS_ENABLED).get_account_information()
    sagemaker = boto3.client("sagemaker", region_name=environment.region)
    for kind in sorted(wanted):
        operation, member = CLOSED[kind]
        if getattr(sagemaker, operation)()[member]:
            yield ok(f"{kind}: the account has some already")
        elif created["AccountCreatedDate"] >= CLOSED_SINCE:
            yield problem(f"{kind} is closed to accounts as young as this one", change)
        else:
            yield not_known(f"{kind} is closed to new customers, and AWS decides account by account", change)


def _resources(environment: Synthesized) -> Iterable[Json]:
    return [each for stack in environment.stacks for each in stack.template["Resources"].values()]


def _text(value: Any, region: str) -> str:
    if isinstance(value, str):
        return value
    separator, parts = value["Fn::Join"]
    return str(separator).join(part if isinstance(part, str) else region for part in parts)
