"""CloudWatch Logs: log groups."""

from tools.local_aws.cloudformation.parts import put, require_kept
from tools.local_aws.cloudformation.row import Name, Read, Row, Tagging, Work

_ARN = "arn:aws:logs:{region}:{account}:log-group:{LogGroupName}"


def _check_key(work: Work) -> None:
    if "KmsKeyId" in work.properties:
        groups = work.call("DescribeLogGroups", {"logGroupNamePrefix": work.fill("{LogGroupName}")})[
            "logGroups"
        ]
        found = [
            group.get("kmsKeyId") for group in groups if group["logGroupName"] == work.facts["LogGroupName"]
        ]
        require_kept(work, "KmsKeyId", work.properties["KmsKeyId"], found[0])


ROWS = (
    Row(
        type_name="AWS::Logs::LogGroup",
        service="logs",
        create="CreateLogGroup",
        delete="DeleteLogGroup",
        reference="{LogGroupName}",
        read=Read(
            "DescribeLogGroups",
            {"logGroupNamePrefix": "{LogGroupName}"},
            "logGroups[?logGroupName=='{LogGroupName}']",
        ),
        identity={"logGroupName": "{LogGroupName}", "resourceArn": _ARN},
        name=Name("LogGroupName", 512),
        attributes={"Arn": f"{_ARN}:*"},
        settings=(put("RetentionInDays", "PutRetentionPolicy", remove="DeleteRetentionPolicy"),),
        tagging=Tagging("TagResource", "UntagResource", keys_member="tagKeys"),
        checks=(_check_key,),
    ),
)
