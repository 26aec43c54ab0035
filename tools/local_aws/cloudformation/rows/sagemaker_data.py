"""SageMaker: feature groups and work teams."""

from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.parts import wait_for_status
from tools.local_aws.cloudformation.row import Name, Row, Tagging, Work

_COGNITO_NAMES = {
    "CognitoUserPool": "UserPool",
    "CognitoUserGroup": "UserGroup",
    "CognitoClientId": "ClientId",
}


def _feature_group_arguments(work: Work) -> dict[str, Any]:
    """A feature group can be given more features, and loses none."""
    if work.phase == "create":
        return dict(work.properties)
    before, after = work.previous["FeatureDefinitions"], work.properties["FeatureDefinitions"]
    if any(feature not in after for feature in before):
        raise ResourceError("Features of a feature group can be added, not changed or removed.")
    return {"FeatureAdditions": [feature for feature in after if feature not in before]}


def _workteam_arguments(work: Work) -> dict[str, Any]:
    """The API leaves `Cognito` out of the names of members."""
    definitions = [dict(definition) for definition in work.properties["MemberDefinitions"]]
    for definition in definitions:
        member = definition.get("CognitoMemberDefinition")
        if member:
            renamed = {_COGNITO_NAMES.get(name, name): value for name, value in member.items()}
            definition["CognitoMemberDefinition"] = renamed
    return {**work.properties, "MemberDefinitions": definitions}


ROWS = (
    Row(
        type_name="AWS::SageMaker::FeatureGroup",
        service="sagemaker",
        create="CreateFeatureGroup",
        update="UpdateFeatureGroup",
        delete="DeleteFeatureGroup",
        reference="{FeatureGroupName}",
        identity={"FeatureGroupName": "{FeatureGroupName}"},
        learns={"FeatureGroupArn": "FeatureGroupArn"},
        arguments=_feature_group_arguments,
        settle=wait_for_status(
            "DescribeFeatureGroup", "FeatureGroupStatus", done=("Created",), failed=("CreateFailed",)
        ),
    ),
    Row(
        type_name="AWS::SageMaker::Workteam",
        service="sagemaker",
        create="CreateWorkteam",
        update="UpdateWorkteam",
        delete="DeleteWorkteam",
        reference="{WorkteamArn}",
        identity={"WorkteamName": "{WorkteamName}", "ResourceArn": "{WorkteamArn}"},
        learns={"WorkteamArn": "WorkteamArn"},
        name=Name("WorkteamName", 63),
        arguments=_workteam_arguments,
        tagging=Tagging("AddTags", "DeleteTags"),
    ),
)
