"""What crosses from an environment that trains to one that serves its versions, mostly between two accounts."""

from tests.security.iam.rows import ADMINISTRATOR, STRANGER, Row, may, never, where

_ITS_RELEASE = "arn:aws:iam::{follower-account}:role/{follower}/{follower}-release"
_ANOTHER_ROLE_OF_IT = "arn:aws:iam::{follower-account}:role/{follower}/{follower}-endpoint"
_ADMINISTRATOR_THERE = "arn:aws:iam::{follower-account}:role/made-up"
_SERVED = "{artifacts}/models/{use-case}/1/model.tar.gz"
_NOT_YET = {"s3:if-none-match": "*"}
_OTHERS = [
    "{artifacts}/models/elsewhere/1/model.tar.gz",
    "{artifacts}/executions/{use-case}/1/record/record.json",
    "{artifacts}/training/{use-case}/job/output/model.tar.gz",
]
_THROUGH_THE_BUCKET = {
    "kms:ViaService": "s3.{region}.amazonaws.com",
    "kms:EncryptionContext:aws:s3:arn": "{artifacts}",
}
_VERSION = "{sagemaker}:model-package/{env}-{use-case}/1"
_BUS_THERE = "arn:aws:events:{region}:{follower-account}:event-bus/{follower}-decisions"
_FOLLOWED = [
    *may(_ITS_RELEASE, "s3:GetObject", _SERVED, "the follower's release copies versions"),
    *never(_ITS_RELEASE, "s3:GetObject", _OTHERS, "of the use cases that it serves, what was released, and nothing else"),
    *never(_ITS_RELEASE, "s3:PutObject s3:DeleteObject", _SERVED, "it changes nothing here", given=_NOT_YET),
    *may(_ITS_RELEASE, "kms:Decrypt", "{key}", "versions are encrypted", only=_THROUGH_THE_BUCKET, anywhere=True),
    *never(_ITS_RELEASE, "kms:Encrypt kms:GenerateDataKey kms:CreateGrant", "{key}", "it writes nothing with our key",
           given=_THROUGH_THE_BUCKET),
    *(
        row
        for who in (_ANOTHER_ROLE_OF_IT, _ADMINISTRATOR_THERE, STRANGER)
        for row in (
            *never(who, "s3:GetObject", _SERVED, "its release alone copies"),
            *never(who, "kms:Decrypt", "{key}", "its release alone copies", given=_THROUGH_THE_BUCKET),
        )
    ),
    *(
        row
        for who in (_ITS_RELEASE, _ANOTHER_ROLE_OF_IT)
        for row in may(who, "sagemaker:DescribeModelPackage sagemaker:ListModelPackages", _VERSION,
                       "roles of the follower see what was decided, should their own policies let them", anywhere=True)
    ),
    *never(_ITS_RELEASE, "sagemaker:UpdateModelPackage sagemaker:CreateModelPackage sagemaker:DeleteModelPackage", _VERSION,
           "decisions are made here"),
    *never(_ADMINISTRATOR_THERE, "sagemaker:DescribeModelPackage sagemaker:ListModelPackages", _VERSION,
           "of the account only roles of that environment"),
    *never(ADMINISTRATOR, "s3:PutObject", _SERVED.replace("/1/", "/2/"), "the release alone puts files beside a version",
           given=_NOT_YET),
    *never(ADMINISTRATOR, "s3:ReplicateObject", _SERVED.replace("/1/", "/2/"), "not by replication from another bucket either"),
    Row(ADMINISTRATOR, "s3:PutObject", "{artifacts}/candidates/{use-case}/1/model.tar.gz", True, "elsewhere others may"),
    *may("forward", "events:PutEvents", _BUS_THERE, "decisions are told to the follower"),
    *never("forward", "events:PutEvents", "{events}:event-bus/default", "nobody else is told anything"),
]  # fmt: skip

_WHO_TELLS = "arn:aws:iam::{trainer-account}:role/{trainer}/{trainer}-forward"
_ADMINISTRATOR_OF_THE_TRAINER = "arn:aws:iam::{trainer-account}:role/made-up"
_DECISION = {
    "events:source": ("aws.sagemaker",),
    "events:detail-type": ("SageMaker Model Package State Change",),
}
_REGISTRY = "arn:aws:sagemaker:{region}:{trainer-account}:model-package/{trainer}-{use-case}/1"
_ARTIFACTS_THERE = "arn:aws:s3:::{trainer}-{trainer-account}-artifacts"
_KEY_THERE = "arn:aws:kms:{region}:{trainer-account}:key/1"
_THERE = {**_THROUGH_THE_BUCKET, "kms:EncryptionContext:aws:s3:arn": _ARTIFACTS_THERE}
_FOLLOWS = [
    *may("release", "sagemaker:DescribeModelPackage", _REGISTRY, "it reads the decision where it was made", anywhere=True),
    *never("release", "sagemaker:DescribeModelPackage",
           ["arn:aws:sagemaker:{region}:{trainer-account}:model-package/elsewhere/1",
            "{sagemaker}:model-package/{env}-{use-case}/2"], "of the environment that trains; its policies say of which use cases"),
    *never("release", "sagemaker:UpdateModelPackage", _REGISTRY, "it does not decide"),
    *may("release", "s3:GetObject", f"{_ARTIFACTS_THERE}/models/{{use-case}}/1/model.tar.gz", "what it copies",
         anywhere=True),
    *never("release", "s3:GetObject",
           [f"{_ARTIFACTS_THERE}/training/{{use-case}}/x", f"{_ARTIFACTS_THERE}/executions/{{use-case}}/x",
            "{artifacts}/executions/{use-case}/1/record/record.json"], "what was released, and nothing else"),
    *never("release", "s3:PutObject s3:DeleteObject", f"{_ARTIFACTS_THERE}/models/{{use-case}}/1/model.tar.gz",
           "it changes nothing there", given=_NOT_YET),
    *may("release", "kms:Decrypt", _KEY_THERE, "what it copies is encrypted", only=_THERE, anywhere=True),
    *never("release", "kms:GenerateDataKey", _KEY_THERE, "it writes with its own key", given=_THERE),
    *never("release", "kms:Decrypt", "arn:aws:kms:{region}:123456789012:key/1", "of nobody else", given=_THERE),
    *may(_WHO_TELLS, "events:PutEvents", "{Decisions}", "decisions come from where versions are trained", only=_DECISION,
         anywhere=True),
    *never(_ADMINISTRATOR_OF_THE_TRAINER, "events:PutEvents", "{Decisions}", "nobody else there tells us anything",
           given=_DECISION),
    *never(STRANGER, "events:PutEvents", "{Decisions}", "nor anybody elsewhere", given=_DECISION),
]  # fmt: skip
ROWS = [
    *where("follower", _FOLLOWED),
    *where("follower-beside", may("forward", "events:PutEvents", "{events}:event-bus/{follower-beside}-decisions",
                                  "so they are to one in the same account")),
    *where("trainer", _FOLLOWS),
]  # fmt: skip
