"""The environment's own image: who builds it, who runs in it, and that nobody else changes what that is."""

from tests.security.iam.rows import ADMINISTRATOR, STRANGER, may, never, where

_IMAGE, _PROJECT = "{ecr}:repository/{env}-image", "{codebuild}:project/{env}-image"
_PULL = "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer"
_PUSH = "ecr:CompleteLayerUpload ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart"
_BUILD_LOG = "{logs}:log-group:/aws/codebuild/{env}-image:log-stream:1"
_RUN_IN_IT = (
    *("processing", "training", "experiment", "monitor"),
    *("endpoint", "asynchronous-endpoint", "serverless-endpoint", "batch-transform"),
)
_EVERYBODY = (*_RUN_IN_IT, "preparation", "pipeline", "data-engineer", "data-scientist", "mlops-engineer")
_BUILD = where(
    "Build",
    [
        *may("codebuild.amazonaws.com", "sts:AssumeRole", "{role:build}", "CodeBuild builds with it",
             only={"aws:SourceAccount": "{account}"}, anywhere=True),
        *never(ADMINISTRATOR, "sts:AssumeRole", "{role:build}", "no person pushes"),
        *never("sagemaker.amazonaws.com", "sts:AssumeRole", "{role:build}", "no job pushes",
               given={"aws:SourceAccount": "{account}"}),
        *may("build", _PUSH, _IMAGE, "it pushes what it has built"),
        *may("build", "ecr:BatchCheckLayerAvailability", _IMAGE, "Docker asks which layers are there"),
        *may("build", "ecr:GetAuthorizationToken", "*", "a pull and a push start with a token"),
        *may("build", _PULL, "{xgboost-image}", "AWS's image is what its own is made of"),
        *never("build", _PULL, "{monitor-image}", "it is made of one image"),
        *may("build", "s3:GetObject s3:GetObjectVersion", "{own-image-context}", "the Dockerfile was reviewed"),
        *may("build", "s3:GetBucketAcl s3:GetBucketLocation", "{assets}", "CodeBuild asks whose bucket it is"),
        *never("build", "s3:GetObject", ["{assets}/scripts.zip", "{data}/raw/{use-case}/houses.csv",
               "{artifacts}/models/{use-case}/1/model.tar.gz"], "a Dockerfile must not carry data into an image"),
        *never("build", "s3:PutObject", "{own-image-context}", "what is built is what was reviewed"),
        *may("build", "logs:CreateLogStream logs:PutLogEvents", _BUILD_LOG, "it says what happens"),
        *never("build", "logs:PutLogEvents", "{logs}:log-group:/aws/sagemaker/TrainingJobs:log-stream:{env}-a/1",
               "it speaks for itself"),
        *may("build", "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeDhcpOptions "
             "ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs", "*",
             "it runs in the VPC"),
        *(row for subnet in ("{subnet}", "{subnet2}") for row in may(
            "build", "ec2:CreateNetworkInterfacePermission", "arn:aws:ec2:{region}:{account}:network-interface/eni-1",
            "CodeBuild attaches what it has made", anywhere=True,
            only={"ec2:AuthorizedService": "codebuild.amazonaws.com",
                  "ec2:Subnet": f"arn:aws:ec2:{{region}}:{{account}}:subnet/{subnet}"})),
        *never("build", "ec2:CreateNetworkInterfacePermission", "arn:aws:ec2:xx-elsewhere-1:{account}:network-interface/eni-1",
               "it lends interfaces of this region",
               given={"ec2:AuthorizedService": "codebuild.amazonaws.com",
                      "ec2:Subnet": "arn:aws:ec2:{region}:{account}:subnet/{subnet}"}),
        *never("build", "ec2:CreateNetworkInterfacePermission", "arn:aws:ec2:{region}:{account}:network-interface/eni-1",
               "interfaces are for CodeBuild", given={"ec2:AuthorizedService": "elsewhere.amazonaws.com"}),
        *never("build", "kms:Decrypt", "{key}", "it reads nothing that is encrypted"),
        *never("build", "iam:PassRole", "{role:training}", "it passes nothing",
               given={"iam:PassedToService": "sagemaker.amazonaws.com"}),
        *never("build", "ecr:BatchDeleteImage ecr:SetRepositoryPolicy ecr:DeleteRepository", _IMAGE, "images stay"),
        *(row for who in _RUN_IN_IT for row in may(who, _PULL, _IMAGE, "use cases with `image: own` run in it")),
        *(row for who in _EVERYBODY for row in never(who, _PUSH, _IMAGE, "what runs is what the build has made")),
        *(row for who in _EVERYBODY for row in never(who, "codebuild:StartBuild codebuild:UpdateProject", _PROJECT,
                                                     "who deploys, builds")),
        *never(ADMINISTRATOR, f"{_PUSH} ecr:BatchDeleteImage", _IMAGE, "the repository's own policy refuses"),
        *never(STRANGER, f"{_PULL} {_PUSH}", _IMAGE, "it is in no other account"),
    ],
)  # fmt: skip
ROWS = [
    *_BUILD,
    *where(
        "SharedEndpointPullPolicy",
        may("shared-endpoint", _PULL, _IMAGE, "models on a shared endpoint run in it, too"),
    ),
    *where(
        "SharedEndpointPullPolicy",
        never("shared-endpoint", _PUSH, _IMAGE, "what runs is what the build has made"),
    ),
]
