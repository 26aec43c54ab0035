"""The resource types of a catalog are deployed, changed and deleted."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, make_role, unique
from tests.tools.local_aws.cloudformation.helpers import Aws, gone, settled
from tools.local_aws.process import LocalAws


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def test_glue_resources_follow_the_template(local_aws: LocalAws, aws: Aws, name: str) -> None:
    database, glue = unique("catalog").replace("-", "_"), local_aws.client("glue")
    role = make_role(local_aws, {"Service": "glue.amazonaws.com"})

    def catalog(description: str, rules: str, tags: dict[str, str], **crawler: Any) -> dict[str, Any]:
        encryption = {
            "S3Encryptions": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": "arn:aws:kms:us-east-1:1:key/k"}]
        }
        table = {"Name": "rows", "Description": description, "StorageDescriptor": {"Columns": []}}
        crawler |= {"Targets": {"S3Targets": [{"Path": "s3://bucket/raw/"}]}, "Tags": tags}
        return {
            "Database": resource(
                "AWS::Glue::Database",
                CatalogId=ACCOUNT,
                DatabaseInput={"Name": database, "Description": description},
            ),
            "Table": {
                **resource(
                    "AWS::Glue::Table", CatalogId=ACCOUNT, DatabaseName={"Ref": "Database"}, TableInput=table
                ),
            },
            "Encryption": resource(
                "AWS::Glue::SecurityConfiguration", Name=database, EncryptionConfiguration=encryption
            ),
            "Crawler": resource(
                "AWS::Glue::Crawler",
                Name=database,
                Role=role,
                DatabaseName={"Ref": "Database"},
                CrawlerSecurityConfiguration={"Ref": "Encryption"},
                **crawler,
            ),
            "Rules": resource("AWS::Glue::DataQualityRuleset", Name=database, Ruleset=rules, Tags=tags),
        }

    schedule = {"ScheduleExpression": "cron(0 5 * * ? *)"}
    settled(aws, name, catalog("first", "Rules = [ RowCount > 0 ]", {"a": "1"}, Schedule=schedule))
    crawler = glue.get_crawler(Name=database)["Crawler"]
    assert crawler["Schedule"]["ScheduleExpression"] == "cron(0 5 * * ? *)"
    assert crawler["CrawlerSecurityConfiguration"] == database
    settled(aws, name, catalog("second", "Rules = [ RowCount > 9 ]", {"b": "2"}))
    assert glue.get_database(Name=database)["Database"]["Description"] == "second"
    assert glue.get_table(DatabaseName=database, Name="rows")["Table"]["Description"] == "second"
    assert glue.get_data_quality_ruleset(Name=database)["Ruleset"] == "Rules = [ RowCount > 9 ]"
    assert "Schedule" not in glue.get_crawler(Name=database)["Crawler"]
    arn = f"arn:aws:glue:us-east-1:{ACCOUNT}:crawler/{database}"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    assert gone(aws, name)
    assert database not in [known["Name"] for known in glue.get_databases()["DatabaseList"]]


def test_a_workgroup_changes_its_limit_and_refuses_queries(local_aws: LocalAws, aws: Aws, name: str) -> None:
    athena = local_aws.client("athena")

    def workgroup(limit: int, location: str) -> dict[str, Any]:
        return resource(
            "AWS::Athena::WorkGroup",
            Name=name,
            RecursiveDeleteOption=True,
            WorkGroupConfiguration={
                "BytesScannedCutoffPerQuery": limit,
                "EnforceWorkGroupConfiguration": True,
                "ResultConfiguration": {"OutputLocation": location},
            },
        )

    settled(aws, name, {"Workgroup": workgroup(10**10, "s3://results/a/")})
    settled(aws, name, {"Workgroup": workgroup(10**11, "s3://results/b/")})
    configuration = athena.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 10**11
    assert configuration["ResultConfiguration"]["OutputLocation"] == "s3://results/b/"
    with pytest.raises(ClientError, match="has no query engine"):
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup=name)
    assert gone(aws, name)


def test_databrew_resources_follow_the_template(local_aws: LocalAws, aws: Aws, name: str) -> None:
    databrew = local_aws.client("databrew")
    role = make_role(local_aws, {"Service": "databrew.amazonaws.com"})

    def preparation(timeout: int, symbol: str, tag: str) -> dict[str, Any]:
        mask = {
            "sourceColumns": '["name"]',
            "maskSymbol": symbol,
            "customValue": ".",
            "regex": "true",
        }
        job = {"Name": f"{name}-mask", "RoleArn": role, "Timeout": timeout, "DatasetName": {"Ref": "Data"}}
        tags = [{"Key": "a", "Value": tag}]
        return {
            "Data": resource(
                "AWS::DataBrew::Dataset",
                Name=name,
                Input={"S3InputDefinition": {"Bucket": "bucket", "Key": "raw/<.*>.csv"}},
                Tags=tags,
            ),
            "Recipe": resource(
                "AWS::DataBrew::Recipe",
                Name=name,
                Steps=[{"Action": {"Operation": "MASK_CUSTOM", "Parameters": mask}}],
            ),
            "Job": resource(
                "AWS::DataBrew::Job",
                Type="RECIPE",
                Recipe={"Name": {"Ref": "Recipe"}, "Version": "LATEST_WORKING"},
                Outputs=[{"Location": {"Bucket": "bucket", "Key": "masked/"}}],
                **job,
            ),
            "Profile": resource(
                "AWS::DataBrew::Job",
                **{**job, "Name": f"{name}-profile"},
                Type="PROFILE",
                OutputLocation={"Bucket": "bucket", "Key": "profiles/"},
            ),
        }

    settled(aws, name, preparation(60, "#", "1"))
    assert databrew.describe_job(Name=f"{name}-mask")["RecipeReference"]["Name"] == name
    settled(aws, name, preparation(90, "*", "2"))
    assert databrew.describe_job(Name=f"{name}-profile")["Timeout"] == 90
    recipe = databrew.describe_recipe(Name=name, RecipeVersion="LATEST_WORKING")
    assert recipe["Steps"][0]["Action"]["Parameters"]["maskSymbol"] == "*"
    assert databrew.describe_dataset(Name=name)["Tags"]["a"] == "2"
    with pytest.raises(ClientError, match="is used by job"):
        databrew.delete_dataset(Name=name)
    assert gone(aws, name)
    assert name not in [dataset["Name"] for dataset in databrew.list_datasets()["Datasets"]]


def test_a_bucket_is_replicated_as_declared(local_aws: LocalAws, aws: Aws, name: str) -> None:
    rule = {
        "Id": "everything",
        "Status": "Enabled",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {
            "Bucket": {"Fn::GetAtt": "Copy.Arn"},
            "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:eu-west-1:1:alias/replica"},
        },
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    }
    role = make_role(local_aws, {"Service": "s3.amazonaws.com"})

    def buckets(**more: Any) -> dict[str, Any]:
        versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
        return {
            "Copy": resource("AWS::S3::Bucket", **versioned),
            "Data": resource("AWS::S3::Bucket", **versioned, **more),
        }

    replication = {"Role": role, "Rules": [rule]}
    bucket = settled(aws, name, buckets(ReplicationConfiguration=replication))["Data"]
    s3 = local_aws.client("s3")
    (found,) = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
    assert found["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"].endswith("alias/replica")
    settled(aws, name, buckets())
    with pytest.raises(ClientError, match="replication configuration was not found"):
        s3.get_bucket_replication(Bucket=bucket)
    assert gone(aws, name)


def test_a_job_of_glue_and_its_connection_follow_the_template(
    local_aws: LocalAws, aws: Aws, name: str
) -> None:
    glue, role = local_aws.client("glue"), make_role(local_aws, {"Service": "glue.amazonaws.com"})

    def job(subnet: str, minutes: int, tags: dict[str, str]) -> dict[str, Any]:
        place = {"SubnetId": subnet, "AvailabilityZone": "us-east-1a", "SecurityGroupIdList": ["sg-1"]}
        connection = {"Name": name, "ConnectionType": "NETWORK", "PhysicalConnectionRequirements": place}
        return {
            "Connection": resource("AWS::Glue::Connection", CatalogId=ACCOUNT, ConnectionInput=connection),
            "Job": resource(
                "AWS::Glue::Job",
                Name=name,
                Role=role,
                GlueVersion="5.1",
                Command={"Name": "glueetl", "ScriptLocation": "s3://bucket/script.py"},
                Connections={"Connections": [{"Ref": "Connection"}]},
                DefaultArguments={"--kind": "jdbc"},
                ExecutionProperty={"MaxConcurrentRuns": 1},
                MaxRetries=0,
                NumberOfWorkers=2,
                Timeout=minutes,
                WorkerType="G.1X",
                Tags=tags,
            ),
        }

    settled(aws, name, job("subnet-1", 60, {"a": "1"}))
    settled(aws, name, job("subnet-2", 90, {"b": "2"}))
    found = glue.get_connection(Name=name)["Connection"]
    assert found["PhysicalConnectionRequirements"]["SubnetId"] == "subnet-2"
    changed = glue.get_job(JobName=name)["Job"]
    assert (changed["Timeout"], changed["NumberOfWorkers"]) == (90, 2)
    assert glue.get_tags(ResourceArn=f"arn:aws:glue:us-east-1:{ACCOUNT}:job/{name}")["Tags"] == {"b": "2"}
    gone(aws, name)
    assert glue.list_jobs()["JobNames"] == []
