"""The table that says what a changed property is."""

import pytest

from tools.review.findings import Kind
from tools.review.leaves import Change
from tools.review.rules import RULES, kind_of

BUCKET, ALARM, BUDGET = "AWS::S3::Bucket", "AWS::CloudWatch::Alarm", "AWS::Budgets::Budget"
MODEL, ENDPOINT = "AWS::SageMaker::Model", "AWS::SageMaker::Endpoint"
CONFIGURATION, PIPELINE = "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Pipeline"
RULE, BUILD = "AWS::Events::Rule", "AWS::CodeBuild::Project"
CHAT = "AWS::Chatbot::SlackChannelConfiguration"
MACHINE, SCHEDULE = "AWS::StepFunctions::StateMachine", "AWS::Scheduler::Schedule"
ROUTING = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.Type"

ROWS: tuple[tuple[str, str, object, object, Kind], ...] = (
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
    # What is said in another way, or of another service
    (PIPELINE, "RoleArn", "a", "b", Kind.PERMISSIONS),
    (CHAT, "GuardrailPolicies", ["a"], ["a", "b"], Kind.PERMISSIONS),
    ("AWS::IAM::ManagedPolicy", "Roles", ["a"], ["a", "b"], Kind.PERMISSIONS),
    ("AWS::SQS::QueuePolicy", "Queues", ["a"], ["b"], Kind.PERMISSIONS),
    ("AWS::IAM::Role", "MaxSessionDuration", 3600, 43200, Kind.PERMISSIONS),
    (BUILD, "Environment.PrivilegedMode", None, True, Kind.PERMISSIONS),
    ("AWS::EC2::VPCEndpoint", "PrivateDnsEnabled", True, False, Kind.NETWORK),
    ("AWS::EC2::Route", "GatewayId", None, "igw-1", Kind.NETWORK),
    ("AWS::KMS::Alias", "TargetKeyId", "a", "b", Kind.PROTECTION),
    ("AWS::Logs::LogGroup", "KmsKeyId", "a", "b", Kind.PROTECTION),
    ("AWS::SQS::Queue", "SqsManagedSseEnabled", None, False, Kind.PROTECTION),
    ("AWS::KMS::Key", "Enabled", None, False, Kind.PROTECTION),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification", {"a": True}, None, Kind.PROTECTION),
    ("AWS::ECR::Repository", "ImageScanningConfiguration", {"ScanOnPush": True}, None, Kind.PROTECTION),
    ("AWS::Athena::WorkGroup", "WorkGroupConfiguration.BytesScannedCutoffPerQuery", 10, 20, Kind.PROTECTION),
    ("AWS::Athena::WorkGroup", "RecursiveDeleteOption", False, True, Kind.PROTECTION),
    ("AWS::ECR::Repository", "ImageTagMutability", "IMMUTABLE", "MUTABLE", Kind.PROTECTION),
    ("AWS::EC2::Instance", "MetadataOptions.HttpTokens", "required", "optional", Kind.PROTECTION),
    ("AWS::ECR::Repository", "LifecyclePolicy.LifecyclePolicyText", "a", "b", Kind.PROTECTION),
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification", None, {"Enabled": True}, Kind.PROTECTION),
    (BUCKET, "LifecycleConfiguration.Rules.Expire.ExpirationInDays", 30, 0, Kind.PROTECTION),
    (ENDPOINT, ROUTING.replace("Type", "CanarySize.Value"), 10, 50, Kind.PROTECTION),
    (ALARM, "ActionsEnabled", None, False, Kind.PROTECTION),
    (ALARM, "ActionsSuppressor", None, "a", Kind.PROTECTION),
    (ALARM, "Metrics.sum.Expression", "a", "b", Kind.PROTECTION),
    (BUDGET, "Budget.CostFilters", None, {"Service": ["a"]}, Kind.PROTECTION),
    (SCHEDULE, "State", None, "DISABLED", Kind.PROTECTION),
    (SCHEDULE, "ScheduleExpression", "rate(1 hour)", "rate(2 hours)", Kind.PROTECTION),
    (SCHEDULE, "ScheduleExpression", "cron(0/15 * * * ? *)", "cron(0 8-17 * * ? *)", Kind.PROTECTION),
    (SCHEDULE, "ScheduleExpression", "rate(1 hour)", "at(2027-01-01T00:00:00)", Kind.PROTECTION),
    (SCHEDULE, "EndDate", None, "2027-01-01T00:00:00Z", Kind.PROTECTION),
    (RULE, "EventPattern.source", ["a"], ["b"], Kind.PROTECTION),
    (RULE, "Targets.Train", {"Id": "Train"}, None, Kind.PROTECTION),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "SuspendedState.A", None, True, Kind.PROTECTION),
    (PIPELINE, "PipelineDefinition.R.ModelApprovalStatus", "Rejected", "Approved", Kind.PROTECTION),
    (BUCKET, "ReplicationConfiguration", None, {"Rules": []}, Kind.SENT),
    (CHAT, "SlackChannelId", "C1", "C2", Kind.SENT),
    (RULE, "Targets.Train.Arn", "a", "b", Kind.SENT),
    ("AWS::SNS::Subscription", "FilterPolicy.a", None, "b", Kind.SENT),
    (BUILD, "Source.BuildSpec", "a", "b", Kind.CODE),
    ("AWS::SageMaker::InferenceComponent", "RuntimeConfig.CopyCount", 1, 0, Kind.INSTANCES),
    (MACHINE, "DefinitionString.States.A.Choices.0.NumericGreaterThan", 0, 9, Kind.THRESHOLDS),
    ("AWS::Glue::DataQualityRuleset", "Ruleset", "a", "b", Kind.THRESHOLDS),
    (MACHINE, "DefinitionString.States.A.Next", "B", "C", Kind.STEPS),
    ("AWS::Lambda::Function", "Environment.Variables.Description", "a", "b", Kind.CHANGED),
    # The other direction is no loss
    (BUCKET, "LifecycleConfiguration.Rules.Expire.ExpirationInDays", 30, 90, Kind.CHANGED),
    (BUCKET, "LifecycleConfiguration.Rules.Expire", {"Id": "Expire"}, None, Kind.CHANGED),
    (ENDPOINT, ROUTING.replace("Type", "CanarySize.Value"), 50, 10, Kind.CHANGED),
    (ALARM, "TreatMissingData", "notBreaching", "missing", Kind.CHANGED),
    (SCHEDULE, "ScheduleExpression", "rate(1 day)", "cron(0 3,15 * * ? *)", Kind.CHANGED),
    (SCHEDULE, "State", "DISABLED", "ENABLED", Kind.CHANGED),
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
