"""Roles of people: who may bring data, who may train, who may approve. Assumed from this account."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.buckets import Buckets
from stacks.policies import managed_policy
from stacks.statements import allow, deny, list_prefixes, use_key


def create_personas(scope: Construct, *, prefix: str, key: kms.IKey, buckets: Buckets) -> dict[str, iam.Role]:
    """The persona roles of one environment, by the name of the persona."""
    stack = cdk.Stack.of(scope)
    sagemaker = f"arn:aws:sagemaker:{stack.region}:{stack.account}"
    data, artifacts = buckets.data.bucket_arn, buckets.artifacts.bucket_arn
    personas = {
        "DataEngineer": _data_engineer(data),
        "DataScientist": _data_scientist(sagemaker, prefix, data, artifacts),
        "MlopsEngineer": _mlops_engineer(sagemaker, prefix, artifacts, buckets.capture.bucket_arn),
    }
    roles = {}
    for name, statements in personas.items():
        role = iam.Role(
            scope, f"{name}Role", assumed_by=iam.AccountPrincipal(stack.account), description=name
        )
        managed_policy(
            scope,
            f"{name}Policy",
            role=role,
            description=name,
            statements=[*statements, use_key(key.key_arn)],
        )
        roles[name] = role
    return roles


def _data_engineer(data: str) -> list[iam.PolicyStatement]:
    zones = ["raw/*", "ground-truth/*"]
    return [
        allow("DeliverData", ["s3:GetObject", "s3:PutObject"], [f"{data}/{zone}" for zone in zones]),
        list_prefixes("ListDeliveries", data, zones),
    ]


def _data_scientist(sagemaker: str, prefix: str, data: str, artifacts: str) -> list[iam.PolicyStatement]:
    return [
        _read_sagemaker(),
        allow(
            "RunPipelines",
            [
                "sagemaker:RetryPipelineExecution",
                "sagemaker:StartPipelineExecution",
                "sagemaker:StopPipelineExecution",
            ],
            [f"{sagemaker}:pipeline/{prefix}-*"],
        ),
        allow("ReadProcessedData", ["s3:GetObject"], [f"{data}/processed/*"]),
        list_prefixes("ListProcessedData", data, ["processed/*"]),
        allow("ReadReports", ["s3:GetObject"], [f"{artifacts}/executions/*", f"{artifacts}/training/*"]),
        list_prefixes("ListReports", artifacts, ["executions/*", "training/*"]),
        _read_logs(sagemaker),
        deny(
            "NeverApprove",
            ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"],
            ["*"],
            {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}},
        ),
    ]


def _mlops_engineer(sagemaker: str, prefix: str, artifacts: str, capture: str) -> list[iam.PolicyStatement]:
    read_prefixes = ["executions/*", "models/*", "monitoring/*"]
    return [
        _read_sagemaker(),
        allow(
            "DecideOnModels",
            ["sagemaker:UpdateModelPackage"],
            [f"{sagemaker}:model-package/{prefix}-*"],
            {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}},
        ),
        allow("InvokeEndpoints", ["sagemaker:InvokeEndpoint"], [f"{sagemaker}:endpoint/{prefix}-*"]),
        allow(
            "PauseMonitors",
            ["sagemaker:StartMonitoringSchedule", "sagemaker:StopMonitoringSchedule"],
            [f"{sagemaker}:monitoring-schedule/{prefix}-*"],
        ),
        allow("ReadAlarms", ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"], ["*"]),
        allow("ReadReports", ["s3:GetObject"], [f"{artifacts}/{read}" for read in read_prefixes]),
        list_prefixes("ListReports", artifacts, read_prefixes),
        allow("ReadCapturedData", ["s3:GetObject"], [f"{capture}/*"]),
        allow("ListCapturedData", ["s3:ListBucket"], [capture]),
        _read_logs(sagemaker),
    ]


def _read_sagemaker() -> iam.PolicyStatement:
    return allow("ReadSageMaker", ["sagemaker:Describe*", "sagemaker:List*"], ["*"])


def _read_logs(sagemaker: str) -> iam.PolicyStatement:
    groups = f"{sagemaker.replace(':sagemaker:', ':logs:')}:log-group:/aws/sagemaker/*"
    return allow(
        "ReadLogs", ["logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents"], [groups]
    )
