"""Glue: database, tables, crawlers, encryption, data quality rules, connections, jobs."""

from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Row, Setting, Work


def _tag_map(tags: Any) -> dict[str, str]:
    return dict(tags or {})


def _retag(work: Work) -> None:
    """Glue's operations on tags take maps, and name them otherwise than every other service."""
    before, after = _tag_map(work.previous.get("Tags")), _tag_map(work.properties.get("Tags"))
    gone = sorted(set(before) - set(after))
    if gone:
        work.call("UntagResource", {"TagsToRemove": gone})
    if after:
        work.call("TagResource", {"TagsToAdd": after})


_TAGS = Setting(("Tags",), _retag, _retag, created_with=True)


def _crawler_arguments(work: Work) -> dict[str, Any]:
    given = dict(work.properties)
    if "Schedule" in given:
        given["Schedule"] = given["Schedule"]["ScheduleExpression"]
    return given


def _reschedule(work: Work) -> None:
    # An empty schedule takes the schedule away.
    schedule = work.properties.get("Schedule", {}).get("ScheduleExpression", "")
    work.call("UpdateCrawler", {"Schedule": schedule})


def _encryption_arguments(work: Work) -> dict[str, Any]:
    declared = work.properties["EncryptionConfiguration"]
    names = {"S3Encryptions": "S3Encryption"}
    encryption = {names.get(name, name): value for name, value in declared.items()}
    return {**work.properties, "EncryptionConfiguration": encryption}


def _connection_arguments(work: Work) -> dict[str, Any]:
    """Fills in what the schema leaves out and the API demands; the CDK's own construct relies on it.

    https://github.com/aws/aws-cdk/blob/main/packages/%40aws-cdk/aws-glue-alpha/lib/connection.ts
    """
    given = {"ConnectionProperties": {}, **work.properties["ConnectionInput"]}
    return {**work.properties, "ConnectionInput": given}


def _job_arguments(work: Work) -> dict[str, Any]:
    """An update has the same members, but in a member of its own."""
    given = {name: value for name, value in work.properties.items() if name != "Tags"}
    if work.phase == "update":
        return {"JobUpdate": {name: value for name, value in given.items() if name != "Name"}}
    return {**work.properties}


ROWS = (
    Row(
        type_name="AWS::Glue::Database",
        service="glue",
        create="CreateDatabase",
        update="UpdateDatabase",
        delete="DeleteDatabase",
        reference="{DatabaseInput[Name]}",
        identity={"Name": "{DatabaseInput[Name]}"},
        checks=(reads_back("GetDatabase", {"DatabaseInput": "Database"}),),
    ),
    Row(
        type_name="AWS::Glue::Table",
        service="glue",
        create="CreateTable",
        update="UpdateTable",
        delete="DeleteTable",
        reference="{TableInput[Name]}",
        identity={"DatabaseName": "{DatabaseName}", "Name": "{TableInput[Name]}"},
        checks=(reads_back("GetTable", {"TableInput": "Table"}),),
    ),
    Row(
        type_name="AWS::Glue::Crawler",
        service="glue",
        create="CreateCrawler",
        update="UpdateCrawler",
        delete="DeleteCrawler",
        reference="{Name}",
        identity={"Name": "{Name}", "ResourceArn": "arn:aws:glue:{region}:{account}:crawler/{Name}"},
        name=Name("Name", 255),
        arguments=_crawler_arguments,
        settings=(_TAGS, Setting(("Schedule",), _reschedule, _reschedule, created_with=True)),
        checks=(
            reads_back(
                "GetCrawler",
                {
                    "Targets": "Crawler.Targets",
                    "CrawlerSecurityConfiguration": "Crawler.CrawlerSecurityConfiguration",
                },
            ),
        ),
    ),
    Row(
        type_name="AWS::Glue::SecurityConfiguration",
        service="glue",
        create="CreateSecurityConfiguration",
        delete="DeleteSecurityConfiguration",
        reference="{Name}",
        identity={"Name": "{Name}"},
        arguments=_encryption_arguments,
    ),
    Row(
        type_name="AWS::Glue::DataQualityRuleset",
        service="glue",
        create="CreateDataQualityRuleset",
        update="UpdateDataQualityRuleset",
        delete="DeleteDataQualityRuleset",
        reference="{Name}",
        identity={
            "Name": "{Name}",
            "ResourceArn": "arn:aws:glue:{region}:{account}:dataQualityRuleset/{Name}",
        },
        name=Name("Name", 255),
        settings=(_TAGS,),
        checks=(reads_back("GetDataQualityRuleset", {"Ruleset": "Ruleset"}),),
    ),
    Row(
        type_name="AWS::Glue::Connection",
        service="glue",
        create="CreateConnection",
        update="UpdateConnection",
        delete="DeleteConnection",
        reference="{ConnectionInput[Name]}",
        arguments=_connection_arguments,
        identity={"Name": "{ConnectionInput[Name]}", "ConnectionName": "{ConnectionInput[Name]}"},
        checks=(reads_back("GetConnection", {"ConnectionInput": "Connection"}),),
    ),
    Row(
        type_name="AWS::Glue::Job",
        service="glue",
        create="CreateJob",
        update="UpdateJob",
        delete="DeleteJob",
        reference="{Name}",
        identity={
            "Name": "{Name}",
            "JobName": "{Name}",
            "ResourceArn": "arn:aws:glue:{region}:{account}:job/{Name}",
        },
        name=Name("Name", 255),
        arguments=_job_arguments,
        settings=(_TAGS,),
        checks=(
            reads_back(
                "GetJob",
                {
                    name: f"Job.{name}"
                    for name in ("Command", "Connections", "DefaultArguments", "GlueVersion")
                },
            ),
        ),
    ),
)
