"""The data engineer brings data, the data scientist trains, the MLOps engineer approves, and nobody does two of these."""

from tests.security.iam.rows import WITH_EVERYTHING, Row, may, never, where
from tests.security.iam.table.guardrails import proper
from tests.security.iam.table.people import (
    CAPTURED,
    ENDPOINT,
    EXECUTION,
    GROUP,
    PACKAGE,
    PIPELINE,
    ROWS_OF_PEOPLE,
    SCHEDULE,
    TO_SAGEMAKER,
    TRIED,
    status,
)

_KEEP = "s3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:PutObject"
_RAW, _PROCESSED = "{data}/raw/{use-case}/houses.csv", "{data}/processed/{use-case}/execution/train.csv"
_FEATURES, _LABELS = (
    "{data}/features/{use-case}/part.parquet",
    "{data}/ground-truth/{use-case}/labels.jsonl",
)
_MODEL = "{artifacts}/training/{use-case}/job/output/model.tar.gz"
_BASELINE = "{artifacts}/models/{use-case}/1/data-quality/constraints.json"
_DASHBOARD = "arn:aws:cloudwatch::{account}:dashboard/{env}-{use-case}"
_DRIFT = "{artifacts}/monitoring/{use-case}/data-quality/report.json"


def _jobs(who: str, kinds: dict[str, str], roles: tuple[str, ...]) -> list[Row]:
    """Jobs of one's own, within the guardrails, with these roles."""
    jobs = [row for action, kind in kinds.items() for row in _own_job(who, action, f"{{sagemaker}}:{kind}")]
    return jobs + [row for role in roles for row in _passes(who, role)]


def _own_job(who: str, action: str, jobs: str) -> list[Row]:
    job, name, good = f"{jobs}/{{env}}-ada-1", f"sagemaker:{action}", proper(action)
    return [
        *may(who, name, job, "people run jobs of their own", given=good),
        *may(who, name.replace("Create", "Stop"), job, "and stop them"),
        *never(who, name, job, "a job outside the VPC", given={key: good[key] for key in good if "Vpc" not in key}),
        *never(who, name, job, "a job without keys", given={key: good[key] for key in good if "Kms" not in key}),
        *never(who, name, job, "a job in clear text",
               given={**good, "sagemaker:InterContainerTrafficEncryption": "false"}),
        *never(who, name, f"{jobs}/{{env}}-pipeline-Train-abc", "not in a pipeline's name", given=good),
        *never(who + WITH_EVERYTHING, name, f"{jobs}/{{env}}-pipeline-Train-abc", "whatever policy is added", given=good),
        *never(who, name.replace("Create", "Stop"), f"{jobs}/{{env}}-pipeline-Train-abc", "nor do they stop its jobs"),
        *may(who, "sagemaker:AddTags", job, "jobs are tagged when they are created",
             only={"sagemaker:TaggingAction": action}),
    ]  # fmt: skip


def _passes(who: str, role: str) -> list[Row]:
    return [
        *may(who, "iam:PassRole", f"{{role:{role}}}", f"their jobs run as {role}", only=TO_SAGEMAKER),
        *never(who, "iam:PassRole", f"{{role:{role}}}", "to no other service",
               given={"iam:PassedToService": "lambda.amazonaws.com"}),
    ]  # fmt: skip


def _keeps(who: str, bucket: str, prefix: str, why: str) -> list[Row]:
    return [
        *may(who, _KEEP, f"{bucket}/{prefix}/{{use-case}}/file", why),
        *may(who, "s3:ListBucket", bucket, why, only={"s3:prefix": f"{prefix}/{{use-case}}"}),
    ]


def _reads(who: str, bucket: str, prefix: str, why: str) -> list[Row]:
    return [
        *may(who, "s3:GetObject", f"{bucket}/{prefix}/{{use-case}}/file", why),
        *may(who, "s3:ListBucket", bucket, why, only={"s3:prefix": f"{prefix}/{{use-case}}"}),
        *never(who, "s3:PutObject s3:DeleteObject", f"{bucket}/{prefix}/{{use-case}}/file", "reading is not writing"),
    ]  # fmt: skip


_FEATURE_GROUP = "{sagemaker}:feature-group/{env}-{use-case}"
_DATA_ENGINEER = [
    *_keeps("data-engineer", "{data}", "raw", "engineers deliver data"),
    *_reads("data-engineer", "{data}", "processed", "what a pipeline has made is taken from the cache later"),
    *_keeps("data-engineer", "{data}", "features", "engineers fill features"),
    *_keeps("data-engineer", "{data}", "ground-truth", "engineers deliver what really happened"),
    *_keeps("data-engineer", "{artifacts}", "data-engineering", "scripts of their own jobs"),
    *_keeps("data-engineer", "{capture}", "batch/input", "engineers bring rows to predict"),
    *_reads("data-engineer", "{capture}", "batch/output", "and take their answers"),
    *never("data-engineer", "s3:ListBucket", "{capture}", "requests are others'", given={"s3:prefix": "{env}-{use-case}/"}),
    *_jobs("data-engineer", {"CreateProcessingJob": "processing-job"}, ("preparation",)),
    *may("data-engineer", "sagemaker:BatchGetRecord sagemaker:DeleteRecord sagemaker:GetRecord sagemaker:PutRecord "
         "sagemaker:UpdateFeatureGroup sagemaker:UpdateFeatureMetadata", _FEATURE_GROUP, "engineers fill features"),
    *may("data-engineer", "states:DescribeStateMachine states:ListExecutions states:StartExecution",
         "{states}:stateMachine:{env}-{use-case}-ingest", "they ask for a delivery"),
    *may("data-engineer", "states:DescribeExecution states:GetExecutionHistory states:StopExecution",
         "{states}:execution:{env}-{use-case}-ingest:1", "they look why a delivery failed", anywhere=True),
    *never("data-engineer", "states:DescribeExecution states:StopExecution", "{states}:execution:{env}-release:1",
           "other machines are others'"),
    *never("data-engineer", "states:StartExecution", ["{Release}", "{states}:stateMachine:{env}-{use-case}-monitor"],
           "other machines are others'"),
    *never("data-engineer", "sagemaker:CreateFeatureGroup sagemaker:DeleteFeatureGroup", _FEATURE_GROUP,
           "feature groups are deployed, with their keys"),
    *never("data-engineer", "sagemaker:UpdateModelPackage", PACKAGE, "who brings data approves nothing",
           given=status("Approved")),
    *never("data-engineer", "sagemaker:StartPipelineExecution", PIPELINE, "training is the data scientist's"),
    *never("data-engineer", "sagemaker:InvokeEndpoint sagemaker:InvokeEndpointAsync", ENDPOINT, "predictions are not an engineer's"),
    *never("data-engineer", "sagemaker:CreateTrainingJob", "{sagemaker}:training-job/{env}-ada-1",
           "training is the data scientist's", given=proper("CreateTrainingJob")),
    *never("data-engineer", "s3:GetObject", [_MODEL, CAPTURED, _BASELINE], "models and requests are others'"),
    *never("data-engineer", "iam:PassRole", ["{role:training}", "{role:experiment}"], "they train nothing",
           given=TO_SAGEMAKER),
    *never("data-engineer", "iam:PassRole", "{role:processing}", "that role writes evaluations and baselines",
           given=TO_SAGEMAKER),
]  # fmt: skip

_EXPERIMENTS = {
    "Experiment": "experiment",
    "Trial": "experiment-trial",
    "TrialComponent": "experiment-trial-component",
}
_DATA_SCIENTIST = [
    *may("data-scientist", "sagemaker:StartPipelineExecution", PIPELINE, "data scientists run pipelines"),
    *may("data-scientist", "sagemaker:RetryPipelineExecution sagemaker:StopPipelineExecution", EXECUTION,
         "data scientists run pipelines"),
    *_jobs("data-scientist", {"CreateProcessingJob": "processing-job", "CreateTrainingJob": "training-job"},
           ("experiment",)),
    *never("data-scientist", "iam:PassRole", ["{role:processing}", "{role:preparation}"],
           "they read raw data for whoever passes them", given=TO_SAGEMAKER),
    *never("data-scientist", "iam:PassRole", "{role:training}", "that role could replace a model that was approved",
           given=TO_SAGEMAKER),
    *(
        row
        for name, kind in _EXPERIMENTS.items()
        for row in may("data-scientist", f"sagemaker:Create{name} sagemaker:Update{name}",
                       f"{{sagemaker}}:{kind}/{{env}}-ada", "they write down what they try")
    ),
    *may("data-scientist", "sagemaker:AssociateTrialComponent sagemaker:BatchPutMetrics",
         "{sagemaker}:experiment-trial-component/{env}-ada", "they write down what they try"),
    *where("RegistrationPolicy", may(
        "data-scientist", "sagemaker:CreateModelPackage", [GROUP, PACKAGE], "they register as pending",
        only=status("PendingManualApproval"))),
    *never("data-scientist", "sagemaker:CreateModelPackage", [GROUP, PACKAGE], "they register as nothing else",
           given=status("Rejected")),
    *never("data-scientist", "sagemaker:UpdateModelPackage", PACKAGE, "they never approve", given=status("Approved")),
    *never("data-scientist", "sagemaker:UpdateModelPackage", PACKAGE, "nor reject", given=status("Rejected")),
    *never("data-scientist", "sagemaker:UpdateModelPackage", PACKAGE, "nor change a version that is decided on"),
    *never("data-scientist" + WITH_EVERYTHING, "sagemaker:UpdateModelPackage", PACKAGE,
           "also a policy that allows everything lets no data scientist approve", given=status("Approved")),
    *never("data-scientist" + WITH_EVERYTHING, "sagemaker:CreateModelPackage", [GROUP, PACKAGE],
           "nor register as approved", given=status("Approved")),
    *may("data-scientist", "sagemaker:BatchGetRecord sagemaker:GetRecord", _FEATURE_GROUP, "they train on features"),
    *never("data-scientist", "sagemaker:PutRecord", _FEATURE_GROUP, "features are the engineer's"),
    *_reads("data-scientist", "{data}", "processed", "they look at what models learn from"),
    *_reads("data-scientist", "{data}", "features", "they look at what models learn from"),
    *_keeps("data-scientist", "{artifacts}", "data-science", "their own experiments"),
    *_reads("data-scientist", "{artifacts}", "executions", "reports of executions"),
    *_reads("data-scientist", "{artifacts}", "training", "models that were trained"),
    *never("data-scientist", "s3:GetObject s3:PutObject", [_RAW, _LABELS], "raw data are the data engineer's"),
    *never("data-scientist", "s3:ListBucket", "{data}", "not even their names", given={"s3:prefix": "raw/{use-case}"}),
    *never("data-scientist", "s3:GetObject", [CAPTURED, *TRIED], "customers' requests are operations'"),
    *never("data-scientist", "sagemaker:UpdateEndpointWeightsAndCapacities", ENDPOINT, "operations are MLOps'"),
    *never("data-scientist", "states:StartExecution", "{Release}", "releasing is MLOps'"),
]  # fmt: skip

_MACHINE = "{states}:stateMachine:{env}-release"
_MLOPS_ENGINEER = [
    *may("mlops-engineer", "sagemaker:UpdateModelPackage", PACKAGE, "they approve", only=status("Approved")),
    *may("mlops-engineer", "sagemaker:UpdateModelPackage", PACKAGE, "they reject", only=status("Rejected")),
    *never("mlops-engineer", "sagemaker:UpdateModelPackage", PACKAGE, "a decision is not taken back silently",
           given=status("PendingManualApproval")),
    *never("mlops-engineer", "sagemaker:CreateModelPackage", PACKAGE, "who decides registers nothing",
           given=status("PendingManualApproval")),
    *never("mlops-engineer", "sagemaker:StartPipelineExecution", PIPELINE, "who decides trains nothing"),
    *may("mlops-engineer", "sagemaker:InvokeEndpoint sagemaker:InvokeEndpointAsync "
         "sagemaker:UpdateEndpointWeightsAndCapacities", ENDPOINT, "they operate endpoints"),
    *may("mlops-engineer", "sagemaker:StartMonitoringSchedule sagemaker:StopMonitoringSchedule", SCHEDULE,
         "they pause monitors"),
    *never("mlops-engineer", "sagemaker:DeleteMonitoringSchedule", SCHEDULE, "a monitor is paused, not removed"),
    *may("mlops-engineer", "states:DescribeStateMachine states:ListExecutions states:StartExecution", _MACHINE,
         "they replay a release"),
    *may("mlops-engineer", "states:DescribeExecution states:GetExecutionHistory states:StopExecution",
         "{states}:execution:{env}-release:1", "they watch a release", anywhere=True),
    *never("mlops-engineer", "states:StopExecution", "{states}:execution:elsewhere:1", "other machines are others'"),
    *may("mlops-engineer", "states:DescribeStateMachine states:ListExecutions states:StartExecution",
         ["{states}:stateMachine:{env}-{use-case}-monitor", "{states}:stateMachine:{env}-{use-case}-model-quality",
          "{states}:stateMachine:{env}-{use-case}-batch"],
         "they compare some hours once more, or predict a day's rows"),
    *may("mlops-engineer", "states:DescribeExecution states:GetExecutionHistory states:StopExecution",
         ["{states}:execution:{env}-{use-case}-monitor:1", "{states}:execution:{env}-{use-case}-model-quality:1",
          "{states}:execution:{env}-{use-case}-batch:1"],
         "they look why a monitor or a batch failed", anywhere=True),
    *never("mlops-engineer", "states:StartExecution", "{states}:stateMachine:{env}-{use-case}-other",
           "other machines are others'"),
    *may("mlops-engineer", "cloudwatch:DescribeAlarms cloudwatch:GetMetricData", "*", "they look at alarms"),
    *may("mlops-engineer", "cloudwatch:GetDashboard", _DASHBOARD, "and at the page where all of it is"),
    *never("mlops-engineer", "cloudwatch:PutDashboard cloudwatch:DeleteDashboards", _DASHBOARD, "which is deployed"),
    *never("mlops-engineer", "cloudwatch:GetDashboard", "arn:aws:cloudwatch::{account}:dashboard/another-team",
           "what others look at is theirs"),
    *never("mlops-engineer", "states:DescribeExecution", "{states}:execution:{env}-other:1", "other machines are not theirs"),
    *_reads("mlops-engineer", "{artifacts}", "executions", "they decide by the reports"),
    *_reads("mlops-engineer", "{artifacts}", "models", "they look at baselines"),
    *_reads("mlops-engineer", "{artifacts}", "monitoring", "they look at drift"),
    *may("mlops-engineer", "s3:GetObject", CAPTURED, "they look at requests"),
    *may("mlops-engineer", "s3:GetObject", TRIED, "they compare versions on the same requests"),
    *may("mlops-engineer", "s3:ListBucket", "{capture}", "they look at requests",
         only={"s3:prefix": "{env}-{use-case}/AllTraffic/"}),
    *_reads("mlops-engineer", "{capture}", "failures", "they look why a request was not answered"),
    *never("mlops-engineer", "s3:GetObject", ROWS_OF_PEOPLE, "rows of batches and of requests that wait say whose they are"),
    *may("mlops-engineer", "sagemaker:DescribeTransformJob sagemaker:StopTransformJob",
         "{sagemaker}:transform-job/{env}-{use-case}-0123456789ab", "they stop a job that nobody follows"),
    *never("mlops-engineer", "sagemaker:CreateTransformJob", "{sagemaker}:transform-job/{env}-x",
           "a machine starts jobs", given=proper("CreateTransformJob")),
    *never("mlops-engineer", "s3:GetObject", [_RAW, _PROCESSED, _FEATURES, _MODEL], "they need no training data"),
    *never("mlops-engineer", "s3:GetObject", "{logs-bucket}/data/log", "nor who read what"),
    *never("mlops-engineer", "s3:PutObject", _DRIFT, "nor do they write reports"),
    *never("mlops-engineer", "sagemaker:CreateTrainingJob", "{sagemaker}:training-job/{env}-ada-1", "they train nothing",
           given=proper("CreateTrainingJob")),
    *never("mlops-engineer", "iam:PassRole", ["{role:training}", "{role:processing}"], "they start no jobs",
           given=TO_SAGEMAKER),
]  # fmt: skip

ROWS = [*_DATA_ENGINEER, *_DATA_SCIENTIST, *_MLOPS_ENGINEER]
