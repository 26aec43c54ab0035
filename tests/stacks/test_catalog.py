"""The catalog: what is found, what it must satisfy, who may query it, and how all of it is encrypted."""

import json
from typing import Any

import pytest

from config.settings import Settings, UseCase
from stacks.catalog.columns import catalog_columns, feature_names
from stacks.catalog.data_quality_rules import data_quality_rules
from stacks.catalog.feature_groups import feature_definitions
from tests.stacks.cloud import Cloud, Resource
from tools.local_aws.glue.data_quality import rules_of

GB = 1000**3


@pytest.fixture
def use_case(settings: Settings) -> UseCase:
    return settings.use_cases["house-prices"]


def _is_the_key(cloud: Cloud, resource: Resource, *path: str) -> bool:
    return cloud.the_one(resource, *path).type == "AWS::KMS::Key"


def test_a_crawler_looks_below_the_raw_data_of_its_use_case_only(cloud: Cloud) -> None:
    for crawler in cloud.of_type("AWS::Glue::Crawler"):
        (target,) = crawler.get("Targets", "S3Targets")
        use_case = str(crawler.get("Name")).removeprefix(f"{crawler.template.environment}-")
        assert target["Path"]["Fn::Join"][1][-1] == f"/raw/{use_case}/", crawler
        (bucket,) = cloud.referenced(crawler.template, target["Path"])
        assert bucket.logical_id.startswith("Data"), crawler


def test_what_a_crawler_writes_is_encrypted_with_the_key_of_the_environment(cloud: Cloud) -> None:
    for crawler in cloud.of_type("AWS::Glue::Crawler"):
        name = crawler.get("CrawlerSecurityConfiguration")
        (configuration,) = [
            resource
            for resource in cloud.of_type("AWS::Glue::SecurityConfiguration")
            if resource.template.environment == crawler.template.environment and resource.get("Name") == name
        ]
        encryption = configuration.get("EncryptionConfiguration")
        assert encryption["S3Encryptions"][0]["S3EncryptionMode"] == "SSE-KMS"
        for part, mode in (
            ("CloudWatchEncryption", "CloudWatchEncryptionMode"),
            ("JobBookmarksEncryption", "JobBookmarksEncryptionMode"),
        ):
            assert encryption[part][mode] in ("SSE-KMS", "CSE-KMS")
            assert _is_the_key(cloud, configuration, "EncryptionConfiguration", part, "KmsKeyArn")


def test_a_crawler_and_its_rules_speak_of_the_same_table(cloud: Cloud) -> None:
    for rules in cloud.of_type("AWS::Glue::DataQualityRuleset"):
        (crawler,) = [
            resource
            for resource in cloud.of_type("AWS::Glue::Crawler")
            if resource.template is rules.template and resource.get("Name") == rules.get("Name")
        ]
        folder = crawler.get("Targets", "S3Targets")[0]["Path"]["Fn::Join"][1][-1].strip("/").split("/")[-1]
        table = f"{crawler.get('TablePrefix')}{folder.replace('-', '_')}"
        assert rules.get("TargetTable") == {"DatabaseName": crawler.get("DatabaseName"), "TableName": table}


def test_queries_cannot_leave_the_limits_of_their_workgroup(cloud: Cloud) -> None:
    for workgroup in cloud.of_type("AWS::Athena::WorkGroup"):
        configuration = workgroup.get("WorkGroupConfiguration")
        assert configuration["EnforceWorkGroupConfiguration"] is True
        assert configuration["BytesScannedCutoffPerQuery"] == 10 * GB
        path = ("WorkGroupConfiguration", "ResultConfiguration", "EncryptionConfiguration")
        assert workgroup.get(*path, "EncryptionOption") == "SSE_KMS"
        assert _is_the_key(cloud, workgroup, *path, "KmsKey")


def test_the_rules_are_dqdl_about_every_column(use_case: UseCase) -> None:
    rules = rules_of(data_quality_rules(use_case))
    for column in use_case.columns:
        assert f'ColumnExists "{column.lower()}"' in rules
    assert 'IsComplete "sale_price"' in rules


def test_a_target_whose_logarithm_is_learned_must_be_positive(use_case: UseCase) -> None:
    positive = 'ColumnValues "sale_price" > 0'
    assert positive in data_quality_rules(use_case)
    plain = use_case.model_copy(update={"target_transform": "none"})
    assert positive not in data_quality_rules(plain)


def test_numeric_columns_may_have_gaps_but_the_target_may_not(use_case: UseCase) -> None:
    rules = data_quality_rules(use_case)
    assert 'ColumnDataType "lot_area" = "Double" with threshold > 0.5' in rules
    assert 'ColumnDataType "sale_price" = "Double",' in rules
    assert "neighborhood" in rules
    assert 'ColumnDataType "neighborhood"' not in rules


def test_a_class_has_two_values(use_case: UseCase) -> None:
    classes = use_case.model_copy(update={"problem": "binary-classification", "target_transform": "none"})
    assert 'DistinctValuesCount "sale_price" = 2' in rules_of(data_quality_rules(classes))


def test_the_table_of_processed_data_has_the_columns_in_the_order_of_its_files(
    shipped: Cloud, use_case: UseCase
) -> None:
    for table in shipped.of_type("AWS::Glue::Table"):
        columns = [column["Name"] for column in table.get("TableInput", "StorageDescriptor", "Columns")]
        assert columns == [column.lower() for column in use_case.columns]
        location = table.get("TableInput", "Parameters", "storage.location.template")
        assert location["Fn::Join"][1][-1] == "/processed/house-prices/${execution}/baseline/"


def test_a_feature_group_has_a_feature_for_every_column_and_two_of_its_own(use_case: UseCase) -> None:
    features = {feature["FeatureName"]: feature["FeatureType"] for feature in feature_definitions(use_case)}
    assert list(features)[:2] == ["record_id", "event_time"]
    assert len(features) == len(use_case.columns) + 2
    kinds = (features["Sale_Price"], features["Lot_Area"], features["Neighborhood"])
    assert kinds == ("Fractional", "Fractional", "String")


def test_columns_that_are_no_names_of_features_become_some_or_are_refused() -> None:
    assert feature_names(["price (EUR)", "a.b"]) == {"price (EUR)": "price_EUR", "a.b": "a_b"}
    with pytest.raises(ValueError, match=r"'a\.b' and 'a b' would both be 'a_b'"):
        feature_names(["a.b", "a b"])
    with pytest.raises(ValueError, match="'event time' cannot be a feature named 'event_time'"):
        feature_names(["event time"])


def test_columns_that_differ_in_case_only_are_refused() -> None:
    with pytest.raises(ValueError, match="'Area' and 'AREA' would both be 'area' in the Glue catalog"):
        catalog_columns(["Area", "AREA"])


def test_stores_of_features_are_encrypted_with_the_key_of_the_environment(cloud: Cloud) -> None:
    online = 0
    for group in cloud.of_type("AWS::SageMaker::FeatureGroup"):
        assert _is_the_key(cloud, group, "OfflineStoreConfig", "S3StorageConfig", "KmsKeyId")
        assert group.body["DeletionPolicy"] == "Retain"
        if group.get("OnlineStoreConfig"):
            online += 1
            assert _is_the_key(cloud, group, "OnlineStoreConfig", "SecurityConfig", "KmsKeyId")
    assert online


def test_databrew_jobs_write_with_the_key_of_the_environment(cloud: Cloud) -> None:
    for job in cloud.of_type("AWS::DataBrew::Job"):
        assert job.get("EncryptionMode") == "SSE-KMS"
        assert _is_the_key(cloud, job, "EncryptionKeyArn"), job


def test_personal_data_is_masked_column_by_column_and_only_where_there_is_some(cloud: Cloud) -> None:
    recipes = cloud.of_type("AWS::DataBrew::Recipe")
    assert {recipe.template.environment for recipe in recipes} == {"data"}
    for recipe in recipes:
        masked: list[Any] = []
        for step in recipe.get("Steps"):
            assert step["Action"]["Operation"] == "MASK_CUSTOM"
            masked += json.loads(step["Action"]["Parameters"]["sourceColumns"])
        assert masked == ["Longitude", "Latitude"]


def test_a_work_team_consists_of_the_configured_groups(cloud: Cloud) -> None:
    (team,) = cloud.of_type("AWS::SageMaker::Workteam")
    groups = [
        member["CognitoMemberDefinition"]["CognitoUserGroup"] for member in team.get("MemberDefinitions")
    ]
    assert groups == ["experts"]


def test_only_data_engineers_use_the_catalog(cloud: Cloud) -> None:
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy"):
        actions = [
            action
            for statement in policy.get("PolicyDocument", "Statement")
            if statement["Effect"] == "Allow" and not str(statement.get("Sid")).startswith("Ceiling")
            for action in (
                [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            )
        ]
        if any(action.startswith("athena:") for action in actions):
            (role,) = cloud.referenced(policy.template, policy.get("Roles"))
            assert role.logical_id.startswith("DataEngineerRole"), policy
