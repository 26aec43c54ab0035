"""What everybody may do who has a persona, and what nobody may: own Studio, own use case, no decisions in passing."""

from tests.security.iam.rows import WITH_EVERYTHING, Context, Row, may, never, where

PEOPLE = ("data-engineer", "data-scientist", "mlops-engineer")
_ABROAD = "arn:aws:sagemaker:xx-elsewhere-1:{account}"
_ME = {"aws:SourceIdentity": "ada"}
CAPTURED = "{capture}/{env}-{use-case}/AllTraffic/1.jsonl"
ROWS_OF_PEOPLE = [
    f"{{capture}}/{zone}/{{use-case}}/1.csv"
    for zone in ("batch/input", "batch/output", "requests", "answers")
]
"""What carries columns that say whose a row is."""
TRIED = [CAPTURED.replace("AllTraffic", variant) for variant in ("Challenger", "Shadow")]
PIPELINE, ENDPOINT = "{sagemaker}:pipeline/{env}-{use-case}", "{sagemaker}:endpoint/{env}-{use-case}"
PACKAGE = "{sagemaker}:model-package/{env}-{use-case}/1"
GROUP = "{sagemaker}:model-package-group/{env}-{use-case}"
EXECUTION = PIPELINE + "/execution/abc"
SCHEDULE = "{sagemaker}:monitoring-schedule/{env}-{use-case}-data-quality"
_MY_PROFILE = "{sagemaker}:user-profile/d-1/ada"
_BOBS_PROFILE = "{sagemaker}:user-profile/d-1/bob"
_KINDS = ("Processing", "Training", "Transform")
TRIAL_LOG = "{logs}:log-group:/aws/sagemaker/TrainingJobs:log-stream:{tuning}-abc-001-def/algo-1"
"""What a training of a search says."""
TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}


_DESCRIBED = {
    "Endpoint": ENDPOINT,
    # CloudFormation names them after their stack.
    "EndpointConfig": "{sagemaker}:endpoint-config/{env}-{use-case}-serving-EndpointConfig-ABC",
    "Model": "{sagemaker}:model/{env}-{use-case}-serving-Model-ABC",
    "Pipeline": PIPELINE,
    "ProcessingJob": "{sagemaker}:processing-job/{env}-pipeline-Preprocess-abc",
    "TrainingJob": "{sagemaker}:training-job/{env}-pipeline-Train-abc",
    "HyperParameterTuningJob": "{sagemaker}:hyper-parameter-tuning-job/{tuning}-abcdefghijkl-0123456789-0",
    "FeatureGroup": "{sagemaker}:feature-group/{env}-{use-case}",
    "MonitoringSchedule": SCHEDULE,
    "ModelPackage": PACKAGE,
    "ModelPackageGroup": GROUP,
    "Experiment": "{sagemaker}:experiment/{env}-ada",
    "Trial": "{sagemaker}:experiment-trial/{env}-ada",
    "TrialComponent": "{sagemaker}:experiment-trial-component/{env}-ada",
}


_DESCRIBED_BY_TAG = {
    "DataQualityJobDefinition": "{sagemaker}:data-quality-job-definition/x",
    "Domain": "{sagemaker}:domain/d-1",
    "MlflowApp": "{sagemaker}:mlflow-app/app-1",
    "MlflowTrackingServer": "{sagemaker}:mlflow-tracking-server/x",
    "StudioLifecycleConfig": "{sagemaker}:studio-lifecycle-config/x",
    "UserProfile": "{sagemaker}:user-profile/d-1/bob",
}


def status(approval: str) -> Context:
    """A request that sets a version's approval."""
    return {"sagemaker:ModelApprovalStatus": approval}


def _everybody(who: str) -> list[Row]:
    mine = {**_ME, "sagemaker:OwnerUserProfileArn": _MY_PROFILE, "sagemaker:SpaceSharingType": "Private"}
    bobs = {**mine, "sagemaker:OwnerUserProfileArn": _BOBS_PROFILE}
    shared = {**mine, "sagemaker:SpaceSharingType": "Shared"}
    configured = {"aws:ResourceTag/environment": "{env}", "aws:ResourceTag/persona": who}
    space, app = "{sagemaker}:space/d-1/notebooks", "{sagemaker}:app/d-1/ada/JupyterLab/default"
    spaces = "sagemaker:CreateSpace sagemaker:DeleteSpace sagemaker:UpdateSpace"
    apps = "sagemaker:CreateApp sagemaker:DeleteApp"
    return [
        *may(who, "sagemaker:CreatePresignedDomainUrl", _MY_PROFILE, "everybody opens their own Studio",
             given={**_ME, "aws:PrincipalTag/persona": who}, only=configured, anywhere=True),
        *never(who, "sagemaker:CreatePresignedDomainUrl", _BOBS_PROFILE, "nobody opens a colleague's Studio",
               given={**_ME, "aws:PrincipalTag/persona": who, **configured}),
        *never(who, "sagemaker:CreatePresignedDomainUrl", _MY_PROFILE, "a session without a name is nobody's",
               given={"aws:PrincipalTag/persona": who, **configured}),
        *may(who, spaces, space, "everybody has private spaces", given=mine, anywhere=True),
        *never(who, spaces, space, "a colleague's space is theirs", given=bobs),
        *never(who, spaces, space, "a shared space lends out what its owner may do", given=shared),
        *may(who, apps, app, "everybody runs apps", given=mine, anywhere=True),
        *never(who, apps, app, "not in a colleague's space", given=bobs),
        *never(who, apps, app, "not in shared spaces", given=shared),
        *never(who, "sagemaker:CreateSpace", space.replace("{sagemaker}", _ABROAD), "only here", given=mine),
        *never(who, "sagemaker:CreateApp", app.replace("{sagemaker}", _ABROAD), "only here", given=mine),
        *never(who, "sagemaker:CreateApp", app, "not on a type that nobody budgeted",
               given={**mine, "sagemaker:InstanceTypes": ("ml.elsewhere.large",)}),
        *may(who, "sagemaker:DescribePipelineExecution", EXECUTION, "people look around"),
        *(row for name, arn in _DESCRIBED.items() for row in may(who, f"sagemaker:Describe{name}", arn, "people look around")),
        *may(who, "sagemaker:DescribeTrainingJob", "{sagemaker}:training-job/{tuning}-abc-001-def", "trainings of a search too"),
        *(
            row
            for name, arn in _DESCRIBED_BY_TAG.items()
            for row in may(who, f"sagemaker:Describe{name}", arn, "AWS names them", anywhere=True,
                           only={"aws:ResourceTag/environment": "{env}"})
        ),
        *may(who, "sagemaker:DescribeSpace", space, "people look around", anywhere=True),
        *may(who, "sagemaker:DescribeApp", app, "people look around", anywhere=True),
        *never(who, "sagemaker:DescribeSpace", space.replace("{sagemaker}", _ABROAD), "only here"),
        *never(who, "sagemaker:DescribeApp", app.replace("{sagemaker}", _ABROAD), "only here"),
        *may(who, "sagemaker:GetSearchSuggestions sagemaker:ListPipelines sagemaker:Search", "*", "people look around"),
        *may(who, "logs:CreateLogGroup", "{logs}:log-group:/aws/sagemaker/studio", "Studio logs"),
        *never(who, "logs:PutLogEvents", "{logs}:log-group:/aws/sagemaker/TrainingJobs:log-stream:x",
               "what jobs said stays as it was"),
        *may(who, "logs:DescribeLogStreams", "{logs}:log-group:/aws/sagemaker/TrainingJobs",
             "everybody looks for a job's log"),
        *may(who, "logs:GetLogEvents",
             [*(f"{{logs}}:log-group:/aws/sagemaker/{kind}Jobs:log-stream:{{env}}-pipeline-x/1" for kind in _KINDS), TRIAL_LOG],
             "everybody reads why a job failed"),
        *(
            row
            for kind in _KINDS
            for row in (
                *never(who, "logs:GetLogEvents", f"{{logs}}:log-group:/aws/sagemaker/{kind}Jobs:log-stream:elsewhere/1",
                       "another environment's log is its people's"),
                *never(who, "logs:FilterLogEvents", f"{{logs}}:log-group:/aws/sagemaker/{kind}Jobs",
                       "a filter finds what jobs of all environments say"),
            )
        ),
        *may(who, "logs:FilterLogEvents", "{logs}:log-group:/aws/sagemaker/Endpoints/{env}-{use-case}",
             "everybody reads what an endpoint says"),
        *may(who, "logs:GetLogEvents", "{logs}:log-group:/aws/sagemaker/Endpoints/{env}-{use-case}:log-stream:AllTraffic/1",
             "everybody reads what an endpoint says"),
        *never(who, "logs:FilterLogEvents logs:GetLogEvents",
               "{logs}:log-group:/aws/sagemaker/Endpoints/elsewhere:log-stream:AllTraffic/1",
               "another environment's endpoints are its people's"),
        *may(who, "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "what they touch is encrypted"),
        *may(who, "kms:CreateGrant", "{key}", "the disk of a space is encrypted",
             only={"kms:GrantIsForAWSResource": "true"}),
        *never(who, "kms:ScheduleKeyDeletion kms:PutKeyPolicy", "{key}", "without the key everything is lost"),
        *never(who, "s3:PutBucketPolicy s3:DeleteBucket", "{data}", "nobody takes a bucket over"),
        *never(who, "iam:CreateRole", "arn:aws:iam::{account}:role/x", "nobody makes roles"),
        *never(who, "iam:PassRole", ["{role:pipeline}", "{role:release}", "{role:endpoint}", "{role:monitor}"],
               "these roles are passed by CDK only", given=TO_SAGEMAKER),
        *never(who, "sagemaker:CreateModelPackage sagemaker:UpdateModelPackage", "{sagemaker}:model-package/elsewhere/1",
               "other groups are others' business", given=status("Approved")),
        *never(who, "sagemaker:CreateModelPackage", [GROUP, PACKAGE], "nothing is born approved", given=status("Approved")),
        *never(who, "sagemaker:DeleteModelPackage", PACKAGE, "the history of versions stays"),
        *never(who, "sagemaker:CreateEndpoint sagemaker:DeleteEndpoint", ENDPOINT, "deploying is CDK's"),
        *never(who, "sagemaker:UpdatePipeline", PIPELINE, "pipelines are what the templates say"),
        *never(who, "sts:AssumeRole", "{role:pipeline}", "nobody becomes a pipeline"),
    ]  # fmt: skip


_HOUSES = {"aws:PrincipalTag/use-case": "{use-case}"}
_OPERATIONS = {
    "sagemaker:InvokeEndpoint sagemaker:InvokeEndpointAsync sagemaker:UpdateEndpointWeightsAndCapacities": (
        "mlops-engineer",
        ENDPOINT,
    ),
    "sagemaker:StartMonitoringSchedule sagemaker:StopMonitoringSchedule": ("mlops-engineer", SCHEDULE),
    "sagemaker:StartPipelineExecution": ("data-scientist", PIPELINE),
    "states:StartExecution": ("mlops-engineer", "{states}:stateMachine:{env}-{use-case}-batch"),
}
_USE_CASES = [
    row
    for actions, (who, resource) in _OPERATIONS.items()
    for row in (
        *may(who, actions, resource, "people of a use case work on it", anywhere=True,
             given={**_HOUSES, "aws:ResourceTag/use-case": "{use-case}"}),
        *may(who, actions, resource, "people of no use case work on all", anywhere=True,
             given={"aws:ResourceTag/use-case": "{use-case}"}),
        *never(who, actions, resource, "another use case is its people's",
               given={**_HOUSES, "aws:ResourceTag/use-case": "elsewhere"}),
        *never(who, actions, resource, "what belongs to no use case is nobody's", given=_HOUSES),
    )
]  # fmt: skip

_ANY_FILE = "arn:aws:s3:::elsewhere/file"
_READING = "s3:GetObject s3:GetObjectVersion"
_OPENED = {
    _READING: _ANY_FILE,
    "sagemaker:CreatePresignedDomainUrl": _MY_PROFILE,
    "sagemaker:CreatePresignedMlflowAppUrl": "{sagemaker}:mlflow-app/app-1",
    "sagemaker:CreatePresignedMlflowTrackingServerUrl": "{sagemaker}:mlflow-tracking-server/x",
}


def _from_the_network(who: str) -> list[Row]:
    """Whatever other policies say: the denial is tried on somebody who may do everything."""
    anybody = who + WITH_EVERYTHING
    return [
        row
        for actions, resource in _OPENED.items()
        for row in (
            *may(anybody, actions, resource, "from the VPC", anywhere=True),
            *may(
                anybody,
                actions,
                resource,
                "a service acts for them",
                anywhere=True,
                given={"aws:SourceVpc": "", "aws:ViaAWSService": "true"},
            ),
            *never(anybody, actions, resource, "from the internet", given={"aws:SourceVpc": ""}),
            *never(
                anybody,
                actions,
                resource,
                "from the internet, by no service",
                given={"aws:SourceVpc": "", "aws:ViaAWSService": "false"},
            ),
            *never(anybody, actions, resource, "from another VPC", given={"aws:SourceVpc": "vpc-elsewhere"}),
        )
    ]


ROWS = [
    *(row for who in PEOPLE for row in _everybody(who)),
    *_USE_CASES,
    *(row for who in PEOPLE for row in where("NetworkPolicy", _from_the_network(who))),
]
