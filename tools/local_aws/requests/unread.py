"""What may be given although nothing acts on it, and what is carried out in one way only.

Rows are patterns of `service:Operation.member.path`; one with `*` at its end speaks for all below it, too.
"""

from typing import Any

_TOKEN = "a call is answered once: nobody sends it again"
_HARDWARE = "hardware, its price and its time to start: jobs and endpoints are processes of this machine"
_NETWORK = "processes have no network but the embedded AWS, whatever is asked for"
_DIGEST = "a rule compares it with the bytes"
_TEXT = "words for people, read back as they were given"
_REGISTRY = "the registry's record of a version, read back by people, pipelines and releases"
_STUDIO = "what people see in Studio, which has no pages here"
_CATALOG = "a description of data, read back by those who read the data"
_MONEY = "nothing costs anything, so no budget is ever used up"
_NO_LOAD = "there is no load to scale with: a policy is kept and never acts"
_QUICK = "an update takes seconds: no timeout is ever reached, and the old fleet is there until its end"
_HOUR = "the hour strikes when it is told to"
_JUDGED_INSIDE = "its members are judged by themselves"
_NO_LOGS = "logs of state machines stay empty"

WITHOUT_EFFECT: dict[str, str] = {
    **dict.fromkeys(("*.ClientToken", "*.ClientRequestToken", "*.CreatorRequestId", "*.clientToken"), _TOKEN),
    **dict.fromkeys(("*.Description", "*.description", "sagemaker:*.*Description"), _TEXT),
    "application-autoscaling:PutScalingPolicy.*": _NO_LOAD,
    "application-autoscaling:RegisterScalableTarget.Tags*": _TEXT,
    "athena:*WorkGroup.*": "no query is run, so nothing limits or encrypts its results",
    "athena:StartQueryExecution.*": "the call is refused as a whole",
    "budgets:*": _MONEY,
    "chatbot:*.Tags*": _TEXT,
    "chatbot:*.IamRoleArn": "nobody asks for anything in a channel here, so that no role is assumed",
    "cloudformation:*.DeploymentConfig": _JUDGED_INSIDE,
    "cloudformation:CreateChangeSet.IncludeNestedStacks": "a stack inside a stack has no list of its own",
    "cloudformation:GetTemplate.TemplateStage": "a template without macros is the same at both stages",
    "cloudwatch:DescribeAlarms.AlarmTypes": "both kinds are answered, each in a list of its own",
    "cloudwatch:PutDashboard.Tags*": _TEXT,
    "codebuild:*Project.artifacts": _JUDGED_INSIDE,
    "codebuild:*Project.vpcConfig*": _NETWORK,
    "codebuild:*Project.environment.image": "no machine is started: commands are known by their words",
    "codebuild:*Project.environment.type": "no machine is started: commands are known by their words",
    "codebuild:*Project.environment.computeType": _HARDWARE,
    "codebuild:*Project.encryptionKey": "a build has no artifacts that it could encrypt",
    "codebuild:*Project.timeoutInMinutes": "a build takes a moment",
    "codebuild:*Project.concurrentBuildLimit": "a build takes a moment",
    "codebuild:*Project.tags*": _TEXT,
    "databrew:*Dataset.*": _CATALOG,
    "databrew:*Recipe.*": "no recipe is run: a job of one is refused when it starts",
    "ec2:*.TagSpecifications*": _TEXT,
    "ec2:DescribeRegions.AllRegions": "all are told, those that are not enabled too",
    "ecr:*.tags*": _TEXT,
    "iam:SimulatePrincipalPolicy.ContextEntries.ContextKeyType": "the evaluator compares by the operator",
    "kms:*.BypassPolicyLockoutSafetyCheck": "the check is skipped before the key is made",
    "lambda:AddPermission.*": "the statement of the function's policy is made of the request as a whole",
    "events:PutTargets.Targets.RetryPolicy*": "a delivery that fails once fails for good",
    "glue:*Table.TableInput.*": _CATALOG,
    "glue:*Partition.*": _CATALOG,
    "glue:*Crawler.RecrawlPolicy*": "each crawl reads everything",
    "glue:*Crawler.SchemaChangePolicy*": "a crawl writes the table as it finds the data",
    "glue:*Connection.*": "where in the network jobs run, which have none but the embedded AWS",
    **dict.fromkeys(("glue:*Job.*NumberOfWorkers", "glue:*Job.*WorkerType"), _HARDWARE),
    "glue:CreateSecurityConfiguration.*": "bytes are not encrypted; its key is asked for by what writes",
    "route53resolver:CreateFirewallRule.*": "nobody asks here for names that a rule could refuse",
    **dict.fromkeys(("s3:*.ChecksumCRC32", "s3:*.ChecksumSHA1", "s3:*.ChecksumSHA256"), _DIGEST),
    "s3:CopyObject.CopySourceIfMatch": "the repair of copies compares it with the source's ETag",
    "s3:PutBucketReplication.*": "nothing is copied to another bucket",
    "sagemaker:*.ClusterConfig": _JUDGED_INSIDE,
    "sagemaker:CreateTransformJob.TransformResources*": _HARDWARE,
    "sagemaker:*.VolumeSizeInGB": _HARDWARE,
    "sagemaker:*.VolumeKmsKeyId": _HARDWARE,
    "sagemaker:*.KeepAlivePeriodInSeconds": _HARDWARE,
    "sagemaker:*.MaxWaitTimeInSeconds": _HARDWARE,
    "sagemaker:CreateEndpointConfig.KmsKeyId": _HARDWARE,
    "sagemaker:CreateEndpointConfig.ProductionVariants.ServerlessConfig.*": _HARDWARE,
    "sagemaker:*.EnableNetworkIsolation": _NETWORK,
    "sagemaker:*.EnableInterContainerTrafficEncryption": _NETWORK,
    "sagemaker:*.VpcConfig*": _NETWORK,
    "sagemaker:*.MaximumExecutionTimeoutInSeconds": _QUICK,
    "sagemaker:*.RollbackMaximumBatchSize*": _QUICK,
    "sagemaker:CreateDomain.DomainSettings.DockerSettings*": _STUDIO,
    "sagemaker:UpdateDomain.DomainSettingsForUpdate.DockerSettings*": _STUDIO,
    "sagemaker:*.DefaultLandingUri": _STUDIO,
    "sagemaker:*.SharingSettings*": _STUDIO,
    "sagemaker:*.StudioWebPortal": _STUDIO,
    "sagemaker:*.StudioWebPortalSettings*": _STUDIO,
    "sagemaker:CreateModelPackage.SkipModelValidation": "no validation is run, so none can be skipped",
    "sagemaker:*.IdleSettings.LifecycleManagement": "an app is idle when nobody uses it, and nobody does",
    "sagemaker:UpdateDomain.DomainSettingsForUpdate.SecurityGroupIds": _NETWORK,
    "sagemaker:CreateSpace.SpaceSharingSettings.SharingType": "a space has its owner, shared or not",
    **dict.fromkeys(
        (
            "sagemaker:*ModelPackage.DriftCheckBaselines*",
            "sagemaker:*ModelPackage.ModelCard.ModelCardStatus",
            "sagemaker:*ModelPackage.InferenceSpecification.Supported*",
            "sagemaker:*ModelPackage.ModelMetrics*",
        ),
        _REGISTRY,
    ),
    "sagemaker:*MonitoringSchedule.MonitoringScheduleConfig.ScheduleConfig*": _HOUR,
    "scheduler:*.FlexibleTimeWindow.Mode": _HOUR,
    "sns:Subscribe.ReturnSubscriptionArn": "the ARN is in the answer anyway",
    "ssm:*Association.AssociationName": _TEXT,
    "ssm:*Association.ComplianceSeverity": _TEXT,
    "ssm:*Association.ScheduleExpression": _HOUR,
    "stepfunctions:*.loggingConfiguration*": _NO_LOGS,
}
"""The reason for each."""

_NEVER: tuple[Any, ...] = ()
_ONE = (1,)
_FILE = ("File",)
CARRIED_OUT_AS: dict[str, tuple[Any, ...]] = {
    "cloudformation:*.DeploymentConfig.Mode": ("STANDARD",),
    "cloudformation:*.NotificationARNs": _NEVER,
    "codebuild:*Project.artifacts.type": ("NO_ARTIFACTS",),
    "codebuild:*Project.source.type": ("S3",),
    "codebuild:*Project.logsConfig.cloudWatchLogs.status": ("ENABLED",),
    "codebuild:*Project.environment.environmentVariables.type": ("PLAINTEXT",),
    "dynamodb:ExportTableToPointInTime.ExportFormat": ("DYNAMODB_JSON",),
    "dynamodb:ExportTableToPointInTime.ExportTime": _NEVER,
    "dynamodb:ExportTableToPointInTime.ExportType": ("FULL_EXPORT",),
    "dynamodb:ExportTableToPointInTime.IncrementalExportSpecification": _NEVER,
    "dynamodb:ExportTableToPointInTime.S3BucketOwner": _NEVER,
    "sagemaker:*JobDefinition.JobResources.*.InstanceCount": _ONE,
    "sagemaker:*MonitoringSchedule.*.InstanceCount": _ONE,
    "sagemaker:*.InstanceGroups": _NEVER,
    "sagemaker:*.ResourceLimits.MaxRuntimeInSeconds": _NEVER,
    "sagemaker:*.ScalingType": ("Auto", "Linear", "Logarithmic"),
    "sagemaker:CreateHyperParameterTuningJob.WarmStartConfig.WarmStartType": ("TransferLearning",),
    "sagemaker:*.InputMode": _FILE,
    "sagemaker:*.TrainingInputMode": _FILE,
    "sagemaker:*.S3InputMode": _FILE,
    "sagemaker:*.S3DataType": ("S3Prefix",),
    "sagemaker:*.S3DataDistributionType": ("FullyReplicated",),
    "sagemaker:*.S3UploadMode": ("EndOfJob",),
    "sagemaker:*.CompressionType": ("None", "GZIP"),
    "sagemaker:*.S3CompressionType": ("None",),
    "sagemaker:*.RecordWrapperType": ("None",),
    "sagemaker:CreateModel.*.Mode": ("SingleModel",),
    "sagemaker:CreateTransformJob.TransformInput.SplitType": ("None", "Line"),
    "sagemaker:CreateTransformJob.DataCaptureConfig": _NEVER,
    # Words that code mentions for another reason: the same member elsewhere, the key of the pipelines' cache.
    "sagemaker:*.DatasetSource": _NEVER,
    "sagemaker:*.DebugHookConfig": _NEVER,
    "sagemaker:*.DebugRuleConfigurations": _NEVER,
    "sagemaker:CreateEndpointConfig.ExecutionRoleArn": _NEVER,
    "sagemaker:CreateModelPackage.Domain": _NEVER,
}
"""The values that are carried out, if any; another one is refused."""
