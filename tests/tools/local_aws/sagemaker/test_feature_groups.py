"""Feature groups have an offline store with a table; work teams are groups of people who exist."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import make_role, unique
from tools.local_aws.process import LocalAws

SAGEMAKER = {"Service": "sagemaker.amazonaws.com"}
FEATURES = [
    {"FeatureName": "record_id", "FeatureType": "String"},
    {"FeatureName": "event_time", "FeatureType": "String"},
    {"FeatureName": "Area", "FeatureType": "Fractional"},
]


def request_for(aws: LocalAws, *actions: str, **changes: Any) -> dict[str, Any]:
    bucket = unique("features")
    aws.client("s3").create_bucket(Bucket=bucket)
    statements = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}] if actions else []
    return {
        "FeatureGroupName": unique("group"),
        "RecordIdentifierFeatureName": "record_id",
        "EventTimeFeatureName": "event_time",
        "FeatureDefinitions": FEATURES,
        "RoleArn": make_role(aws, SAGEMAKER, *statements),
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": f"s3://{bucket}/features"}},
    } | changes


def test_the_offline_store_has_a_table(local_aws: LocalAws) -> None:
    sagemaker, request = local_aws.client("sagemaker"), request_for(local_aws, "s3:GetBucketAcl")
    sagemaker.create_feature_group(**request)
    group = sagemaker.describe_feature_group(FeatureGroupName=request["FeatureGroupName"])
    assert group["FeatureGroupStatus"] == "Created"
    catalog = group["OfflineStoreConfig"]["DataCatalogConfig"]
    table = local_aws.client("glue").get_table(DatabaseName=catalog["Database"], Name=catalog["TableName"])
    columns = [column["Name"] for column in table["Table"]["StorageDescriptor"]["Columns"]]
    assert columns == ["record_id", "event_time", "area", "write_time", "is_deleted"]


def test_a_role_that_may_not_see_the_bucket_is_refused(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="s3:GetBucketAcl"):
        local_aws.client("sagemaker").create_feature_group(**request_for(local_aws))


def test_a_taken_name_is_refused_until_the_group_is_deleted(local_aws: LocalAws) -> None:
    sagemaker, request = local_aws.client("sagemaker"), request_for(local_aws, "s3:GetBucketAcl")
    sagemaker.create_feature_group(**request)
    with pytest.raises(ClientError, match="already exists"):
        sagemaker.create_feature_group(**request)
    sagemaker.delete_feature_group(FeatureGroupName=request["FeatureGroupName"])
    sagemaker.create_feature_group(**request)


def test_features_can_be_added(local_aws: LocalAws) -> None:
    sagemaker, request = local_aws.client("sagemaker"), request_for(local_aws, "s3:GetBucketAcl")
    name = {"FeatureGroupName": request["FeatureGroupName"]}
    sagemaker.create_feature_group(**request)
    sagemaker.update_feature_group(
        **name, FeatureAdditions=[{"FeatureName": "Street", "FeatureType": "String"}]
    )
    assert len(sagemaker.describe_feature_group(**name)["FeatureDefinitions"]) == len(FEATURES) + 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"RecordIdentifierFeatureName": "id"}, "RecordIdentifierFeatureName id is not in"),
        ({"FeatureDefinitions": [*FEATURES, FEATURES[2]]}, "must be unique"),
        (
            {"FeatureDefinitions": [*FEATURES, {"FeatureName": "write_time", "FeatureType": "String"}]},
            "reserved",
        ),
    ],
)
def test_features_that_contradict_themselves_are_refused(
    local_aws: LocalAws, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        local_aws.client("sagemaker").create_feature_group(**request_for(local_aws, **changes))


def test_a_work_team_is_made_of_groups_of_a_user_pool(local_aws: LocalAws) -> None:
    cognito, sagemaker = local_aws.client("cognito-idp"), local_aws.client("sagemaker")
    pool = cognito.create_user_pool(PoolName="labellers")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="labels")["UserPoolClient"][
        "ClientId"
    ]
    cognito.create_group(UserPoolId=pool, GroupName="experts")
    member = {"UserPool": pool, "ClientId": client, "UserGroup": "experts"}
    name = unique("team")
    sagemaker.create_workteam(
        WorkteamName=name, Description="labels", MemberDefinitions=[{"CognitoMemberDefinition": member}]
    )
    team = sagemaker.describe_workteam(WorkteamName=name)["Workteam"]
    assert team["MemberDefinitions"] == [{"CognitoMemberDefinition": member}]
    unknown = {**member, "UserGroup": "nobody"}
    with pytest.raises(ClientError, match="nobody"):
        sagemaker.update_workteam(WorkteamName=name, MemberDefinitions=[{"CognitoMemberDefinition": unknown}])
    assert sagemaker.delete_workteam(WorkteamName=name)["Success"] is True
