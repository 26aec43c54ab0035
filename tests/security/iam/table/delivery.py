"""Deliveries from GitHub: who becomes the delivery role, and that it can do nothing but deploy."""

from tests.security.iam.rows import ADMINISTRATOR, OTHER_ACCOUNT, Context, may, never, where

_GITHUB = "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
_GITLAB = "arn:aws:iam::{account}:oidc-provider/gitlab.com"
_ISSUER, _ASSUME, _ROLE = (
    "token.actions.githubusercontent.com",
    "sts:AssumeRoleWithWebIdentity",
    "{role:delivery}",
)
_DRIFT = "{role:drift}"
_BOOTSTRAP = "arn:aws:iam::{account}:role/cdk-{qualifier}-"


def _token(subject: str, audience: str = "sts.amazonaws.com") -> Context:
    return {f"{_ISSUER}:sub": subject, f"{_ISSUER}:aud": audience}


_OURS = _token("repo:{repository}:environment:{github-environment}")
_NIGHTLY = _token("repo:{repository}:environment:{github-environment}-drift")
ROWS = [
    *may(_GITHUB, _ASSUME, _ROLE, "jobs of our repository in this environment deploy", only=_OURS, anywhere=True),
    *never(_GITHUB, _ASSUME, _ROLE, "another repository",
           given=_token("repo:{repository}-elsewhere:environment:{github-environment}")),
    *never(_GITHUB, _ASSUME, _ROLE, "another owner's copy",
           given=_token("repo:elsewhere-{repository}:environment:{github-environment}")),
    *never(_GITHUB, _ASSUME, _ROLE, "a branch without the environment's reviewers",
           given=_token("repo:{repository}:ref:refs/heads/main")),
    *never(_GITHUB, _ASSUME, _ROLE, "a pull request", given=_token("repo:{repository}:pull_request")),
    *never(_GITHUB, _ASSUME, _ROLE, "another environment", given=_token("repo:{repository}:environment:elsewhere")),
    *never(_GITLAB, _ASSUME, _ROLE, "another identity provider", given=_OURS),
    *never(ADMINISTRATOR, "sts:AssumeRole", _ROLE, "people deploy with roles of their own"),
    *never("sagemaker.amazonaws.com", "sts:AssumeRole", _ROLE, "no service deploys",
           given={"aws:SourceAccount": "{account}"}),
    *(
        row
        for name in ("deploy", "file-publishing", "image-publishing", "lookup")
        for row in may("delivery", "sts:AssumeRole", f"{_BOOTSTRAP}{name}-role-{{account}}-{{region}}",
                       "the CDK CLI changes into it", anywhere=True)
    ),
    *never("delivery", "sts:AssumeRole", f"{_BOOTSTRAP}cfn-exec-role-{{account}}-{{region}}",
           "CloudFormation's own role is for CloudFormation"),
    *never("delivery", "sts:AssumeRole", "arn:aws:iam::{account}:role/cdk-hnb659fds-deploy-role-{account}-{region}",
           "another environment of the account has a bootstrap of its own"),
    *never("delivery", "sts:AssumeRole", f"{_BOOTSTRAP}deploy-role-{{account}}-xx-elsewhere-1", "another region"),
    *never("delivery", "sts:AssumeRole",
           f"arn:aws:iam::{OTHER_ACCOUNT}:role/cdk-{{qualifier}}-deploy-role-{OTHER_ACCOUNT}-{{region}}", "another account"),
    *where("Build", [
        *may("delivery", "ecr:DescribeImages", "{ecr}:repository/{env}-image", "make deploy looks whether its image is there"),
        *may("delivery", "codebuild:BatchGetBuilds codebuild:StartBuild", "{codebuild}:project/{env}-image",
             "and builds it where it is not"),
        *never("delivery", "ecr:DescribeImages", "{ecr}:repository/{env}-x", "it looks at no other repository"),
        *never("delivery", "codebuild:BatchGetBuilds codebuild:StartBuild", "{codebuild}:project/{env}-x", "nor starts other builds"),
        *never("delivery", "ecr:PutImage ecr:BatchDeleteImage", "{ecr}:repository/{env}-image", "the build pushes"),
        *never("delivery", "codebuild:UpdateProject", "{codebuild}:project/{env}-image", "CloudFormation says what is built"),
    ]),
    *never("delivery", "sts:AssumeRole", ["{role:pipeline}", "{role:data-engineer}", "{role:mlops-engineer}"],
           "deploying is not working"),
    *never("delivery", "iam:PassRole", "{role:training}", "it passes nothing",
           given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
    *never("delivery", "cloudformation:UpdateStack", "{cloudformation}:stack/{env}-foundation/1", "not by itself"),
    *never("delivery", "s3:GetObject", ["{data}/raw/{use-case}/houses.csv", "{data}/processed/{use-case}/train.csv"],
           "deploying needs no data"),
    *never("delivery", "sagemaker:UpdateModelPackage", "{sagemaker}:model-package/{env}-{use-case}/1",
           "what deploys does not approve", given={"sagemaker:ModelApprovalStatus": "Approved"}),
    *never("delivery", "kms:Decrypt", "{key}", "nor does it read"),
    *may(_GITHUB, _ASSUME, _DRIFT, "what runs at night looks for drift", only=_NIGHTLY, anywhere=True),
    *never(_GITHUB, _ASSUME, _ROLE, "what nobody approves does not deploy", given=_NIGHTLY),
    *never(_GITHUB, _ASSUME, _DRIFT, "what deploys has a role of its own", given=_OURS),
    *never(_GITHUB, _ASSUME, _DRIFT, "another repository",
           given=_token("repo:{repository}-elsewhere:environment:{github-environment}-drift")),
    *never(_GITHUB, _ASSUME, _DRIFT, "a pull request", given=_token("repo:{repository}:pull_request")),
    *never(_GITLAB, _ASSUME, _DRIFT, "another identity provider", given=_NIGHTLY),
    *never(ADMINISTRATOR, "sts:AssumeRole", _DRIFT, "people look with roles of their own"),
    *may("drift", "sts:AssumeRole", f"{_BOOTSTRAP}lookup-role-{{account}}-{{region}}", "it reads as the CDK CLI does",
         anywhere=True),
    *(
        row
        for name in ("deploy", "file-publishing", "image-publishing", "cfn-exec")
        for row in never("drift", "sts:AssumeRole", f"{_BOOTSTRAP}{name}-role-{{account}}-{{region}}", "it changes nothing")
    ),
    *never("drift", "sts:AssumeRole", "arn:aws:iam::{account}:role/cdk-hnb659fds-lookup-role-{account}-{region}",
           "another environment of the account has a bootstrap of its own"),
    *never("drift", "sts:AssumeRole", f"{_BOOTSTRAP}lookup-role-{{account}}-xx-elsewhere-1", "another region"),
    *never("drift", "cloudformation:DetectStackDrift cloudformation:UpdateStack", "{cloudformation}:stack/{env}-foundation/1",
           "not by itself"),
    *never("drift", "s3:GetObject", ["{data}/raw/{use-case}/houses.csv", "{data}/processed/{use-case}/train.csv"],
           "looking for drift needs no data"),
    *never("drift", "kms:Decrypt", "{key}", "nor does it read"),
]  # fmt: skip
