"""What Studio adds: the notebook of a space, the newcomer without a persona, MLflow and its users."""

from tests.security.iam.rows import Row, may, never, where

_APP, _SERVER = "{MlflowApp}", "{MlflowServer}"
_ARTIFACT = "{artifacts}/mlflow/1/model.pkl"
_TRACK = (
    "CreateExperiment GetExperiment GetExperimentByName SearchExperiments UpdateExperiment CreateRun GetRun "
    "SearchRuns UpdateRun SetExperimentTag SetTag DeleteTag LogBatch LogInputs LogOutputs LogMetric LogModel "
    "LogParam GetMetricHistory FinalizeLoggedModel GetLoggedModel LogLoggedModelParams SearchLoggedModels "
    "SetLoggedModelTags ListArtifacts ListLoggedModelArtifacts"
)


def _uses_an_app(who: str) -> list[Row]:
    return [
        *may(who, "sagemaker:CallMlflowAppApi", _APP, "they write down what they try"),
        *may(who, "sagemaker:CreatePresignedMlflowAppUrl", _APP, "they look at it"),
        *may(
            who,
            "sagemaker:DescribeMlflowApp",
            _APP,
            "and find it",
            anywhere=True,
            only={"aws:ResourceTag/environment": "{env}"},
        ),
        *_uses_mlflow(who),
        *never(who, "sagemaker:DeleteMlflowApp sagemaker:UpdateMlflowApp", _APP, "the app is deployed"),
        *never(who, "sagemaker:CreateMlflowApp", "{sagemaker}:mlflow-app/{env}-x", "there is one"),
    ]


def _uses_a_server(who: str) -> list[Row]:
    actions = " ".join(f"sagemaker-mlflow:{action}" for action in _TRACK.split())
    return [
        *may(who, actions, _SERVER, "they write down what they try"),
        *may(who, "sagemaker:CreatePresignedMlflowTrackingServerUrl", _SERVER, "they look at it"),
        *_uses_mlflow(who),
        *never(who, "sagemaker-mlflow:DeleteExperiment", _SERVER, "what was tried stays"),
        *never(who, "sagemaker-mlflow:CreateRegisteredModel sagemaker-mlflow:TransitionModelVersionStage", _SERVER,
               "versions are registered where they are approved"),
        *never(who, "sagemaker:DeleteMlflowTrackingServer", _SERVER, "the server is deployed"),
    ]  # fmt: skip


def _uses_mlflow(who: str) -> list[Row]:
    return [
        *may(who, "sagemaker-mlflow:AccessUI", "*", "its pages open"),
        *may(who, "s3:GetObject s3:PutObject", _ARTIFACT, "a run has files"),
        *never(who, "s3:DeleteObject", _ARTIFACT, "what was tried stays"),
    ]


def _keeps_files(role: str) -> list[Row]:
    return [
        *may(role, "s3:DeleteObject s3:GetObject s3:PutObject", _ARTIFACT, "MLflow keeps the files of runs"),
        *may(role, "s3:ListBucket", "{artifacts}", "it lists them", only={"s3:prefix": "mlflow/1"}),
        *may(role, "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "they are encrypted"),
        *never(role, "s3:GetObject", "{artifacts}/training/{use-case}/job/output/model.tar.gz",
               "models are the registry's"),
        *never(role, "s3:PutObject", "{artifacts}/models/{use-case}/1/data-quality/statistics.json",
               "baselines are the release's"),
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
    *(row for who in ("data-scientist", "mlops-engineer") for row in where("MlflowApp", _uses_an_app(who))),
    *(row for who in ("data-scientist", "mlops-engineer") for row in where("MlflowServer", _uses_a_server(who))),
    *never("data-engineer", "sagemaker:CallMlflowAppApi", _APP, "engineers train nothing"),
    *never("data-engineer", "sagemaker-mlflow:CreateRun", "{sagemaker}:mlflow-tracking-server/{env}", "engineers train nothing"),
    *(row for role in ("mlflow-app", "mlflow-server") for row in _keeps_files(role)),
]  # fmt: skip
