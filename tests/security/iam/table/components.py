"""Models on a shared endpoint: what they act as, who asks them, and that people keep to their use case."""

from tests.security.iam.rows import Row, may, never, where
from tests.security.iam.table.jobs import (
    ANSWER,
    LOG,
    MODEL,
    NETWORK_ACTIONS,
    PROCESSED,
    RAW,
    REQUEST,
    SERVED,
    what_every_container_does,
)
from tests.security.iam.table.people import PEOPLE

_WHO = "shared-endpoint"
_ENDPOINT = "{sagemaker}:endpoint/{env}-shared"
_COMPONENT = "{sagemaker}:inference-component/{env}-{use-case}"
_LOG = "{logs}:log-group:/aws/sagemaker/InferenceComponents/{env}-{use-case}:log-stream:AllTraffic/1"
_SET_COPIES = "sagemaker:UpdateInferenceComponentRuntimeConfig"
_MINE = {"aws:PrincipalTag/use-case": "{use-case}"}
_ROLE = [
    *what_every_container_does(_WHO, _LOG),
    *may(_WHO, NETWORK_ACTIONS, "*", "it runs in the VPC"),
    *never(_WHO, "logs:PutLogEvents", f"{LOG}:log-stream:{{env}}-pipeline-Train/1", "jobs speak for themselves"),
    *may(_WHO, "s3:GetObject", SERVED, "it loads the models that the release has taken"),
    *may(_WHO, "cloudwatch:DescribeAlarms", "*", "automatic rollback looks at alarms with its role"),
    *never(_WHO, "s3:GetObject", [RAW, PROCESSED, MODEL, REQUEST, ANSWER], "it knows what serves, no more"),
    *never(_WHO, "s3:PutObject", [ANSWER, "{capture}/{env}-{use-case}/AllTraffic/1.jsonl"], "nothing of it is recorded"),
    *never(_WHO, "s3:PutObject", SERVED, "it must not change what it serves", given={"s3:if-none-match": "*"}),
    *may("sagemaker.amazonaws.com", "sts:AssumeRole", "{role:shared-endpoint}", "SageMaker runs models with it",
         only={"aws:SourceAccount": "{account}"}, anywhere=True),
    *never("lambda.amazonaws.com", "sts:AssumeRole", "{role:shared-endpoint}", "it is for models",
           given={"aws:SourceAccount": "{account}"}),
]  # fmt: skip


def _of_people(who: str) -> list[Row]:
    return [
        *may(who, "sagemaker:DescribeInferenceComponent", _COMPONENT, "people see what serves"),
        *may(who, "logs:FilterLogEvents logs:GetLogEvents", _LOG, "and what it says"),
        *never(who, "sagemaker:CreateInferenceComponent sagemaker:DeleteInferenceComponent "
               "sagemaker:UpdateInferenceComponent", _COMPONENT, "deploying is CDK's"),
    ]  # fmt: skip


_OPERATOR = [
    *may("mlops-engineer", f"sagemaker:InvokeEndpoint {_SET_COPIES}", _COMPONENT,
         "who operates endpoints operates the models on the shared one"),
    *may("mlops-engineer", "sagemaker:InvokeEndpoint", _ENDPOINT, "the endpoint is everybody's", anywhere=True,
         given={**_MINE, "aws:ResourceTag/use-case": "shared"}),
    *may("mlops-engineer", f"sagemaker:InvokeEndpoint {_SET_COPIES}", _COMPONENT, "people of a use case ask its model",
         anywhere=True, given={**_MINE, "aws:ResourceTag/use-case": "{use-case}"}),
    *never("mlops-engineer", f"sagemaker:InvokeEndpoint {_SET_COPIES}", _COMPONENT, "another use case is its people's",
           given={**_MINE, "aws:ResourceTag/use-case": "elsewhere"}),
    *never("mlops-engineer", f"sagemaker:InvokeEndpoint {_SET_COPIES}", _COMPONENT, "what belongs to no use case is nobody's",
           given=_MINE),
    *(row for who in ("data-scientist", "data-engineer") for row in never(
        who, f"sagemaker:InvokeEndpoint {_SET_COPIES}", _COMPONENT, "who operates asks")),
    *may("release", "sagemaker:DescribeInferenceComponent", _COMPONENT, "it looks whether the version serves"),
    *never("release", f"sagemaker:UpdateInferenceComponent {_SET_COPIES}", _COMPONENT, "the stack changes it"),
]  # fmt: skip

ROWS = [
    *where("SharedEndpointPolicy", [row for who in PEOPLE for row in _of_people(who)]),
    *where("SharedEndpointPolicy", [*_ROLE, *_OPERATOR]),
]
