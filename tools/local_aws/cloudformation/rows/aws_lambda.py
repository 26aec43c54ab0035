"""Lambda: functions, permissions, versions and aliases."""

from typing import Any

from tools.local_aws.aws_lambda.runtimes import inline_zip
from tools.local_aws.cloudformation.parts import put, reads_back
from tools.local_aws.cloudformation.row import Name, Row, Setting, Tagging, Work

_UPDATE = "UpdateFunctionConfiguration"
# What a function has that does not say: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
_DEFAULTS: dict[str, Any] = {
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "MemorySize": 128,
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
_READ_BACK = {name: name for name in ("Architectures", "Handler", "Role", "Runtime", *_DEFAULTS)}


def _code(work: Work) -> dict[str, Any]:
    code = dict(work.properties["Code"])
    if isinstance(code.get("ZipFile"), str):
        code["ZipFile"] = inline_zip(code["ZipFile"], work.properties.get("Runtime", ""))
    return code


def _arguments(work: Work) -> dict[str, Any]:
    return {**work.properties, "Code": _code(work)}


def _update_code(work: Work) -> None:
    architectures = work.properties.get("Architectures")
    work.call("UpdateFunctionCode", _code(work) | ({"Architectures": architectures} if architectures else {}))


def _set(name: str) -> Setting:
    return put(name, _UPDATE, created_with=True)


def _set_or_default(name: str) -> Setting:
    def restore(work: Work) -> None:
        work.call(_UPDATE, {name: _DEFAULTS[name]})

    return Setting((name,), _set(name).apply, restore, created_with=True)


def _with_statement_id(work: Work) -> dict[str, Any]:
    return {**work.properties, "StatementId": work.fill("{stack}-{logical}-{suffix}")}


ROWS = (
    Row(
        type_name="AWS::Lambda::Function",
        service="lambda",
        create="CreateFunction",
        delete="DeleteFunction",
        reference="{FunctionName}",
        identity={"FunctionName": "{FunctionName}", "Resource": "{Arn}"},
        name=Name("FunctionName", 64),
        arguments=_arguments,
        learns={"Arn": "FunctionArn"},
        settings=(
            Setting(("Code", "Architectures"), _update_code, created_with=True),
            *map(_set, ("Handler", "Role", "Runtime", "KmsKeyArn")),
            *map(_set_or_default, _DEFAULTS),
            put(
                "ReservedConcurrentExecutions",
                "PutFunctionConcurrency",
                remove="DeleteFunctionConcurrency",
            ),
        ),
        tagging=Tagging("TagResource", "UntagResource"),
        checks=(reads_back("GetFunctionConfiguration", {**_READ_BACK, "KmsKeyArn": "KMSKeyArn"}),),
    ),
    Row(
        type_name="AWS::Lambda::Permission",
        service="lambda",
        create="AddPermission",
        delete="RemovePermission",
        reference="{stack}-{logical}-{suffix}",
        identity={"FunctionName": "{FunctionName}", "StatementId": "{stack}-{logical}-{suffix}"},
        arguments=_with_statement_id,
        attributes={"Id": "{stack}-{logical}-{suffix}"},
    ),
    Row(
        type_name="AWS::Lambda::Version",
        service="lambda",
        create="PublishVersion",
        delete="DeleteFunction",
        reference="{FunctionArn}",
        identity={"FunctionName": "{FunctionName}", "Qualifier": "{Version}"},
        learns={"FunctionArn": "FunctionArn", "Version": "Version"},
    ),
    Row(
        type_name="AWS::Lambda::Alias",
        service="lambda",
        create="CreateAlias",
        update="UpdateAlias",
        delete="DeleteAlias",
        reference="{AliasArn}",
        identity={"FunctionName": "{FunctionName}", "Name": "{Name}"},
        learns={"AliasArn": "AliasArn"},
    ),
)
