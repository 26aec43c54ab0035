"""What nobody may start, whatever else they are allowed: the guardrails, tried on somebody who may do everything."""

from collections.abc import Iterable
from dataclasses import replace

from config.models.environment import Environment
from tests.security.iam.rows import GUARDED, OTHER_ACCOUNT, TRACKING, Context, Row, never

_NAMES = {
    "CreateApp": "app/d-1/person/JupyterLab/default",
    "CreateSpace": "space/d-1/notebooks",
    "UpdateSpace": "space/d-1/notebooks",
    "CreateModel": "model/{env}-x",
    "CreateEndpointConfig": "endpoint-config/{env}-x",
    "CreateTransformJob": "transform-job/{env}-x",
    "CreateTrainingJob": "training-job/{env}-x",
    "CreateProcessingJob": "processing-job/{env}-x",
    "CreateHyperParameterTuningJob": "hyper-parameter-tuning-job/{env}-x",
    "CreateDataQualityJobDefinition": "data-quality-job-definition/{env}-x",
    "CreateModelQualityJobDefinition": "model-quality-job-definition/{env}-x",
    "CreateModelBiasJobDefinition": "model-bias-job-definition/{env}-x",
    "CreateModelExplainabilityJobDefinition": "model-explainability-job-definition/{env}-x",
    "CreateMonitoringSchedule": "monitoring-schedule/{env}-x",
    "UpdateMonitoringSchedule": "monitoring-schedule/{env}-x",
}
"""What each action is about."""
STUDIO = ("CreateApp", "CreateSpace", "UpdateSpace")
JOBS = tuple(name for name in _NAMES if ("Job" in name and "Transform" not in name) or "Monitoring" in name)
IN_VPC = (*JOBS, "CreateModel")
WITH_OUTPUT = (*JOBS, "CreateTransformJob")
WITH_VOLUME = (*WITH_OUTPUT, "CreateEndpointConfig")
WITH_INSTANCES = (*WITH_VOLUME, *STUDIO)

_FOREIGN_KEY = f"arn:aws:kms:{{region}}:{OTHER_ACCOUNT}:key/elsewhere"
_VPC = {
    "sagemaker:VpcSubnets": ("{subnet}", "{subnet2}"),
    "sagemaker:VpcSecurityGroupIds": ("{security-group}",),
}


def proper(action: str, *, spelling: str = "Arn") -> dict[str, str | tuple[str, ...]]:
    """The context of a request that all guardrails let pass, with one of the two spellings of the keys' keys."""
    context: dict[str, str | tuple[str, ...]] = {}
    if action in IN_VPC:
        context |= {**_VPC, "sagemaker:NetworkIsolation": "true"}
    if action in JOBS:
        context["sagemaker:InterContainerTrafficEncryption"] = "true"
    if action in WITH_VOLUME:
        context[f"sagemaker:VolumeKmsKey{spelling}"] = "{key}"
    if action in WITH_OUTPUT:
        context[f"sagemaker:OutputKmsKey{spelling}"] = "{key}"
    if action in WITH_INSTANCES:
        context["sagemaker:InstanceTypes"] = ("{instance-type}",)
    return context


def _allowed(action: str, why: str, context: Context) -> Row:
    return Row(GUARDED, f"sagemaker:{action}", _resource(action), True, why, context)


def _denied(action: str, why: str, changes: Context, *, spelling: str = "Arn") -> list[Row]:
    """The proper request with some keys changed; an empty value leaves the key out."""
    context = {key: value for key, value in {**proper(action, spelling=spelling), **changes}.items() if value}
    return never(GUARDED, f"sagemaker:{action}", _resource(action), why, given=context)


def _resource(action: str) -> str:
    return f"{{sagemaker}}:{_NAMES[action]}"


def _network(action: str) -> Iterable[Row]:
    subnets, groups = "sagemaker:VpcSubnets", "sagemaker:VpcSecurityGroupIds"
    yield from _denied(action, "a job outside the VPC", {subnets: "", groups: ""})
    yield from _denied(action, "subnets are missing", {subnets: ""})
    yield from _denied(action, "security groups are missing", {groups: ""})
    yield from _denied(action, "a foreign subnet", {subnets: ("subnet-elsewhere",)})
    yield from _denied(action, "one foreign subnet among ours", {subnets: ("{subnet}", "subnet-elsewhere")})
    yield from _denied(action, "a foreign security group", {groups: ("sg-elsewhere",)})
    yield from _denied(action, "one foreign group among ours", {groups: ("{security-group}", "sg-elsewhere")})


def _isolation(action: str) -> Iterable[Row]:
    yield from _denied(action, "the internet stays in reach", {"sagemaker:NetworkIsolation": "false"})
    yield from _denied(action, "silence means no isolation", {"sagemaker:NetworkIsolation": ""})


def _traffic(action: str) -> Iterable[Row]:
    key = "sagemaker:InterContainerTrafficEncryption"
    yield from _denied(action, "clear text between containers", {key: "false"})
    yield from _denied(action, "silence means clear text", {key: ""})


def _key(action: str, name: str) -> Iterable[Row]:
    yield from _denied(action, f"{name} is missing in both spellings", {f"sagemaker:{name}Arn": ""})
    for spelling in ("", "Arn"):
        foreign = {f"sagemaker:{name}{spelling}": _FOREIGN_KEY}
        yield from _denied(action, f"a foreign {name}, spelled {name}{spelling}", foreign, spelling=spelling)


def _instances(action: str) -> Iterable[Row]:
    key = "sagemaker:InstanceTypes"
    yield from _denied(action, "an instance type that nobody budgeted", {key: ("ml.elsewhere.large",)})
    yield from _denied(
        action, "one expensive type among others", {key: ("{instance-type}", "ml.elsewhere.large")}
    )


def _images(action: str) -> Iterable[Row]:
    image = "{sagemaker}:image/{env}-x"
    aws_image = "arn:aws:sagemaker:{region}:885854791233:image/sagemaker-distribution-cpu"
    key, context = "sagemaker:ImageArns", proper(action)
    yield _allowed(action, "an image that this environment registered", {**context, key: (image,)})
    yield _allowed(action, "AWS's own Studio image", {**context, key: (aws_image,)})
    yield from _denied(action, "somebody's image", {key: ("{sagemaker}:image/elsewhere",)})
    yield from _denied(action, "one foreign among ours", {key: (image, "{sagemaker}:image/x")})


_OF_ALL = [
    *(_allowed(action, "everything is as it must be", proper(action)) for action in _NAMES),
    *(
        _allowed(action, "the old spelling of the same keys", proper(action, spelling=""))
        for action in WITH_VOLUME
    ),
    *(row for action in IN_VPC for row in _network(action)),
    *(row for action in JOBS for row in _traffic(action)),
    *(row for action in WITH_VOLUME for row in _key(action, "VolumeKmsKey")),
    *(row for action in WITH_OUTPUT for row in _key(action, "OutputKmsKey")),
    *(row for action in WITH_INSTANCES for row in _instances(action)),
    *(row for action in STUDIO for row in _images(action)),
    *(
        _allowed(action, "an instance type of the configuration",
                 {**proper(action), "sagemaker:InstanceTypes": (f"{{instance-type:{instance_type}}}",)})
        for action in ("CreateProcessingJob", "CreateTrainingJob")
        for instance_type in Environment.model_fields["allowed_instance_types"].default
    ),
    *(
        Row(GUARDED, f"sagemaker:{action}", _resource(action), True, "apps without an instance of their own",
            {"sagemaker:InstanceTypes": ("system",)})
        for action in STUDIO
    ),
]  # fmt: skip
ROWS = [
    *_OF_ALL,
    *(row for action in IN_VPC for row in _isolation(action)),
    *(replace(row, who=TRACKING) for row in _OF_ALL),
]
