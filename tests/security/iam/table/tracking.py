"""What tells MLflow of executions: a job that reaches the network, its state machine, and the rule that starts it."""

from tests.security.iam.rows import ADMINISTRATOR, GUARDED, may, never, where
from tests.security.iam.table.guardrails import proper
from tests.security.iam.table.jobs import what_every_job_does
from tests.security.iam.table.people import PEOPLE
from tests.security.iam.table.services import DELIVER_LOGS, MANAGED_RULE, TRACE

_JOB, _MACHINE, _START = "mlflow-tracking-job", "mlflow-tracking-machine", "mlflow-tracking-start"
_NAME = "{sagemaker}:processing-job/{env}-tracking-0123456789ab"
_REPORT = "{artifacts}/executions/{use-case}/execution/evaluation/evaluation.json"
_EXECUTION = "{sagemaker}:pipeline/{env}-{use-case}/execution/1"
_TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}
_IN_THE_NETWORK = {**proper("CreateProcessingJob"), "sagemaker:NetworkIsolation": "false"}
_ON_A_SERVER = " ".join(
    f"sagemaker-mlflow:{action}"
    for action in [
        "CreateExperiment",
        "GetExperimentByName",
        "CreateRun",
        "SearchRuns",
        "UpdateRun",
        "LogBatch",
    ]
)

_JOBS = [
    *what_every_job_does(_JOB),
    *may(_JOB, "s3:GetObject", "{assets}/scripts.zip", "its script is a CDK asset", anywhere=True),
    *may(_JOB, "s3:ListBucket", "{assets}", "SageMaker lists what it downloads"),
    *may(_JOB, "s3:GetObject", _REPORT, "a run has the reports of its execution"),
    *may(_JOB, "s3:ListBucket", "{artifacts}", "there are several", only={"s3:prefix": "executions/x"}),
    *may(_JOB, "s3:PutObject", "{artifacts}/mlflow/1/run/artifacts/evaluation.html", "they become files of the run"),
    *may(_JOB, "sagemaker:DescribePipelineExecution sagemaker:ListPipelineExecutionSteps "
         "sagemaker:ListPipelineParametersForExecution", _EXECUTION, "what was given, and what came of it"),
    *may(_JOB, "sagemaker:DescribeProcessingJob", "{sagemaker}:processing-job/{env}-pipeline-Evaluate-abc",
         "it says where the reports are"),
    *may(_JOB, "sagemaker:DescribeTrainingJob", "{sagemaker}:training-job/{env}-pipeline-Train-abc",
         "it has hyperparameters and metrics"),
    *may(_JOB, "sagemaker:DescribeTrainingJob", "{sagemaker}:training-job/{tuning}-abc-1", "so have trials"),
    *may(_JOB, "sagemaker:DescribeHyperParameterTuningJob", "{sagemaker}:hyper-parameter-tuning-job/{tuning}-abc",
         "and a search knows the best one"),
    *never(_JOB, "s3:GetObject",
           ["{data}/raw/{use-case}/houses.csv", "{data}/processed/{use-case}/execution/train.csv",
            "{capture}/endpoint/AllTraffic/captured.jsonl", "{artifacts}/training/{use-case}/job/output/model.tar.gz"],
           "what reaches the network sees no data and no model"),
    *never(_JOB, "s3:PutObject", [_REPORT, "{artifacts}/data-science/x"], "it changes nothing that it tells of"),
    *never(_JOB, "sagemaker:StartPipelineExecution", "{sagemaker}:pipeline/{env}-{use-case}",
           "it tells of things and does none"),
    *may(_JOB, "sagemaker:CallMlflowAppApi", "{MlflowApp}", "it writes runs down"),
    *where("MlflowServer", may(_JOB, _ON_A_SERVER, "{MlflowServer}", "it writes runs down")),
    *where("MlflowServer", never(_JOB, "sagemaker-mlflow:DeleteRun sagemaker-mlflow:CreateRegisteredModel",
                                 "{MlflowServer}", "and does no more")),
]  # fmt: skip

_MACHINES = [
    *may(_MACHINE, "sagemaker:CreateProcessingJob", _NAME, "its job reaches MLflow", given=_IN_THE_NETWORK),
    *never(_MACHINE, "sagemaker:CreateProcessingJob", _NAME, "the other guardrails are about its jobs too",
           given={"sagemaker:NetworkIsolation": "false"}),
    *never(_MACHINE, "sagemaker:CreateProcessingJob",
           ["{sagemaker}:processing-job/{env}-ada-1", "{sagemaker}:processing-job/{env}-pipeline-Evaluate-abc"],
           "under no other name", given=_IN_THE_NETWORK),
    *may(_MACHINE, "sagemaker:DescribeProcessingJob sagemaker:ListTags sagemaker:StopProcessingJob", _NAME,
         "it follows the job"),
    *may(_MACHINE, "sagemaker:AddTags", _NAME, "the job is tagged when it is created",
         only={"sagemaker:TaggingAction": "CreateProcessingJob"}),
    *may(_MACHINE, "iam:PassRole", f"{{role:{_JOB}}}", "the job has a role of its own", only=_TO_SAGEMAKER),
    *never(_MACHINE, "iam:PassRole", ["{role:processing}", "{role:training}", "{role:monitor}", "{role:experiment}"],
           "no role that sees data reaches the network", given=_TO_SAGEMAKER),
    *may(_MACHINE, "events:DescribeRule events:PutRule events:PutTargets", MANAGED_RULE,
         "Step Functions hears of the job's end by its own rule"),
    *may(_MACHINE, DELIVER_LOGS, "*", "Step Functions manages the delivery of its logs"),
    *may(_MACHINE, TRACE, "*", "executions are traced"),
    *may(_START, "states:StartExecution", "{MlflowTrackingMachine}", "an execution has ended"),
    *never(_START, "states:StopExecution", "{states}:execution:{env}-tracking:1", "it starts and no more"),
    *may("events.amazonaws.com", "sqs:SendMessage", "{MlflowTrackingUndelivered}", "what could not be delivered is kept",
         only={"aws:SourceArn": "{events}:rule/{env}-studio-Ended"}),
    *never(ADMINISTRATOR, "sqs:ReceiveMessage", "{MlflowTrackingUndelivered}", "clear text",
           given={"aws:SecureTransport": "false"}),
]  # fmt: skip

_NOBODY_ELSE = [
    row
    for who in (*PEOPLE, "watch", "pipeline", GUARDED)
    for row in never(who, "sagemaker:CreateProcessingJob", _NAME, "the way to the network is for one machine",
                     given=_IN_THE_NETWORK)
]  # fmt: skip

ROWS = [*_JOBS, *_MACHINES, *_NOBODY_ELSE]
