"""What Studio adds: the notebook of a space, the newcomer without a persona, the MLflow server and its users."""

from tests.security.iam.rows import Row, may, never, where

_SERVER = "{MlflowServer}"
_ARTIFACT = "{artifacts}/mlflow/1/model.pkl"
_TRACK = (
    "CreateExperiment GetExperiment GetExperimentByName SearchExperiments UpdateExperiment CreateRun GetRun "
    "SearchRuns UpdateRun SetExperimentTag SetTag DeleteTag LogBatch LogInputs LogMetric LogModel LogParam "
    "GetMetricHistory ListArtifacts"
)


def _uses_mlflow(who: str) -> list[Row]:
    actions = " ".join(f"sagemaker-mlflow:{action}" for action in _TRACK.split())
    return [
        *may(who, actions, _SERVER, "they write down what they try"),
        *may(who, "sagemaker:CreatePresignedMlflowTrackingServerUrl", _SERVER, "they look at it"),
        *may(who, "s3:GetObject s3:PutObject", _ARTIFACT, "a run has files"),
        *never(who, "s3:DeleteObject", _ARTIFACT, "what was tried stays"),
        *never(who, "sagemaker-mlflow:DeleteExperiment", _SERVER, "what was tried stays"),
        *never(who, "sagemaker-mlflow:CreateRegisteredModel sagemaker-mlflow:TransitionModelVersionStage", _SERVER,
               "versions are registered where they are approved"),
        *never(who, "sagemaker:DeleteMlflowTrackingServer", _SERVER, "the server is deployed"),
    ]  # fmt: skip


ROWS = [
    *(
        row
        for who in ("data-engineer", "data-scientist", "mlops-engineer")
        for row in may(who, "s3:GetObject", "{notebook}", "a space starts with a notebook to begin with")
    ),
    *may("newcomer", "kms:DescribeKey", "{key}", "Studio asks what encrypts the disk"),
    *may("newcomer", "kms:CreateGrant", "{key}", "and lets the disk be encrypted",
         only={"kms:GrantIsForAWSResource": "true"}),
    *may("sagemaker.amazonaws.com", "sts:SetSourceIdentity", "{role:newcomer}", "Studio says who it is",
         only={"aws:SourceAccount": "{account}"}, anywhere=True),
    *never("newcomer", "kms:Decrypt", "{key}", "who has no persona reads nothing"),
    *never("newcomer", "s3:GetObject", ["{data}/processed/{use-case}/train.csv", "{data}/raw/{use-case}/x.csv"],
           "who has no persona reads nothing"),
    *never("newcomer", "sagemaker:CreateTrainingJob", "{sagemaker}:training-job/{env}-x", "nor starts anything"),
    *never("newcomer", "sagemaker:DescribeModelPackage", "{sagemaker}:model-package/{env}-{use-case}/1", "nor looks around"),
    *where("MlflowServer", _uses_mlflow("data-scientist")),
    *where("MlflowServer", _uses_mlflow("mlops-engineer")),
    *never("data-engineer", "sagemaker-mlflow:CreateRun", _SERVER, "engineers train nothing"),
    *may("mlflow-server", "s3:DeleteObject s3:GetObject s3:PutObject", _ARTIFACT, "the server keeps the files of runs"),
    *may("mlflow-server", "s3:ListBucket", "{artifacts}", "it lists them", only={"s3:prefix": "mlflow/1"}),
    *may("mlflow-server", "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "they are encrypted"),
    *never("mlflow-server", "s3:GetObject", "{artifacts}/training/{use-case}/job/output/model.tar.gz",
           "models are the registry's"),
    *never("mlflow-server", "s3:PutObject", "{artifacts}/models/{use-case}/1/data-quality/statistics.json",
           "baselines are the release's"),
]  # fmt: skip
