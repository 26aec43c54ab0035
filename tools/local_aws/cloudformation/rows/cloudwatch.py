"""CloudWatch: alarms and dashboards."""

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Read, Row, Tagging

_ALARM_ARN = "arn:aws:cloudwatch:{region}:{account}:alarm:{AlarmName}"
_COMPARED = ("AlarmActions", "ComparisonOperator", "EvaluationPeriods", "Threshold", "TreatMissingData")

ROWS = (
    Row(
        type_name="AWS::CloudWatch::Alarm",
        service="cloudwatch",
        create="PutMetricAlarm",
        update="PutMetricAlarm",
        delete="DeleteAlarms",
        reference="{AlarmName}",
        read=Read("DescribeAlarms", found="MetricAlarms"),
        identity={"AlarmNames": ("{AlarmName}",), "ResourceARN": _ALARM_ARN},
        name=Name("AlarmName", 255),
        attributes={"Arn": _ALARM_ARN},
        tagging=Tagging("TagResource", "UntagResource"),
        checks=(reads_back("DescribeAlarms", {name: f"MetricAlarms[0].{name}" for name in _COMPARED}),),
    ),
    Row(
        type_name="AWS::CloudWatch::Dashboard",
        service="cloudwatch",
        create="PutDashboard",
        update="PutDashboard",
        delete="DeleteDashboards",
        reference="{DashboardName}",
        read=Read("GetDashboard", {"DashboardName": "{DashboardName}"}),
        identity={"DashboardNames": ("{DashboardName}",)},
        name=Name("DashboardName", 255),
    ),
)
