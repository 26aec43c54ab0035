"""The roles of work that runs by itself: processing, training, preparation, experiment, endpoint, monitor."""

from tests.security.iam.rows import Row, may, never, where
from tests.security.iam.table.people import CAPTURED, ROWS_OF_PEOPLE, TRIAL_LOG

JOB_ROLES = (
    *("processing", "training", "preparation", "experiment"),
    *("endpoint", "asynchronous-endpoint", "batch-transform", "monitor"),
)
_OWN_LOG = "{logs}:log-group:/aws/sagemaker/Endpoints/{env}-{use-case}:log-stream:AllTraffic/1"
_NETWORK_ACTIONS = (
    "ec2:CreateNetworkInterface ec2:CreateNetworkInterfacePermission ec2:DeleteNetworkInterface "
    "ec2:DeleteNetworkInterfacePermission ec2:DescribeDhcpOptions ec2:DescribeNetworkInterfaces "
    "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs"
)
_LOG = "{logs}:log-group:/aws/sagemaker/ProcessingJobs"
_MODEL = "{artifacts}/training/{use-case}/job/output/model.tar.gz"
_REPORT = "{artifacts}/executions/{use-case}/execution/evaluation/evaluation.json"
_SERVED = "{artifacts}/models/{use-case}/1/model.tar.gz"
_CHECKPOINT = "{artifacts}/checkpoints/{use-case}/execution/trees.ubj"
_RAW, _PROCESSED = "{data}/raw/{use-case}/houses.csv", "{data}/processed/{use-case}/execution/train.csv"


def what_every_job_does(who: str) -> list[Row]:
    return [
        *what_every_container_does(who),
        *may(who, _NETWORK_ACTIONS, "*", "it runs in the VPC"),
        *may(who, "logs:CreateLogStream logs:PutLogEvents",
             [f"{_LOG}:log-stream:{{env}}-pipeline-Train/1",
              "{logs}:log-group:/aws/sagemaker/TrainingJobs:log-stream:{env}-ada/1"],
             "it says what happens"),
    ]  # fmt: skip


def what_every_container_does(who: str) -> list[Row]:
    return [
        *may(who, "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "its data are encrypted by the key"),
        *may(who, "kms:CreateGrant", "{key}", "SageMaker encrypts the volume for it",
             only={"kms:GrantIsForAWSResource": "true"}),
        *may(who, "logs:CreateLogGroup logs:DescribeLogStreams", _LOG, "it says what happens"),
        *may(who, "logs:CreateLogStream logs:PutLogEvents", _OWN_LOG, "it says what happens"),
        *never(who, "logs:PutLogEvents", f"{_LOG}:log-stream:elsewhere/1", "another environment's jobs speak for themselves"),
        *never(who, "logs:CreateLogStream", "{logs}:log-group:/aws/sagemaker/Endpoints/elsewhere:log-stream:1",
               "another environment's endpoints speak for themselves"),
        *may(who, "cloudwatch:PutMetricData", "*", "it reports its resources' use",
             only={"cloudwatch:namespace": "/aws/sagemaker/ProcessingJobs"}),
        *may(who, "cloudwatch:PutMetricData", "*", "Model Monitor's namespace has no slash in front",
             only={"cloudwatch:namespace": "aws/sagemaker/Endpoints/data-metrics"}),
        *may(who, "ecr:GetAuthorizationToken", "*", "a pull starts with a token"),
        *may(who, "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer",
             ["{xgboost-image}", "{monitor-image}", "{spark-image}"], "it runs in one of AWS's images"),
        *never(who, "iam:PassRole", "{role:pipeline}", "a job that passes roles is a job that promotes itself",
               given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
        *never(who, "sagemaker:UpdateModelPackage", "{sagemaker}:model-package/{env}-{use-case}/1",
               "no job approves", given={"sagemaker:ModelApprovalStatus": "Approved"}),
        *never(who, "s3:DeleteObject", [_RAW, _PROCESSED, _MODEL], "jobs add and never remove"),
        *never(who, "kms:ScheduleKeyDeletion", "{key}", "without the key everything is lost"),
        *never(who, "ecr:PutImage", "{xgboost-image}", "a job must not change what the next one runs in"),
    ]  # fmt: skip


_PROCESSING = [
    *may("processing", "s3:GetObject", "{assets}/scripts.zip", "its scripts are a CDK asset", anywhere=True),
    *may("processing", "s3:ListBucket", "{assets}", "SageMaker lists what it downloads"),
    *may("processing", "s3:GetObject", [_RAW, _PROCESSED], "Preprocess reads the delivery, Evaluate the split"),
    *may("processing", "s3:ListBucket", "{data}", "a delivery has many files", only={"s3:prefix": "raw/{use-case}"}),
    *may("processing", "s3:ListBucket", "{data}", "a split has many files", only={"s3:prefix": "processed/x"}),
    *may("processing", "s3:GetObject", _MODEL, "Evaluate loads the model"),
    *may("processing", "s3:ListBucket", "{artifacts}", "SageMaker lists first", only={"s3:prefix": "training/x"}),
    *never("processing", "s3:GetObject", "{artifacts}/data-engineering/script.py", "a pipeline runs what was reviewed"),
    *may("processing", "s3:PutObject", _PROCESSED, "Preprocess writes the split"),
    *may("processing", "s3:PutObject", _REPORT, "Evaluate writes the report"),
    *may("processing", "s3:GetObject", "{artifacts}/executions/{use-case}/execution/data-quality/constraints.json",
         "Record tells the digest of the baseline"),
    *may("processing", "s3:ListBucket", "{artifacts}", "SageMaker lists first", only={"s3:prefix": "executions/x"}),
    *may("processing", "s3:GetObject", _SERVED, "Evaluate measures the live version on the same rows"),
    *may("processing", "s3:ListBucket", "{artifacts}", "SageMaker lists first", only={"s3:prefix": "models/x"}),
    *never("processing", "s3:PutObject", _SERVED, "what serves is the release's", given={"s3:if-none-match": "*"}),
    *never("processing", "s3:PutObject", [_RAW, _MODEL], "what came in and what was trained stay as they are"),
    *never("processing", "logs:PutLogEvents", TRIAL_LOG, "trainings speak for themselves"),
    *never("processing", "s3:PutObject", "{data}/ground-truth/{use-case}/labels.jsonl", "labels are people's"),
    *never("processing", "s3:GetObject", "{capture}/endpoint/AllTraffic/captured.jsonl", "requests are the monitor's"),
]  # fmt: skip
_TRAINING = [
    *may("training", "s3:GetObject", "{assets}/scripts.zip", "its scripts are a CDK asset", anywhere=True),
    *may("training", "s3:ListBucket", "{assets}", "SageMaker lists what it downloads"),
    *may("training", "s3:GetObject", _PROCESSED, "the channels are the split"),
    *may("training", "s3:ListBucket", "{data}", "a channel has many files", only={"s3:prefix": "processed/x"}),
    *never("training", "s3:GetObject", "{artifacts}/data-science/script.py", "a pipeline runs what was reviewed"),
    *may("training", "s3:PutObject", _MODEL, "the model is its output"),
    *never("training", "s3:GetObject", _RAW, "it sees the split only, so that it cannot learn from test data twice"),
    *may("training", "s3:PutObject s3:GetObject", _CHECKPOINT, "it goes on where its machine was taken away"),
    *may("training", "s3:ListBucket", "{artifacts}", "there may be several", only={"s3:prefix": "checkpoints/x"}),
    *may("training", "logs:CreateLogStream logs:PutLogEvents", TRIAL_LOG, "a search names its trainings"),
    *never("training", "s3:GetObject", _MODEL, "it starts from nothing"),
    *never("training", "s3:PutObject", [_REPORT, _SERVED], "who trains does not write down how good it is",
           given={"s3:if-none-match": "*"}),
]  # fmt: skip
_PREPARATION = [
    *may("preparation", "s3:GetObject", [_RAW, _PROCESSED], "engineers work on data"),
    *may("preparation", "s3:ListBucket", "{data}", "a delivery has many files", only={"s3:prefix": "raw/{use-case}"}),
    *may("preparation", "s3:ListBucket", "{data}", "a split has many files", only={"s3:prefix": "processed/x"}),
    *may("preparation", "s3:GetObject", "{artifacts}/data-engineering/script.py", "engineers bring scripts"),
    *may("preparation", "s3:ListBucket", "{artifacts}", "SageMaker lists first",
         only={"s3:prefix": "data-engineering/x"}),
    *may("preparation", "s3:PutObject", "{artifacts}/data-engineering/result.csv", "results are theirs"),
    *never("preparation", "s3:PutObject", [_RAW, _PROCESSED, _MODEL, _REPORT],
           "a job of people changes nothing that a pipeline reads or has made"),
    *never("preparation", "s3:GetObject", _MODEL, "models are others'"),
]  # fmt: skip
_EXPERIMENT = [
    *may("experiment", "s3:GetObject", "{assets}/scripts.zip", "they try what the pipeline runs", anywhere=True),
    *may("experiment", "s3:ListBucket", "{assets}", "SageMaker lists what it downloads"),
    *may("experiment", "s3:GetObject", _PROCESSED, "data scientists look at what models learn from"),
    *may("experiment", "s3:ListBucket", "{data}", "a split has many files", only={"s3:prefix": "processed/x"}),
    *may("experiment", "s3:GetObject", ["{artifacts}/data-science/script.py", _MODEL], "their scripts and models"),
    *may("experiment", "s3:ListBucket", "{artifacts}", "SageMaker lists first", only={"s3:prefix": "data-science/x"}),
    *may("experiment", "s3:ListBucket", "{artifacts}", "SageMaker lists first", only={"s3:prefix": "training/x"}),
    *may("experiment", "s3:PutObject", "{artifacts}/data-science/result.csv", "results are theirs"),
    *never("experiment", "s3:GetObject", _RAW, "a job must not read for a data scientist what they may not"),
    *never("experiment", "s3:PutObject", [_PROCESSED, _MODEL, _REPORT], "experiments change nothing that pipelines made"),
]  # fmt: skip
_SECOND = [
    f"{{capture}}/{{env}}-{{use-case}}/{variant}/captured.jsonl" for variant in ("Challenger", "Shadow")
]
_REQUEST, _ANSWER = "{capture}/requests/{use-case}/1.csv", "{capture}/answers/{use-case}/1.out"
_ENDPOINT = [
    *may("endpoint", "s3:GetObject", _SERVED, "it loads the model that the release has taken"),
    *never("endpoint", "s3:GetObject", _MODEL, "what was trained is not yet what was approved"),
    *may("endpoint", "s3:PutObject", "{capture}/{env}-{use-case}/AllTraffic/captured.jsonl", "it captures"),
    *may("endpoint", "s3:PutObject", _SECOND, "it captures what another version answers"),
    *never("endpoint", "s3:PutObject", ["{capture}/batch/output/{use-case}/1.csv.out", _ANSWER], "it answers its callers"),
    *may("endpoint", "cloudwatch:DescribeAlarms", "*", "automatic rollback looks at the alarms with its role"),
    *never("endpoint", "s3:GetObject", [_RAW, _PROCESSED], "a server that is broken into must not know the data"),
    *never("endpoint", "s3:PutObject", _SERVED, "it must not change what it serves", given={"s3:if-none-match": "*"}),
    *never("endpoint", "s3:GetObject", ["{capture}/endpoint/AllTraffic/captured.jsonl", *_SECOND], "it writes requests, no more"),
    *never("endpoint", "sagemaker:UpdateEndpoint sagemaker:UpdateEndpointWeightsAndCapacities", "{sagemaker}:endpoint/{env}-{use-case}",
           "a version that is tried does not say how much it is asked"),
]  # fmt: skip
_FAILURE = "{capture}/failures/{use-case}/1-error.out"
_TOPICS = [
    f"arn:aws:sns:{{region}}:{{account}}:{{env}}-{{use-case}}-{what}" for what in ("answered", "failed")
]
_ASYNCHRONOUS = [
    *may("asynchronous-endpoint", "s3:GetObject", _SERVED, "it loads the model that the release has taken"),
    *may("asynchronous-endpoint", "s3:GetObject", _REQUEST, "a request is a file"),
    *may("asynchronous-endpoint", "s3:AbortMultipartUpload s3:PutObject", [_ANSWER, _FAILURE], "an answer is a file"),
    *may("asynchronous-endpoint", "sns:Publish", _TOPICS, "who waits for an answer hears of it"),
    *may("asynchronous-endpoint", "cloudwatch:DescribeAlarms", "*", "automatic rollback looks at alarms with its role"),
    *never("asynchronous-endpoint", "s3:GetObject", [_RAW, _PROCESSED, _MODEL, _ANSWER],
           "a server that is broken into must not know the data"),
    *never("asynchronous-endpoint", "s3:PutObject", [_REQUEST, "{capture}/{env}-{use-case}/AllTraffic/1.jsonl"],
           "it answers, no more"),
    *never("asynchronous-endpoint", "s3:PutObject", _SERVED, "it must not change what it serves",
           given={"s3:if-none-match": "*"}),
    *never("asynchronous-endpoint", "sns:Publish", "arn:aws:sns:{region}:{account}:{env}-{use-case}-alerts",
           "it tells of answers only"),
    *never("endpoint", "s3:GetObject", [_REQUEST, _ANSWER], "a real-time endpoint is asked by calls"),
    *never("endpoint", "sns:Publish", _TOPICS, "a real-time endpoint answers its caller"),
]  # fmt: skip
_SERVERLESS = [
    *what_every_container_does("serverless-endpoint"),
    *never("serverless-endpoint", _NETWORK_ACTIONS, "*", "it is in no network of ours"),
    *never("serverless-endpoint", "logs:PutLogEvents", f"{_LOG}:log-stream:{{env}}-pipeline-Train/1",
           "jobs speak for themselves"),
    *may("serverless-endpoint", "s3:GetObject", _SERVED, "it loads the model that the release has taken"),
    *may("serverless-endpoint", "cloudwatch:DescribeAlarms", "*", "automatic rollback looks at alarms with its role"),
    *never("serverless-endpoint", "s3:GetObject", [_RAW, _PROCESSED, _MODEL, _REQUEST, _ANSWER],
           "its container reaches the internet, and may act as this role"),
    *never("serverless-endpoint", "s3:PutObject", [_ANSWER, "{capture}/{env}-{use-case}/AllTraffic/1.jsonl"],
           "nothing of it is recorded"),
    *never("serverless-endpoint", "s3:PutObject", _SERVED, "it must not change what it serves",
           given={"s3:if-none-match": "*"}),
]  # fmt: skip
_ROWS, _PREDICTED = (
    "{capture}/batch/input/{use-case}/2026/11/21/1.csv",
    "{capture}/batch/output/{use-case}/1.csv.out",
)
_TRANSFORM_LOG = "{logs}:log-group:/aws/sagemaker/TransformJobs:log-stream:{env}-{use-case}-0123456789ab/i-1"
_BATCH_TRANSFORM = [
    *may("batch-transform", "s3:GetObject", _SERVED, "it loads the model that the release has taken"),
    *may("batch-transform", "s3:GetObject", _ROWS, "its rows are files"),
    *may("batch-transform", "s3:ListBucket", "{capture}", "a folder has many files", only={"s3:prefix": "batch/input/x"}),
    *may("batch-transform", "s3:AbortMultipartUpload s3:PutObject", _PREDICTED, "its answers are files"),
    *may("batch-transform", "logs:CreateLogStream logs:PutLogEvents", _TRANSFORM_LOG, "it says which rows it could not read"),
    *never("batch-transform", "s3:GetObject", [_RAW, _PROCESSED, _MODEL, _PREDICTED, _REQUEST, _ANSWER],
           "it knows its rows, no more"),
    *never("batch-transform", "s3:PutObject", [_ROWS, _REQUEST, _ANSWER, "{capture}/{env}-{use-case}/AllTraffic/1.jsonl"],
           "it answers, no more"),
    *never("batch-transform", "s3:PutObject", _SERVED, "it must not change what it serves", given={"s3:if-none-match": "*"}),
    *never("endpoint", "s3:GetObject", [_ROWS, _PREDICTED], "a real-time endpoint is asked by calls"),
    *never("asynchronous-endpoint", "s3:GetObject", [_ROWS, _PREDICTED], "its requests are others"),
]  # fmt: skip
_MONITOR = [
    *may("monitor", "logs:CreateLogStream logs:PutLogEvents",
         [f"{group}:log-stream:model-monitoring-1/1" for group in (_LOG, _LOG.replace("Processing", "Training"))],
         "Model Monitor names the jobs of schedules itself"),
    *may("monitor", "s3:GetObject", "{assets}/scripts.zip", "its scripts are a CDK asset", anywhere=True),
    *may("monitor", "s3:ListBucket", "{assets}", "SageMaker lists what it downloads"),
    *may("monitor", "s3:GetObject", CAPTURED, "it reads requests"),
    *may("monitor", "s3:ListBucket", "{capture}", "it looks for the last hour's files",
         only={"s3:prefix": "{env}-{use-case}/AllTraffic/"}),
    *never("monitor", "s3:GetObject", [each for each in ROWS_OF_PEOPLE if "batch/" not in each],
           "it compares what endpoints were asked, and knows nobody's name"),
    *where("unwatched-batches", never("monitor", "s3:GetObject", [each for each in ROWS_OF_PEOPLE if "batch/" in each],
                                      "nobody has it compare batches")),
    *where("watched-batches", may("monitor", "s3:GetObject", [_ROWS, _PREDICTED], "it compares rows and their answers")),
    *where("watched-batches", may("monitor", "s3:ListBucket", "{capture}", "it lists a day's rows",
                                  only={"s3:prefix": "batch/input/x"})),
    *where("watched-batches", may("monitor", "s3:ListBucket", "{capture}", "and their answers",
                                  only={"s3:prefix": "batch/output/x"})),
    *never("monitor", "s3:PutObject", [_ROWS, _PREDICTED], "it changes no answer"),
    *may("monitor", "s3:GetObject", "{data}/ground-truth/{use-case}/labels.jsonl", "it reads what happened", anywhere=True),
    *may("monitor", "s3:ListBucket", "{data}", "it lists a day's labels", only={"s3:prefix": "ground-truth/x"}),
    *never("monitor", "s3:PutObject", "{data}/ground-truth/{use-case}/labels.jsonl", "labels are people's"),
    *may("monitor", "s3:GetObject",
         ["{artifacts}/models/{use-case}/1/data-quality/statistics.json", "{artifacts}/models/{use-case}/1/evaluation/evaluation.json"],
         "its baseline"),
    *may("monitor", "s3:GetObject", "{artifacts}/models/{use-case}/1/model.tar.gz", "the model says what moves its answers"),
    *may("monitor", "s3:ListBucket", "{artifacts}", "it lists baselines", only={"s3:prefix": "models/x"}),
    *may("monitor", "s3:ListBucket", "{artifacts}", "it lists its reports", only={"s3:prefix": "monitoring/x"}),
    *may("monitor", "s3:PutObject", "{artifacts}/monitoring/{use-case}/data-quality/report.json", "its report"),
    *never("monitor", "s3:GetObject", _RAW, "it compares requests with a baseline, not with raw data"),
    *never("monitor", "s3:PutObject", "{artifacts}/models/{use-case}/1/data-quality/constraints.json",
           "a monitor that writes its own baseline finds nothing"),
]  # fmt: skip

ROWS = [
    *(row for who in JOB_ROLES for row in what_every_job_does(who)),
    *_PROCESSING,
    *_TRAINING,
    *_PREPARATION,
    *_EXPERIMENT,
    *_ENDPOINT,
    *_ASYNCHRONOUS,
    *_SERVERLESS,
    *_BATCH_TRANSFORM,
    *_MONITOR,
]
