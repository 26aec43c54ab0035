"""The table that says what a changed property is."""

import pytest

from tools.review.findings import Kind
from tools.review.leaves import Change
from tools.review.rules import RULES, kind_of

BUCKET, ALARM, BUDGET = "AWS::S3::Bucket", "AWS::CloudWatch::Alarm", "AWS::Budgets::Budget"
MODEL, ENDPOINT = "AWS::SageMaker::Model", "AWS::SageMaker::Endpoint"
CONFIGURATION, PIPELINE = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Pipeline"
MACHINE, SCHEDULE = "AWS::StepFunctions::StateMachine", "AWS::Scheduler::Schedule"
ROUTING = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type"

ROWS = (
    (MODEL, "EnableNetworkIsolation", True, False, Kind.NETWORK),
    (MODEL, "VpcConfig.SecurityGroupIds", ["sg-1"], ["sg-2"], Kind.NETWORK),
    ("AWS::SageMaker::Domain", "AppNetworkAccessType", "VpcOnly", "PublicInternetOnly", Kind.NETWORK),
    ("AWS::SageMaker::NotebookInstance", "DirectInternetAccess", "Disabled", "Enabled", Kind.NETWORK),
    ("AWS::EC2::Subnet", "MapPublicIpOnLaunch", False, True, Kind.NETWORK),
    ("AWS::EC2::VPCEndpoint", "SecurityGroupIds", ["sg-1"], ["sg-2"], Kind.NETWORK),
    ("AWS::Logs::LogGroup", "KmsKeyId", "key", None, Kind.PROTECTION),
    ("AWS::KMS::Key", "EnableKeyRotation", True, False, Kind.PROTECTION),
    (BUCKET, "BucketEncryption.Rule.SSEAlgorithm", "aws:kms", "AES256", Kind.PROTECTION),
    (BUCKET, "PublicAccessBlockConfiguration.BlockPublicAcls", True, False, Kind.PROTECTION),
    (BUCKET, "VersioningConfiguration.Status", "Enabled", "Suspended", Kind.PROTECTION),
    (BUCKET, "DeletionPolicy", "Retain", "Delete", Kind.PROTECTION),
    (BUCKET, "DeletionPolicy", "RetainExceptOnCreate", "Delete", Kind.PROTECTION),
    ("AWS::RDS::DBInstance", "DeletionPolicy", "Snapshot", "Delete", Kind.PROTECTION),
    ("AWS::RDS::DBInstance", "DeletionProtection", True, None, Kind.PROTECTION),
    ("AWS::Logs::LogGroup", "RetentionInDays", 90, 30, Kind.PROTECTION),
    ("AWS::Logs::LogGroup", "RetentionInDays", None, 30, Kind.PROTECTION),
    (BUCKET, "LifecycleConfiguration.Rules.Expire", None, {"Id": "Expire"}, Kind.PROTECTION),
    (BUCKET, "LoggingConfiguration.DestinationBucketName", "logs", None, Kind.PROTECTION),
    (MACHINE, "LoggingConfiguration.Level", "ALL", "ERROR", Kind.PROTECTION),
    (CONFIGURATION, "DataCaptureConfig.InitialSamplingPercentage", 100, 10, Kind.PROTECTION),
    (
        ENDPOINT,
        "DeploymentConfig.AutoRollbackConfiguration.Alarms.a",
        {"AlarmName": "a"},
        None,
        Kind.PROTECTION,
    ),
    (ENDPOINT, ROUTING, "CANARY", "ALL_AT_ONCE", Kind.PROTECTION),
    (ENDPOINT, ROUTING, "LINEAR", "ALL_AT_ONCE", Kind.PROTECTION),
    (ENDPOINT, "DeploymentConfig.RollingUpdatePolicy.WaitIntervalInSeconds", 600, 300, Kind.PROTECTION),
    (ENDPOINT, "DeploymentConfig.RollingUpdatePolicy", {"WaitIntervalInSeconds": 600}, None, Kind.PROTECTION),
    (ALARM, "AlarmActions", ["a", "b"], ["a"], Kind.PROTECTION),
    (ALARM, "EvaluationPeriods", 1, 5, Kind.PROTECTION),
    (ALARM, "TreatMissingData", "breaching", "ignore", Kind.PROTECTION),
    (BUDGET, "Budget.BudgetLimit.Amount", 200, 2000, Kind.PROTECTION),
    (BUDGET, "NotificationsWithSubscribers", [{"a": 1}], None, Kind.PROTECTION),
    (SCHEDULE, "State", "ENABLED", "DISABLED", Kind.PROTECTION),
    ("AWS::SSM::Association", "ScheduleExpression", "rate(1 day)", None, Kind.PROTECTION),
    ("AWS::SageMaker::Domain", "IdleSettings.LifecycleManagement", "ENABLED", "DISABLED", Kind.PROTECTION),
    (MODEL, "Containers.0.ModelPackageName", "…/7", "…/8", Kind.MODEL),
    (
        PIPELINE,
        "PipelineDefinition.Steps.Train.Arguments.HyperParameters.eta",
        "1",
        "2",
        Kind.HYPERPARAMETERS,
    ),
    (PIPELINE, "PipelineDefinition.Steps.Train.Arguments.TrainingImage", "a", "b", Kind.IMAGES),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MaxCapacity", 2, 4, Kind.INSTANCES),
    (PIPELINE, "PipelineDefinition.Parameters.MetricThreshold.DefaultValue", 0.7, 0.6, Kind.THRESHOLDS),
    (ALARM, "Threshold", 5, 4, Kind.THRESHOLDS),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", "X.TargetValue", 600, 700, Kind.THRESHOLDS),
    (MACHINE, "DefinitionString.States.Compare.Environment.a", "1", "2", Kind.ARGUMENTS),
    (PIPELINE, "PipelineDefinition.Steps.Judge", None, {"Name": "Judge"}, Kind.STEPS),
    ("AWS::KMS::Key", "Description", "a", "b", Kind.TEXTS),
    # The other direction is no loss
    (MODEL, "EnableNetworkIsolation", False, True, Kind.CHANGED),
    (ALARM, "EvaluationPeriods", 5, 1, Kind.CHANGED),
    ("AWS::Logs::LogGroup", "RetentionInDays", 30, 90, Kind.CHANGED),
    (BUCKET, "VersioningConfiguration.Status", "Suspended", "Enabled", Kind.CHANGED),
    (BUDGET, "Budget.BudgetLimit.Amount", 2000, 200, Kind.CHANGED),
    (ENDPOINT, ROUTING, "ALL_AT_ONCE", "CANARY", Kind.CHANGED),
)


@pytest.mark.parametrize(("type_name", "path", "before", "after", "kind"), ROWS)
def test_a_changed_property_is_of_its_kind(
    type_name: str, path: str, before: object, after: object, kind: Kind
) -> None:
    resource = {"Type": type_name, "Properties": {"ComparisonOperator": "GreaterThanThreshold"}}
    assert kind_of(resource, Change(path, before, after)) is kind


def test_every_rule_decides_about_some_row() -> None:
    deciding = {
        next((rule for rule in RULES if rule.fits(type_name, Change(path, before, after))), None)
        for type_name, path, before, after, _ in ROWS
    }
    assert [rule for rule in RULES if rule not in deciding] == []


@pytest.mark.parametrize(
    ("operator", "after", "kind"),
    [
        ("GreaterThanThreshold", 9, Kind.PROTECTION),
        ("GreaterThanThreshold", 1, Kind.THRESHOLDS),
        ("LessThanThreshold", 1, Kind.PROTECTION),
        ("LessThanThreshold", 9, Kind.THRESHOLDS),
    ],
)
def test_an_alarm_that_is_silent_for_longer_protects_less(operator: str, after: int, kind: Kind) -> None:
    alarm = {"Type": ALARM, "Properties": {"ComparisonOperator": operator}}
    assert kind_of(alarm, Change("Threshold", 5, after)) is kind
