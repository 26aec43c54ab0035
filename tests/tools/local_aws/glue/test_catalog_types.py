"""The resource types of a catalog are deployed, changed and deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, make_role, unique
from tools.local_aws.process import LocalAws

ACCOUNT = "111111111111"


class Stack:
    """A stack with a name of its own."""

    def __init__(self, aws: LocalAws) -> None:
        self.cloudformation = aws.client("cloudformation")
        self.name = unique("stack")

    def create(self, **resources: Any) -> None:
        self._settled(self.cloudformation.create_stack, resources)

    def update(self, **resources: Any) -> None:
        self._settled(self.cloudformation.update_stack, resources)

    def delete(self) -> None:
        self.cloudformation.delete_stack(StackName=self.name)
        eventually(lambda: self._status() == "DELETE_COMPLETE")

    def _settled(self, operation: Any, resources: dict[str, Any]) -> None:
        operation(StackName=self.name, TemplateBody=json.dumps({"Resources": resources}))
        status = eventually(lambda: None if self._status().endswith("PROGRESS") else self._status())
        events = self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        reasons = [event.get("ResourceStatusReason") for event in events]
        assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), reasons

    def _status(self) -> str:
        try:
            return str(self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"])
        except ClientError:
            return "DELETE_COMPLETE"


@pytest.fixture
def stack(local_aws: LocalAws) -> Stack:
    return Stack(local_aws)


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def test_glue_resources_follow_the_template(local_aws: LocalAws, stack: Stack) -> None:
    name, glue = unique("catalog").replace("-", "_"), local_aws.client("glue")
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
                DatabaseInput={"Name": name, "Description": description},
            ),
            "Table": {
                **resource(
                    "AWS::Glue::Table", CatalogId=ACCOUNT, DatabaseName={"Ref": "Database"}, TableInput=table
                ),
            },
            "Encryption": resource(
                "AWS::Glue::SecurityConfiguration", Name=name, EncryptionConfiguration=encryption
            ),
            "Crawler": resource(
                "AWS::Glue::Crawler",
                Name=name,
                Role=role,
                DatabaseName={"Ref": "Database"},
                CrawlerSecurityConfiguration={"Ref": "Encryption"},
                **crawler,
            ),
            "Rules": resource("AWS::Glue::DataQualityRuleset", Name=name, Ruleset=rules, Tags=tags),
        }

    schedule = {"ScheduleExpression": "cron(0 5 * * ? *)"}
    stack.create(**catalog("first", "Rules = [ RowCount > 0 ]", {"a": "1"}, Schedule=schedule))
    crawler = glue.get_crawler(Name=name)["Crawler"]
    assert crawler["Schedule"]["ScheduleExpression"] == "cron(0 5 * * ? *)"
    assert crawler["CrawlerSecurityConfiguration"] == name
    stack.update(**catalog("second", "Rules = [ RowCount > 9 ]", {"b": "2"}))
    assert glue.get_database(Name=name)["Database"]["Description"] == "second"
    assert glue.get_table(DatabaseName=name, Name="rows")["Table"]["Description"] == "second"
    assert glue.get_data_quality_ruleset(Name=name)["Ruleset"] == "Rules = [ RowCount > 9 ]"
    assert "Schedule" not in glue.get_crawler(Name=name)["Crawler"]
    arn = f"arn:aws:glue:us-east-1:{ACCOUNT}:crawler/{name}"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    stack.delete()
    assert name not in [database["Name"] for database in glue.get_databases()["DatabaseList"]]


def test_a_workgroup_changes_its_limit_and_refuses_queries(local_aws: LocalAws, stack: Stack) -> None:
    name, athena = unique("workgroup"), local_aws.client("athena")

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

    stack.create(Workgroup=workgroup(10**10, "s3://results/a/"))
    stack.update(Workgroup=workgroup(10**11, "s3://results/b/"))
    configuration = athena.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    assert configuration["BytesScannedCutoffPerQuery"] == 10**11
    assert configuration["ResultConfiguration"]["OutputLocation"] == "s3://results/b/"
    with pytest.raises(ClientError, match="has no query engine"):
        athena.start_query_execution(QueryString="SELECT 1", WorkGroup=name)
    stack.delete()


def test_databrew_resources_follow_the_template(local_aws: LocalAws, stack: Stack) -> None:
    name, databrew = unique("brew"), local_aws.client("databrew")
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

    stack.create(**preparation(60, "#", "1"))
    assert databrew.describe_job(Name=f"{name}-mask")["RecipeReference"]["Name"] == name
    stack.update(**preparation(90, "*", "2"))
    assert databrew.describe_job(Name=f"{name}-profile")["Timeout"] == 90
    recipe = databrew.describe_recipe(Name=name, RecipeVersion="LATEST_WORKING")
    assert recipe["Steps"][0]["Action"]["Parameters"]["maskSymbol"] == "*"
    assert databrew.describe_dataset(Name=name)["Tags"]["a"] == "2"
    with pytest.raises(ClientError, match="is used by job"):
        databrew.delete_dataset(Name=name)
    stack.delete()
    assert name not in [dataset["Name"] for dataset in databrew.list_datasets()["Datasets"]]


def test_a_databrew_job_cannot_be_run_here(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="start_job_run"):
        local_aws.client("databrew").start_job_run(Name="any")


def test_a_databrew_job_whose_role_does_not_trust_databrew_is_refused(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="unable to assume provided role"):
        local_aws.client("databrew").create_profile_job(
            Name=unique("job"),
            DatasetName="any",
            OutputLocation={"Bucket": "bucket"},
            RoleArn=make_role(local_aws, {"Service": "glue.amazonaws.com"}),
        )


def test_a_bucket_is_replicated_as_declared(local_aws: LocalAws, stack: Stack) -> None:
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

    stack.create(**buckets(ReplicationConfiguration={"Role": role, "Rules": [rule]}))
    described = stack.cloudformation.describe_stack_resource(StackName=stack.name, LogicalResourceId="Data")
    bucket = described["StackResourceDetail"]["PhysicalResourceId"]
    s3 = local_aws.client("s3")
    (found,) = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
    assert found["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"].endswith("alias/replica")
    stack.update(**buckets())
    with pytest.raises(ClientError, match="replication configuration was not found"):
        s3.get_bucket_replication(Bucket=bucket)
    stack.delete()
