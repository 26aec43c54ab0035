"""The role of pipeline executions: it starts jobs within the guardrails and registers what they made, as pending."""

from tests.security.iam.rows import may, never
from tests.security.iam.table.guardrails import proper

_STEPS = (
    "{sagemaker}:processing-job/{env}-pipeline-Preprocess-abc",
    "{sagemaker}:training-job/{env}-pipeline-Train-abc",
)
_SEARCH = "{sagemaker}:hyper-parameter-tuning-job/{tuning}-abcdefghijkl-0123456789-0"
_TUNING = "CreateHyperParameterTuningJob"
_RAW = "{data}/raw/{use-case}/houses.csv"
_MODEL = "{artifacts}/training/{use-case}/job/output/model.tar.gz"
_REPORT = "{artifacts}/executions/{use-case}/execution/evaluation/evaluation.json"
_PACKAGE, _GROUP = (
    "{sagemaker}:model-package/{env}-{use-case}/1",
    "{sagemaker}:model-package-group/{env}-{use-case}",
)
_PENDING = {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}
ROWS = [
    *may("pipeline", "sagemaker:CreateProcessingJob", _STEPS[0], "an execution starts its jobs", given=proper("CreateProcessingJob")),
    *may("pipeline", "sagemaker:CreateTrainingJob", _STEPS[1], "an execution starts its jobs", given=proper("CreateTrainingJob")),
    *may("pipeline", "sagemaker:DescribeProcessingJob sagemaker:StopProcessingJob", _STEPS[0], "it follows its jobs"),
    *may("pipeline", "sagemaker:DescribeTrainingJob sagemaker:StopTrainingJob", _STEPS[1], "it follows its jobs"),
    *may("pipeline", f"sagemaker:{_TUNING}", _SEARCH, "an execution tunes", given=proper(_TUNING)),
    *may("pipeline", "sagemaker:DescribeHyperParameterTuningJob sagemaker:StopHyperParameterTuningJob "
         "sagemaker:ListTrainingJobsForHyperParameterTuningJob", _SEARCH, "it follows its tuning, and its trainings"),
    *never("pipeline", "sagemaker:StopHyperParameterTuningJob", "{sagemaker}:hyper-parameter-tuning-job/{env}-ada-1",
           "what people tune is theirs"),
    *(
        row
        for action in ("CreateProcessingJob", "CreateTrainingJob", "CreateModelPackage", _TUNING)
        for row in may("pipeline", "sagemaker:AddTags", [*_STEPS, _PACKAGE], "what is created carries its tags",
                       only={"sagemaker:TaggingAction": action})
    ),
    *may("pipeline", "sagemaker:AddTags", _SEARCH, "what is created carries its tags",
         only={"sagemaker:TaggingAction": _TUNING}),
    *never("pipeline", "sagemaker:DescribeTrainingJob sagemaker:StopTrainingJob", "{sagemaker}:training-job/{env}-ada-1",
           "jobs of people are theirs"),
    *never("pipeline", "sagemaker:StopTrainingJob", "{sagemaker}:training-job/pipelines-abc-Train",
           "nor another environment's, nor another project's"),
    *may("pipeline", "iam:PassRole", ["{role:processing}", "{role:training}"], "jobs run with their own roles",
         only={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *may("pipeline", "sagemaker:CreateModelPackage", [_GROUP, _PACKAGE], "it registers as pending", only=_PENDING),
    *never("pipeline", "sagemaker:CreateModelPackage", _PACKAGE, "no version is born approved",
           given={"sagemaker:ModelApprovalStatus": "Approved"}),
    *may("pipeline", "sagemaker:DescribeModelPackage", _PACKAGE, "it reads what it registered"),
    *may("pipeline", "sagemaker:DescribeModelPackageGroup", _GROUP, "it looks for the group first"),
    *may("pipeline", "s3:GetObject", _REPORT, "the condition reads the evaluation"),
    *may("pipeline", "s3:GetObject", _MODEL, "registering checks that the model is there"),
    *may("pipeline", "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "reports are encrypted by the key"),
    *(
        row
        for action, job in zip(("CreateProcessingJob", "CreateTrainingJob", _TUNING), (*_STEPS, _SEARCH), strict=True)
        for key in proper(action)
        for row in never("pipeline", f"sagemaker:{action}", job, f"not without {key.split(':')[1]}",
                         given={name: given for name, given in proper(action).items() if name != key})
        if "InstanceTypes" not in key
    ),
    *never("pipeline", "iam:PassRole", "{role:release}", "it passes job roles only",
           given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *never("pipeline", "iam:PassRole", "{role:endpoint}", "executions deploy nothing",
           given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *never("pipeline", "sagemaker:UpdateModelPackage", _PACKAGE, "executions approve nothing",
           given={"sagemaker:ModelApprovalStatus": "Approved"}),
    *never("pipeline", "sagemaker:CreateEndpoint", "{sagemaker}:endpoint/{env}-{use-case}", "deploying is CDK's"),
    *never("pipeline", "s3:GetObject", _RAW, "only jobs touch data"),
]  # fmt: skip
