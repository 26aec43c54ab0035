"""What no role can ever do, whatever policies it is given: the boundary, tried on somebody who may do everything."""

from tests.security.iam.rows import BOUNDED, RAISED, Row, may, never

_WITHIN = {
    "application-autoscaling:RegisterScalableTarget": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/x",
    "athena:StartQueryExecution": "{athena}:workgroup/{env}",
    "cloudformation:UpdateStack": "{cloudformation}:stack/{env}-x/1",
    "cloudwatch:PutMetricAlarm": "arn:aws:cloudwatch:{region}:{account}:alarm:x",
    "codebuild:StartBuild": "{codebuild}:project/{env}-image",
    "databrew:StartJobRun": "arn:aws:databrew:{region}:{account}:job/x",
    "dynamodb:DescribeExport": "arn:aws:dynamodb:{region}:{account}:table/x/export/1",
    "dynamodb:ExportTableToPointInTime": "arn:aws:dynamodb:{region}:{account}:table/x",
    "ec2:DescribeSubnets": "*",
    "ecr:BatchGetImage": "{ecr}:repository/x",
    "events:PutRule": "{events}:rule/x",
    "glue:GetTable": "{glue}:catalog",
    "iam:PassRole": "{role:training}",
    "kms:Decrypt": "{key}",
    "logs:CreateLogGroup": "{logs}:log-group:x",
    "redshift-data:ExecuteStatement": "arn:aws:redshift:{region}:{account}:cluster:x",
    "s3:GetObject": "{data}/processed/x",
    "sagemaker:CreateTrainingJob": "{sagemaker}:training-job/x",
    "sagemaker-mlflow:AccessUI": "*",
    "secretsmanager:GetSecretValue": "arn:aws:secretsmanager:{region}:{account}:secret:x-AbCdEf",
    "sns:Publish": "{Alerts}",
    "sqs:SendMessage": "{UndeliveredDecisions}",
    "ssm:GetParameter": "arn:aws:ssm:{region}:{account}:parameter/x",
    "states:StartExecution": "{Release}",
    "xray:PutTraceSegments": "*",
}
_POLICY = "arn:aws:iam::{account}:policy/{env}-boundary"

ROWS = [
    *(
        Row(BOUNDED, action, resource, True, f"roles of an environment use {action.split(':')[0]}")
        for action, resource in _WITHIN.items()
    ),
    *never(BOUNDED, "lambda:InvokeFunction", "arn:aws:lambda:{region}:{account}:function:x",
           "the platform has no functions"),
    *never(BOUNDED, "dynamodb:PutItem dynamodb:Scan", "arn:aws:dynamodb:{region}:{account}:table/x", "nor tables of others"),
    *never(BOUNDED, "cloudformation:UpdateStack", "{cloudformation}:stack/payroll/1", "stacks of others have roles of theirs"),
    *never(BOUNDED, "states:UpdateStateMachine", "{states}:stateMachine:payroll", "so have state machines"),
    *never(BOUNDED, "ssm:CreateAssociation ssm:SendCommand ssm:StartSession",
           "arn:aws:ec2:{region}:{account}:instance/i-1", "machines of others have roles of theirs"),
    *never(BOUNDED, "ec2:ModifyInstanceAttribute ec2:RunInstances", "arn:aws:ec2:{region}:{account}:instance/i-1",
           "nobody starts machines"),
    *never(BOUNDED, "secretsmanager:PutSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:x-AbCdEf",
           "secrets are their owners'"),
    *never(BOUNDED, "ec2:CreateTags ec2:DeleteTags", "arn:aws:ec2:{region}:{account}:instance/i-1", "nor are machines marked"),
    *may(BOUNDED, "ecr:CompleteLayerUpload ecr:DescribeImages ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart",
         "{ecr}:repository/{env}-x", "builds push to repositories of the environment"),
    *may(BOUNDED, "codebuild:BatchGetBuilds", "{codebuild}:project/{env}-image", "who starts a build waits for it"),
    *never(BOUNDED, "ecr:BatchDeleteImage ecr:SetRepositoryPolicy", "{ecr}:repository/{env}-image", "nobody deletes or opens it"),
    *never(BOUNDED, "codebuild:CreateProject codebuild:UpdateProject", "{codebuild}:project/{env}-image",
           "what is built, CloudFormation says"),
    *never(BOUNDED, "codebuild:StartBuild", "{codebuild}:project/payroll", "builds of others have roles of theirs"),
    *never(BOUNDED, "ecr:PutImage", "{ecr}:repository/x", "images of others stay theirs"),
    *never(RAISED, "glue:UpdateDevEndpoint glue:UpdateJob sagemaker:CreatePresignedNotebookInstanceUrl "
           "sagemaker:UpdateDomain sagemaker:UpdateNotebookInstanceLifecycleConfig sagemaker:UpdatePipeline "
           "sagemaker:UpdateUserProfile", "*", "what others work with runs as them"),
    *may(BOUNDED, "ec2:CreateTags ec2:DeleteTags", "arn:aws:ec2:{region}:{account}:network-interface/eni-1",
         "Glue marks its interfaces", anywhere=True),
    *may(BOUNDED, "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:RevokeSecurityGroupEgress "
         "ecr:BatchCheckLayerAvailability ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer "
         "ssm:GetAutomationExecution ssm:StartAutomationExecution", "*", "jobs and the runbook do"),
    *never(BOUNDED, "iam:CreateRole iam:AttachRolePolicy", "arn:aws:iam::{account}:role/x", "no role makes roles"),
    *never(BOUNDED, "iam:CreateUser iam:CreateAccessKey", "arn:aws:iam::{account}:user/x", "nor people"),
    *never(BOUNDED, "kms:DeleteImportedKeyMaterial kms:DisableKey kms:DisableKeyRotation kms:PutKeyPolicy "
           "kms:ScheduleKeyDeletion", "{key}", "without the key all data are lost"),
    *never(BOUNDED, "s3:DeleteBucket s3:DeleteBucketPolicy s3:PutBucketAcl s3:PutBucketOwnershipControls "
           "s3:PutBucketPolicy s3:PutBucketPublicAccessBlock s3:PutBucketVersioning s3:PutEncryptionConfiguration",
           "{data}", "nobody takes a bucket over"),
    *never(BOUNDED, "s3:PutAccountPublicAccessBlock", "*", "the account's buckets stay private"),
    *(
        row
        for action in ("sagemaker:CreateTrainingJob", "s3:GetObject", "kms:Decrypt", "ec2:DescribeSubnets")
        for row in never(BOUNDED, action, _WITHIN[action], "everything stays in its region",
                         given={"aws:RequestedRegion": "xx-elsewhere-1"})
    ),
    *may(BOUNDED, "iam:PassRole", "{role:training}", "IAM answers from one region for all",
         given={"aws:RequestedRegion": "us-west-2"}, anywhere=True),
    *never(RAISED, "iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary", "{role:training}",
           "a boundary that can be taken off is none"),
    *never(RAISED, "iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion iam:SetDefaultPolicyVersion",
           [_POLICY, "{foundation/Guardrails}"], "nor can it be rewritten"),
    *may(RAISED, "iam:CreatePolicyVersion", "arn:aws:iam::{account}:policy/elsewhere-x", "others' policies are theirs",
         anywhere=True),
    *may(RAISED, "iam:GetRole sts:GetSessionToken", "*", "they answer from one region for all",
         given={"aws:RequestedRegion": "us-west-2"}),
    *(
        row
        for name in ("{person:data-engineer}", "{nobody:data-engineer}")
        for row in may(BOUNDED, "sts:AssumeRole", "{role:data-engineer}", "people change into their roles",
                       given={"sts:RoleSessionName": name}, anywhere=True)
    ),
    *may(BOUNDED, "sts:AssumeRole", "arn:aws:iam::{account}:role/cdk-{qualifier}-deploy-role-{account}-{region}",
         "deliveries change into the roles of their bootstrap"),
    *never(BOUNDED, "sts:AssumeRole", "arn:aws:iam::{account}:role/cdk-hnb659fds-deploy-role-{account}-{region}",
           "the bootstrap of another app is not theirs"),
    *never(BOUNDED, "iam:PassRole sts:AssumeRole", "arn:aws:iam::{account}:role/elsewhere",
           "a role without the boundary is nobody's of this environment"),
]  # fmt: skip
