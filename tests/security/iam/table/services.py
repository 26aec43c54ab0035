"""Who may become which role; and the roles that services use for their own deliveries."""

from tests.security.iam.rows import ADMINISTRATOR, OTHER_ACCOUNT, STRANGER, Row, may, never, where
from tests.security.iam.table.guardrails import proper

SERVICES = {
    **dict.fromkeys(
        (
            *("processing", "training", "preparation", "experiment", "pipeline"),
            *("endpoint", "asynchronous-endpoint", "serverless-endpoint", "batch-transform", "monitor"),
        ),
        "sagemaker",
    ),
    "close-default-group": "ssm",
    "crawler": "glue",
    "data-quality": "glue",
    "data-preparation": "databrew",
    "feature-store": "sagemaker",
    "newcomer": "sagemaker",
    "mlflow-app": "sagemaker",
    "mlflow-server": "sagemaker",
    "mlflow-tracking-job": "sagemaker",
    "mlflow-tracking-machine": "states",
    "mlflow-tracking-start": "events",
    "release": "states",
    "forward": "events",
    "start-release": "events",
    "ingest": "states",
    "deliver": "glue",
    "start-ingestion": "scheduler",
    "retrain": "states",
    "start-retraining": "events",
    "batch": "states",
    "chat": "chatbot",
    "start-batch": "scheduler",
    "start-watch": "scheduler",
    "watch": "states",
    "flow-log": "vpc-flow-logs",
}
"""Which service assumes a role."""
PEOPLE = ("data-engineer", "data-scientist", "mlops-engineer")
_HERE = {"aws:SourceAccount": "{account}"}


def _assumed_by_its_service_only(role: str, service: str) -> list[Row]:
    arn, stranger = f"{{role:{role}}}", "lambda" if service != "lambda" else "ec2"
    return [
        Row(f"{service}.amazonaws.com", "sts:AssumeRole", arn, True, f"{service} works as {role}", _HERE),
        *never(f"{service}.amazonaws.com", "sts:AssumeRole", arn, "another account could have sent the service",
               given={"aws:SourceAccount": OTHER_ACCOUNT}),
        *never(f"{service}.amazonaws.com", "sts:AssumeRole", arn, "nobody says which account sent the service"),
        *never(f"{stranger}.amazonaws.com", "sts:AssumeRole", arn, "no other service works as it", given=_HERE),
        *never(STRANGER, "sts:AssumeRole", arn, "no other account becomes a role of ours"),
    ]  # fmt: skip


def _never_by_itself(role: str) -> list[Row]:
    """What nothing that runs by itself may ever do."""
    version = f"{{sagemaker}}:model-package/{{env}}-{{{'by-people' if role == 'retrain' else 'use-case'}}}/1"
    return [
        *never(role, "sagemaker:UpdateModelPackage", version,
               "only people approve, and a rule where there is one", given={"sagemaker:ModelApprovalStatus": "Approved"}),
        *never(role, "iam:PassRole", "{role:mlops-engineer}", "nothing works in a person's name",
               given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
        *never(role, "iam:AttachRolePolicy iam:DeleteRolePermissionsBoundary", f"{{role:{role}}}",
               "nothing promotes itself"),
        *never(role, "kms:ScheduleKeyDeletion kms:PutKeyPolicy", "{key}", "without the key everything is lost"),
        *never(role, "s3:PutBucketPolicy s3:DeleteBucket", ["{data}", "{artifacts}"], "nothing takes a bucket over"),
        *never(role, "sts:AssumeRole", "{role:data-engineer}", "nothing becomes a person"),
    ]  # fmt: skip


_EXECUTION_OF_RUNBOOK = "arn:aws:ssm:{region}:{account}:automation-execution/1"
_CLOSE = [
    *may("close-default-group", "ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
         "{default-security-group}", "it removes the rules of the default group"),
    *never("close-default-group", "ec2:AuthorizeSecurityGroupIngress", "{default-security-group}", "it opens nothing"),
    *may("close-default-group", "ec2:DescribeSecurityGroups", "*", "it looks for rules"),
    *may("close-default-group", "ssm:StartAutomationExecution",
         "arn:aws:ssm:{region}::automation-definition/AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules:$DEFAULT",
         "State Manager starts the runbook"),
    *may("close-default-group", "ssm:GetAutomationExecution", _EXECUTION_OF_RUNBOOK, "and follows it", anywhere=True),
    *never("close-default-group", "ssm:GetAutomationExecution", _EXECUTION_OF_RUNBOOK.replace("{region}", "xx-elsewhere-1"),
           "only here"),
    *never("close-default-group", "ssm:SendCommand", "arn:aws:ec2:{region}:{account}:instance/i-1", "nothing else"),
]  # fmt: skip

DELIVER_LOGS = (
    "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:GetLogDelivery "
    "logs:DescribeResourcePolicies logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery"
)
TRACE = "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments"
_SERVED, _CANDIDATE = (
    "{artifacts}/models/{use-case}/1/model.tar.gz",
    "{artifacts}/candidates/{use-case}/1/model.tar.gz",
)
_NOTHING_YET = {"s3:if-none-match": "*"}
_OWN_VERSIONS = [
    *may("release", "sagemaker:DescribeModelPackage", "{sagemaker}:model-package/{env}-{use-case}/1",
         "it reads the version that was decided on"),
    *may("release", "sagemaker:ListPipelineExecutionSteps", "{sagemaker}:pipeline/{env}-{use-case}/execution/1",
         "SageMaker knows which execution registered the version"),
    *may("release", "s3:GetObject", ["{artifacts}/executions/{use-case}/1/data-quality/statistics.json",
                                     "{artifacts}/training/{use-case}/job/output/model.tar.gz"],
         "what belongs to the version"),
    *may("release", "cloudformation:DescribeStacks cloudformation:UpdateStack",
         "{cloudformation}:stack/{env}-{use-case}-training/1", "executions compare with what is live"),
]  # fmt: skip
_RELEASE = [
    *where("trains", _OWN_VERSIONS),
    *may("release", "sagemaker:ListModelPackages", "*", "after a rejection it looks for the newest approved version"),
    *may("release", "s3:GetObject", _SERVED, "it looks at what it has taken"),
    *may("release", "s3:PutObject", _SERVED, "endpoint and monitor read it there", given=_NOTHING_YET),
    *never("release", "s3:PutObject", "{artifacts}/models/{use-case}/1/data-quality/statistics.json",
           "what belongs to a version is never written over"),
    *may("release", "s3:PutObject", _CANDIDATE, "a copy is compared before it is taken"),
    *may("release", "s3:GetObjectVersion", _CANDIDATE, "it takes the very copy that it has compared"),
    *never("release", "s3:PutObject", ["{artifacts}/executions/{use-case}/1/record/record.json",
                                       "{artifacts}/training/{use-case}/job/output/model.tar.gz"],
           "it does not write what it compares with", given=_NOTHING_YET),
    *never("release", "s3:DeleteObject", [_SERVED, _CANDIDATE], "what it has taken stays"),
    *may("release", "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "models and baselines are encrypted"),
    *may("release", "cloudformation:DescribeStacks cloudformation:UpdateStack",
         ["{cloudformation}:stack/{env}-{use-case}-serving/1", "{cloudformation}:stack/{env}-{use-case}-monitoring/1"],
         "a decision sets the parameter of the use case's stacks"),
    *never("release", "cloudformation:UpdateStack",
           ["{cloudformation}:stack/{env}-foundation/1", "{cloudformation}:stack/{env}-{use-case}-catalog/1"],
           "an approval changes what is about a version only"),
    *never("release", "cloudformation:DeleteStack", "{cloudformation}:stack/{env}-{use-case}-serving/1",
           "no decision removes an endpoint"),
    *may("release", "sagemaker:DescribeEndpoint", "{sagemaker}:endpoint/{env}-{use-case}",
         "an update that SageMaker takes back leaves the old configuration"),
    *may("release", "sns:Publish", "{Alerts}", "a failed release is told to people"),
    *may("release", DELIVER_LOGS, "*", "Step Functions manages the delivery of its logs"),
    *may("release", TRACE, "*", "executions are traced"),
    *never("release", "sagemaker:UpdateModelPackage", "{sagemaker}:model-package/{env}-{use-case}/1",
           "people decide, the machine follows", given={"sagemaker:ModelApprovalStatus": "Approved"}),
    *never("release", "sagemaker:UpdateEndpoint", "{sagemaker}:endpoint/{env}-{use-case}",
           "what is deployed is what the templates say"),
    *may("start-release", "states:StartExecution", "{Release}", "a decision starts the release"),
    *never("start-release", "states:StopExecution", "{states}:execution:{env}-release:1", "it starts and no more"),
    *may("flow-log", "logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents",
         "{logs}:log-group:{FlowLogGroup.ref}:log-stream:eni-1", "flow logs go to their group"),
    *never("flow-log", "logs:DeleteLogGroup", "{logs}:log-group:{FlowLogGroup.ref}", "delivery removes nothing"),
]  # fmt: skip

_MONITORING_JOB = "{sagemaker}:processing-job/{env}-{use-case}-0123456789ab"
MANAGED_RULE = "{events}:rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule"
_OWN_METRICS = {"cloudwatch:namespace": "{env}/data-quality"}
_QUALITY = {"cloudwatch:namespace": "{env}/model-quality"}
_WATCH = [
    *may("watch", "sagemaker:CreateProcessingJob", _MONITORING_JOB, "it starts the job that compares",
         given=proper("CreateProcessingJob")),
    *never("watch", "sagemaker:CreateProcessingJob", _MONITORING_JOB, "the guardrails are about its jobs too"),
    *may("watch", "sagemaker:DescribeProcessingJob sagemaker:ListTags sagemaker:StopProcessingJob", _MONITORING_JOB,
         "it follows the job, and stops it with the execution"),
    *may("watch", "sagemaker:AddTags", _MONITORING_JOB, "the job is tagged when it is created",
         only={"sagemaker:TaggingAction": "CreateProcessingJob"}),
    *may("watch", "iam:PassRole", "{role:monitor}", "the job runs as monitor",
         only={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *never("watch", "iam:PassRole", ["{role:processing}", "{role:training}", "{role:pipeline}"],
           "a monitor reads no training data", given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *may("watch", "events:DescribeRule events:PutRule events:PutTargets", MANAGED_RULE,
         "Step Functions hears of the job's end by its own rule"),
    *may("watch", "s3:ListBucket", "{capture}", "it looks whether there was any traffic",
         only={"s3:prefix": "{env}-{use-case}/AllTraffic/"}),
    *never("watch", "s3:GetObject", "{capture}/endpoint/AllTraffic/captured.jsonl", "requests are the job's to read"),
    *where("watched-batches", may("watch", "s3:ListBucket", "{capture}", "it looks whether there are answers",
                                  only={"s3:prefix": "batch/output/x"})),
    *never("watch", "s3:ListBucket", "{capture}", "rows are the job's to list", given={"s3:prefix": "batch/input/x"}),
    *never("watch", "s3:GetObject", ["{capture}/batch/input/{use-case}/1.csv", "{capture}/batch/output/{use-case}/1.csv.out"],
           "rows are the job's to read"),
    *may("watch", "s3:ListBucket", "{data}", "it looks whether anybody said what happened",
         only={"s3:prefix": "ground-truth/x"}),
    *never("watch", "s3:GetObject", "{data}/ground-truth/{use-case}/labels.jsonl", "labels are the job's to read"),
    *may("watch", "s3:GetObject", "{artifacts}/monitoring/{use-case}/data-quality/2026/11/21/15/metrics.json",
         "it reads what the job found"),
    *may("watch", "kms:Decrypt", "{key}", "reports are encrypted"),
    *never("watch", "kms:GenerateDataKey", "{key}", "it writes nothing"),
    *may("watch", "cloudwatch:PutMetricData", "*", "the job has no network to publish metrics", only=_OWN_METRICS),
    *may("watch", "cloudwatch:PutMetricData", "*", "the job has no network to publish metrics", only=_QUALITY),
    *never("watch", "s3:PutObject", "{artifacts}/monitoring/{use-case}/data-quality/2026/11/21/15/metrics.json",
           "reports are the job's to write"),
    *may("watch", DELIVER_LOGS, "*", "Step Functions manages the delivery of its logs"),
    *may("watch", TRACE, "*", "executions are traced"),
    *may("start-watch", "states:StartExecution",
         [f"{{states}}:stateMachine:{{env}}-{{use-case}}-{machine}" for machine in ("monitor", "model-quality")],
         "it is time"),
    *never("start-watch", "states:StartExecution", "{Release}", "time releases nothing"),
    *never("start-watch", "states:StopExecution", "{states}:execution:{env}-{use-case}-monitor:1",
           "it starts and no more"),
]  # fmt: skip

_TABLE = "arn:aws:dynamodb:{region}:{account}:table/{source-table}"
_DELIVERED = "{data}/{exported}/delivery/AWSDynamoDB/1/data/1.json.gz"
_WRITTEN = "{data}/{written}/delivery/rows.parquet"
_JOB = "{env}-{use-case}-deliver"
_INGESTED_BY = "{sagemaker}:pipeline/{env}-{use-case}"
_SECRET = "arn:aws:secretsmanager:{region}:{account}:secret:{source-secret}-AbCdEf"
_MARKED = "arn:aws:s3:::{marked-bucket}"
_INTERFACE = "arn:aws:ec2:{region}:{account}:network-interface/eni-1"
_DELIVER = [
    *where("DeliveryJob", may("deliver", "s3:GetObject", "{assets}/script.py", "Glue reads its script", anywhere=True)),
    *may("deliver", "glue:GetConnection", f"{{glue}}:connection/{_JOB}", "it runs in the network"),
    *where("DeliveryJob", may("deliver", "glue:GetConnection", "{glue}:catalog", "connections are in it", anywhere=True)),
    *may("deliver", "glue:GetDataQualityRuleset", f"{{glue}}:dataQualityRuleset/{_JOB}", "it holds rows against rules"),
    *never("deliver", "glue:UpdateDataQualityRuleset", f"{{glue}}:dataQualityRuleset/{_JOB}", "rules are deployed"),
    *where("DeliveryJob", may("deliver", "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface "
           "ec2:DescribeNetworkInterfaces ec2:DescribeRouteTables ec2:DescribeSecurityGroups ec2:DescribeSubnets "
           "ec2:DescribeVpcAttribute ec2:DescribeVpcEndpoints", "*", "Glue attaches it to the VPC")),
    *where("DeliveryJob", may("deliver", "ec2:CreateTags ec2:DeleteTags", _INTERFACE, "Glue marks its interfaces",
           given={"aws:TagKeys": ("aws-glue-service-resource",)}, anywhere=True)),
    *where("DeliveryJob", never("deliver", "ec2:CreateTags ec2:DeleteTags", _INTERFACE, "with no other tag",
           given={"aws:TagKeys": ("Environment",)})),
    *where("DeliveryJob", never("deliver", "ec2:CreateTags ec2:DeleteTags",
           ["arn:aws:ec2:{region}:{account}:vpc/vpc-1", _INTERFACE.replace("{region}", "xx-elsewhere-1")], "and nothing else",
           given={"aws:TagKeys": ("aws-glue-service-resource",)})),
    *where("DeliveryJob", may("deliver", "logs:AssociateKmsKey logs:CreateLogGroup", "{logs}:log-group:/aws-glue/jobs",
           "it says what it does")),
    *where("DeliveryJob", may("deliver", "logs:CreateLogStream logs:PutLogEvents",
           "{logs}:log-group:/aws-glue/jobs:log-stream:1", "it says what it does")),
    *where("DeliveryJob", may("deliver", "kms:Decrypt kms:DescribeKey kms:GenerateDataKey", "{key}",
           "deliveries and logs are encrypted")),
    *may("deliver", "secretsmanager:GetSecretValue", _SECRET, "it reads the database with this secret"),
    *never("deliver", "secretsmanager:PutSecretValue secretsmanager:UpdateSecret", _SECRET, "which is its owner's"),
    *may("deliver", "s3:AbortMultipartUpload s3:PutObject", _WRITTEN, "it writes the delivery"),
    *never("deliver", "s3:DeleteObject", [_WRITTEN, _DELIVERED], "a delivery stays"),
    *never("deliver", "s3:GetObject", _WRITTEN, "what is delivered it does not read again"),
    *may("deliver", "s3:GetObject", _DELIVERED, "it holds an export against the rules"),
    *may("deliver", "s3:ListBucket", "{data}", "which has many parts", only={"s3:prefix": "{exported}/x"}),
    *may("deliver", "s3:ListBucket", "{data}", "what is delivered it does not deliver again",
         only={"s3:prefix": "{copied}/x"}),
    *never("deliver", "s3:PutObject", _DELIVERED, "DynamoDB has written it"),
    *may("deliver", "s3:GetObject", f"{_MARKED}/{{marked-prefix}}/2026/sales.csv", "it copies a marked folder"),
    *may("deliver", "s3:ListBucket", _MARKED, "it looks for the newest one", only={"s3:prefix": "{marked-prefix}/x"}),
    *never("deliver", "s3:PutObject s3:DeleteObject", f"{_MARKED}/{{marked-prefix}}/2026/sales.csv", "it changes nothing there"),
    *may("deliver", "kms:Decrypt", "{marked-key}", "its files are encrypted", anywhere=True),
    *where("DeliveryJob", never("deliver", "sagemaker:StartPipelineExecution", _INGESTED_BY, "the machine starts it")),
]  # fmt: skip
_INGEST = [
    *may("ingest", "dynamodb:ExportTableToPointInTime", _TABLE, "it exports the table of the source"),
    *may("ingest", "dynamodb:DescribeExport", f"{_TABLE}/export/1", "it follows its export"),
    *never("ingest", "dynamodb:Scan dynamodb:PutItem", _TABLE, "it touches no item"),
    *may("ingest", "s3:AbortMultipartUpload s3:PutObject s3:PutObjectAcl", _DELIVERED,
         "DynamoDB writes the delivery in its name"),
    *never("ingest", "s3:GetObject s3:DeleteObject", _DELIVERED, "a delivery is others' to read, and stays"),
    *never("ingest", "s3:PutObject", "{data}/processed/{use-case}/1/train/train.csv", "nothing but deliveries"),
    *may("ingest", "kms:Decrypt kms:DescribeKey kms:GenerateDataKey", "{key}", "deliveries and alerts are encrypted"),
    *may("ingest", "sagemaker:StartPipelineExecution", _INGESTED_BY, "the pipeline starts with the delivery"),
    *may("ingest", "sagemaker:DescribePipelineExecution", f"{_INGESTED_BY}/execution/1", "its end is waited for"),
    *may("ingest", "glue:GetJobRun glue:StartJobRun", f"{{glue}}:job/{_JOB}", "the job delivers, and is followed"),
    *never("ingest", "glue:UpdateJob", f"{{glue}}:job/{_JOB}", "what the job does is deployed"),
    *may("ingest", "s3:ListBucket", "{data}", "it looks whether there was something new",
         only={"s3:prefix": "{copied}/x"}),
    *never("ingest", "secretsmanager:GetSecretValue", _SECRET, "the job alone reads the database"),
    *never("ingest", "sagemaker:UpdatePipeline", _INGESTED_BY, "what the pipeline does is deployed"),
    *may("ingest", "sns:Publish", "{Alerts}", "a failed delivery is told to people"),
    *where("Ingestion", may("ingest", DELIVER_LOGS, "*", "Step Functions manages the delivery of its logs")),
    *where("Ingestion", may("ingest", TRACE, "*", "executions are traced")),
    *may("start-ingestion", "states:StartExecution", "{Ingestion}", "it is time"),
    *never("start-ingestion", "states:StopExecution", "{states}:execution:{env}-{use-case}-ingest:1",
           "it starts and no more"),
    *may("start-ingestion", "sqs:SendMessage", "{UndeliveredSchedules}", "what did not start is kept"),
    *where("Ingestion", may("start-ingestion", "kms:Decrypt kms:GenerateDataKey", "{key}", "and encrypted")),
]  # fmt: skip

_RETRAINING, _OTHERS = "{states}:stateMachine:{env}-{use-case}-retrain", "{states}:stateMachine:{env}-release"
_RETRAINED = "{sagemaker}:model-package/{env}-{by-rule}/1"
_ALARM = "arn:aws:cloudwatch:{region}:{account}:alarm:{env}-{use-case}-monitoring-Drift"
_RETRAIN = [
    *may("retrain", "states:ListExecutions states:StartExecution", _RETRAINING, "one trains, and starts the next one"),
    *may("retrain", "states:StartExecution", "{states}:stateMachine:{env}-{use-case}-ingest", "a machine delivers"),
    *never("retrain", "states:ListExecutions states:StartExecution", _OTHERS, "what is trained anew waits for approval"),
    *may("retrain", "sagemaker:ListPipelineExecutions sagemaker:StartPipelineExecution", _INGESTED_BY,
         "it runs the pipeline"),
    *may("retrain", "sagemaker:DescribePipelineExecution sagemaker:ListPipelineParametersForExecution",
         f"{_INGESTED_BY}/execution/1", "it sees what was trained with, and follows what it has started"),
    *never("retrain", "sagemaker:UpdatePipeline", _INGESTED_BY, "what the pipeline does is deployed"),
    *may("retrain", "sagemaker:UpdateModelPackage", _RETRAINED, "a rule approves, where the use case has one",
         only={"sagemaker:ModelApprovalStatus": "Approved"}),
    *may("retrain", "sagemaker:DescribeModelPackage", _RETRAINED, "it reads how much better the version is"),
    *may("retrain", "sagemaker:ListPipelineExecutionSteps", "{sagemaker}:pipeline/{env}-{by-rule}/execution/1",
         "SageMaker knows what its execution has registered"),
    *where("by-rule", may("retrain", "sagemaker:ListModelPackages", "*", "another may have been approved meanwhile")),
    *never("retrain", "sagemaker:UpdateModelPackage", "{sagemaker}:model-package/{env}-another-one/1",
           "where no rule is, people decide", given={"sagemaker:ModelApprovalStatus": "Approved"}),
    *never("retrain", "sagemaker:UpdateModelPackage", _RETRAINED, "no rule rejects",
           given={"sagemaker:ModelApprovalStatus": "Rejected"}),
    *(
        row
        for key, value in (("CustomerMetadataPropertiesToRemove", "UseCase"), ("ModelLifeCycle:Stage", "Production"))
        for row in never("retrain", "sagemaker:UpdateModelPackage", _RETRAINED, "a rule approves, and changes nothing else",
                         given={"sagemaker:ModelApprovalStatus": "Approved", f"sagemaker:{key}": value})
    ),
    *never("retrain", "sagemaker:CreateModelPackage", _RETRAINED,
           "what it approves, a pipeline has registered", given={"sagemaker:ModelApprovalStatus": "Approved"}),
    *(
        row
        for who in PEOPLE
        for row in never(who, "states:StartExecution", _RETRAINING, "nobody starts what approves by rule")
    ),
    *may("retrain", "s3:ListBucket", "{data}", "it looks for the newest delivery", only={"s3:prefix": "raw/x"}),
    *never("retrain", "s3:GetObject", "{data}/raw/{use-case}/delivery.csv", "deliveries are the pipeline's to read"),
    *may("retrain", "cloudwatch:DescribeAlarms", _ALARM,
         "an alarm that stays raised asks again"),
    *never("retrain", "cloudwatch:SetAlarmState cloudwatch:DeleteAlarms",
           _ALARM, "it calms nobody"),
    *may("retrain", "sns:Publish", "{Alerts}", "what it did is told to people"),
    *may("retrain", "kms:Decrypt kms:GenerateDataKey", "{key}", "what is told is encrypted"),
    *may("retrain", DELIVER_LOGS, "*", "Step Functions manages the delivery of its logs"),
    *may("retrain", TRACE, "*", "executions are traced"),
    *may("start-retraining", "states:StartExecution", _RETRAINING, "an alarm asks for it"),
    *never("start-retraining", "states:StartExecution", _OTHERS, "an alarm releases nothing"),
]  # fmt: skip

_BATCH, _TRANSFORM = (
    "{states}:stateMachine:{env}-{use-case}-batch",
    "{sagemaker}:transform-job/{env}-{use-case}-0123456789ab",
)
_BATCHES = [
    *may("batch", "sagemaker:CreateTransformJob", _TRANSFORM, "it starts the job that predicts",
         given=proper("CreateTransformJob")),
    *never("batch", "sagemaker:CreateTransformJob", _TRANSFORM, "the guardrails are about its jobs too"),
    *may("batch", "sagemaker:DescribeTransformJob sagemaker:StopTransformJob", _TRANSFORM,
         "it follows the job, and stops one that takes too long"),
    *may("batch", "sagemaker:AddTags", _TRANSFORM, "the job is tagged when it is created",
         only={"sagemaker:TaggingAction": "CreateTransformJob"}),
    *never("batch", "iam:PassRole", ["{role:batch-transform}", "{role:endpoint}"], "a job acts as its model",
           given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *never("batch", "sagemaker:CreateModel", "{sagemaker}:model/{env}-x", "which model predicts is deployed",
           given=proper("CreateModel")),
    *may("batch", "s3:ListBucket", "{capture}", "it looks whether there are rows", only={"s3:prefix": "batch/input/x"}),
    *never("batch", "s3:GetObject", ["{capture}/batch/input/{use-case}/1.csv", "{capture}/batch/output/{use-case}/1.csv.out"],
           "rows are the job's to read"),
    *may("batch", "sns:Publish", "{Alerts}", "a failed batch is told to people"),
    *may("batch", "kms:Decrypt kms:GenerateDataKey", "{key}", "what is told is encrypted"),
    *may("batch", DELIVER_LOGS, "*", "Step Functions manages the delivery of its logs"),
    *may("batch", TRACE, "*", "executions are traced"),
    *where("watched-batches", may("batch", "states:StartExecution", _BATCH + "-monitor", "somebody compares what was answered")),
    *where("unwatched-batches", never("batch", "states:StartExecution", "{states}:stateMachine:{env}-x-batch-monitor", "nobody compares batches")),
    *never("batch", "states:StartExecution", [_BATCH, "{states}:stateMachine:{env}-{use-case}-monitor", _OTHERS], "it starts no other one"),
    *may("start-batch", "states:StartExecution", _BATCH, "it is time"),
    *never("start-batch", "states:StartExecution", _OTHERS, "time releases nothing"),
    *may("start-batch", "sqs:SendMessage", "{UndeliveredBatches}", "what did not start is kept"),
    *may("start-batch", "kms:Decrypt kms:GenerateDataKey", "{key}", "and encrypted"),
]  # fmt: skip


_CHAT = where("SlackChannel", [
    *never("chat", "cloudwatch:DescribeAlarms logs:GetLogEvents sagemaker:ListEndpoints", "*", "a channel hears, and asks for nothing"),
    *never("chat", "sns:Publish", "{Alerts}", "nor does it tell"),
    *never("chat", "kms:Decrypt", "{key}", "messages reach it as they are"),
])  # fmt: skip


_IN_A_NAME = ("processing", "training", "preparation", "experiment", "pipeline")
"""Roles of jobs that a person starts: SageMaker carries the person's name into them, or refuses the job."""


def _in_a_name(who: str) -> list[Row]:
    arn = f"{{role:{who}}}"
    return [
        *may("sagemaker.amazonaws.com", "sts:SetSourceIdentity", arn, "the job says who started it",
             anywhere=True, only=_HERE),
        *never(ADMINISTRATOR, "sts:SetSourceIdentity", arn, "people do not work as a job"),
    ]  # fmt: skip


def _named_person(who: str, arn: str) -> list[Row]:
    """Where people are configured, they alone assume the role of their persona, each under their own name."""
    name = f"{{person:{who}}}"
    session, identity = {"sts:RoleSessionName": name}, {"sts:SourceIdentity": name}
    user, tagged = {"aws:username": name}, {"aws:PrincipalTag/person": name}
    another_user, another_tag = {"aws:username": "elsewhere"}, {"aws:PrincipalTag/person": "elsewhere"}
    assume, state = "sts:AssumeRole", "sts:SetSourceIdentity"
    rows = [
        *may(ADMINISTRATOR, assume, arn, "the AWS CLI states the session's name", only=session, anywhere=True),
        *may(ADMINISTRATOR, assume, arn, "so does an IAM user", given={**session, **user}, anywhere=True),
        *may(ADMINISTRATOR, assume, arn, "and a session with the tag", given={**session, **tagged}, anywhere=True),
        *may(ADMINISTRATOR, assume, arn, "name and identity are one", given={**session, **identity}, anywhere=True),
        *may(ADMINISTRATOR, state, arn, "the identity cannot change later", only=identity, anywhere=True),
        *may(ADMINISTRATOR, state, arn, "also of an IAM user", given={**identity, **user}, anywhere=True),
        *may(ADMINISTRATOR, state, arn, "also by the tag", given={**identity, **tagged}, anywhere=True),
        *never(ADMINISTRATOR, assume, arn, "an IAM user is nobody else", given={**session, **another_user}),
        *never(ADMINISTRATOR, assume, arn, "nor is a session with the tag", given={**session, **another_tag}),
        *never(ADMINISTRATOR, assume, arn, "two names are one too many",
               given={**session, "sts:SourceIdentity": "elsewhere"}),
        *never(ADMINISTRATOR, state, arn, "an IAM user is nobody else", given={**identity, **another_user}),
        *never(ADMINISTRATOR, state, arn, "nor is a session with the tag", given={**identity, **another_tag}),
        *never(ADMINISTRATOR, "sts:TagSession", arn, "nobody gives themselves another persona",
               given={**session, "aws:TagKeys": ("persona",)}),
    ]  # fmt: skip
    return where(f"person:{who}", rows)


def _person(who: str) -> list[Row]:
    arn = f"{{role:{who}}}"
    assume = "sts:AssumeRole sts:SetSourceIdentity"
    return [
        *never(STRANGER, "sts:AssumeRole", arn, "people of other accounts have nothing here"),
        *never("lambda.amazonaws.com", "sts:AssumeRole", arn, "a function is nobody", given=_HERE),
        *_named_person(who, arn),
        *may(ADMINISTRATOR, assume, arn, "whom the account lets in becomes a person with a name", anywhere=True,
             given={"sts:RoleSessionName": f"{{nobody:{who}}}", "sts:SourceIdentity": f"{{nobody:{who}}}"}),
        *may(ADMINISTRATOR, "sts:TagSession", arn, "and may be of one use case", anywhere=True,
             only={"aws:TagKeys": ("use-case",)}),
        *never(ADMINISTRATOR, "sts:TagSession", arn, "no other tag than that", given={"aws:TagKeys": ("admin",)}),
        *may("sagemaker.amazonaws.com", assume, arn, "Studio works as its person", anywhere=True, only=_HERE),
        *(
            row
            for colleague in PEOPLE
            if colleague != who
            for row in never(colleague, "sts:AssumeRole", arn, "nobody takes the role of a colleague")
        ),
    ]  # fmt: skip


ROWS = [
    *(row for role, service in SERVICES.items() for row in _assumed_by_its_service_only(role, service)),
    *(row for role in SERVICES for row in _never_by_itself(role)),
    *(row for who in _IN_A_NAME for row in _in_a_name(who)),
    *(row for who in PEOPLE for row in _person(who)),
    *_CLOSE,
    *_RELEASE,
    *_WATCH,
    *_INGEST,
    *_RETRAIN,
    *_BATCHES,
    *_CHAT,
    *_DELIVER,
]
