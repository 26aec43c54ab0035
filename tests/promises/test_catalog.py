"""The catalog: what is found, what it must satisfy, who may query it, and how all of it is encrypted."""

import json

from tests.stacks.cloud import Cloud, Resource, text_of
from tests.stacks.synthesis import Synthesis

GB = 1000**3


def _is_the_key(cloud: Cloud, resource: Resource, *path: str) -> bool:
    return cloud.the_one(resource, *path).type == "AWS::KMS::Key"


def test_a_crawler_looks_below_the_raw_data_of_its_use_case_only(cloud: Cloud) -> None:
    for crawler in cloud.of_type("AWS::Glue::Crawler"):
        (target,) = crawler.get("Targets", "S3Targets")
        use_case = str(crawler.get("Name")).removeprefix(f"{crawler.template.prefix}-")
        assert text_of(target["Path"]).endswith(f"}}/raw/{use_case}/"), crawler
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
    # What holds of deliveries is said of no table; tests/promises/test_ingestion.py looks at it.
    of_tables = [each for each in cloud.of_type("AWS::Glue::DataQualityRuleset") if each.get("TargetTable")]
    for rules in of_tables:
        (crawler,) = [
            resource
            for resource in cloud.of_type("AWS::Glue::Crawler")
            if resource.template is rules.template and resource.get("Name") == rules.get("Name")
        ]
        folder = text_of(crawler.get("Targets", "S3Targets")[0]["Path"]).strip("/").split("/")[-1]
        table = f"{crawler.get('TablePrefix')}{folder.replace('-', '_')}"
        assert rules.get("TargetTable") == {"DatabaseName": crawler.get("DatabaseName"), "TableName": table}


def test_queries_cannot_leave_the_limits_of_their_workgroup(cloud: Cloud) -> None:
    for workgroup in cloud.of_type("AWS::Athena::WorkGroup"):
        configuration = workgroup.get("WorkGroupConfiguration")
        assert configuration["EnforceWorkGroupConfiguration"] is True
        assert configuration["BytesScannedCutoffPerQuery"] == 10 * GB
        location = cloud.the_one(workgroup, "WorkGroupConfiguration", "ResultConfiguration", "OutputLocation")
        assert location.logical_id.startswith("Artifacts")
        path = ("WorkGroupConfiguration", "ResultConfiguration", "EncryptionConfiguration")
        assert workgroup.get(*path, "EncryptionOption") == "SSE_KMS"
        assert _is_the_key(cloud, workgroup, *path, "KmsKey")


def test_the_table_of_processed_data_has_the_columns_in_the_order_of_its_files(synthesis: Synthesis) -> None:
    for table in synthesis.cloud.of_type("AWS::Glue::Table"):
        location = text_of(table.get("TableInput", "Parameters", "storage.location.template"), lambda _: "")
        _, _, _, zone, use_case, *rest = location.split("/")
        assert (zone, *rest) == ("processed", "${execution}", "baseline", ""), table
        columns = [column["Name"] for column in table.get("TableInput", "StorageDescriptor", "Columns")]
        expected = [column.lower() for column in synthesis.settings.use_cases[use_case].columns]
        assert columns == expected, table


def test_stores_of_features_are_encrypted_with_the_key_of_the_environment(cloud: Cloud) -> None:
    for group in cloud.of_type("AWS::SageMaker::FeatureGroup"):
        assert _is_the_key(cloud, group, "OfflineStoreConfig", "S3StorageConfig", "KmsKeyId"), group
        if group.get("OnlineStoreConfig"):
            assert _is_the_key(cloud, group, "OnlineStoreConfig", "SecurityConfig", "KmsKeyId"), group


def test_databrew_jobs_write_with_the_key_of_the_environment(cloud: Cloud) -> None:
    for job in cloud.of_type("AWS::DataBrew::Job"):
        assert job.get("EncryptionMode") == "SSE-KMS"
        assert _is_the_key(cloud, job, "EncryptionKeyArn"), job


def test_personal_data_is_masked_column_by_column_and_only_where_there_is_some(synthesis: Synthesis) -> None:
    masked: dict[str, list[str]] = {}
    for recipe in synthesis.cloud.of_type("AWS::DataBrew::Recipe"):
        for step in recipe.get("Steps"):
            assert step["Action"]["Operation"] == "MASK_CUSTOM", recipe
            columns = json.loads(step["Action"]["Parameters"]["sourceColumns"])
            masked.setdefault(recipe.get("Name"), []).extend(columns)
    use_cases = synthesis.settings.use_cases
    assert masked == {
        f"{environment.prefix}-{name}-mask": list(use_cases[name].personal_data)
        for environment in synthesis.settings.environments
        for name in environment.use_cases
        if environment.catalog and environment.catalog.databrew and use_cases[name].personal_data
    }


def test_a_work_team_consists_of_the_configured_groups(synthesis: Synthesis) -> None:
    configured = {environment.name: environment.catalog for environment in synthesis.settings.environments}
    for team in synthesis.cloud.of_type("AWS::SageMaker::Workteam"):
        catalog = configured[team.template.environment]
        assert catalog, team
        assert catalog.workteam, team
        groups = [
            member["CognitoMemberDefinition"]["CognitoUserGroup"] for member in team.get("MemberDefinitions")
        ]
        assert groups == list(catalog.workteam.user_groups), team
