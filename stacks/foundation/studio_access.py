"""What everybody who works in Studio may do: open their own profile, look around, and keep to their use case.

A person's session carries their name, the name of their user profile, as its source identity. Who assumes a
persona's role states it (`sts:SetSourceIdentity`), cannot change it afterwards, and inside Studio SageMaker
sets it when the domain's `ExecutionRoleIdentityConfig` is `USER_PROFILE_NAME`:
https://docs.aws.amazon.com/sagemaker/latest/dg/monitor-user-access.html

AWS's own policies use `${sagemaker:UserProfileName}` instead. That variable exists in sessions that Studio
itself starts, hence not yet when somebody asks for the URL that opens Studio:
https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol.html
"""

from stacks.parts.place import ENVIRONMENT, SHARED_ENDPOINT, USE_CASE, Place
from stacks.permissions.statements import (
    SAGEMAKER_LOGS,
    Conditions,
    Statement,
    allow,
    allow_own,
    deny,
    grant_key,
    use_key,
)

PERSON = "${aws:SourceIdentity}"
PERSONA = "persona"
"""The tag of roles and of user profiles that says for which work they are."""
_DESCRIBED_BY_NAME = (
    *(
        "endpoint",
        "endpoint-config",
        "model",
        "pipeline",
        "processing-job",
        "training-job",
        "feature-group",
        "monitoring-schedule",
    ),
    *("model-package", "model-package-group"),
    *("experiment", "experiment-trial", "experiment-trial-component"),
)
OWNER_IN_CONDITION = "The condition says whose; the name says only which domain."


def studio_statements(place: Place, key_arn: str, *, shares_endpoint: bool) -> list[Statement]:
    own_profile = place.sagemaker("user-profile", f"*/{PERSON}")
    owned: Conditions = {
        "ArnLike": {"sagemaker:OwnerUserProfileArn": own_profile},
        # A shared space would run with one role whoever uses it, and so lend out what its persona may do.
        "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
    }
    return [
        allow(
            "OpenOwnStudio",
            "sagemaker:CreatePresignedDomainUrl",
            [own_profile],
            # Somebody of the same name may have another persona in another domain of the account.
            {
                "StringEquals": {
                    f"aws:ResourceTag/{ENVIRONMENT}": place.prefix,
                    f"aws:ResourceTag/{PERSONA}": f"${{aws:PrincipalTag/{PERSONA}}}",
                }
            },
            because="The domain's id is known only after it is made; the profile is the caller's own.",
        ),
        allow(
            "KeepOwnSpaces",
            "sagemaker:CreateSpace sagemaker:DeleteSpace sagemaker:UpdateSpace",
            [place.sagemaker("space", "*")],
            owned,
            because=OWNER_IN_CONDITION,
        ),
        allow(
            "RunAppsInOwnSpaces",
            "sagemaker:CreateApp sagemaker:DeleteApp",
            [place.sagemaker("app", "*")],
            owned,
            because=OWNER_IN_CONDITION,
        ),
        allow(
            "FindTheWay",
            "sagemaker:GetSearchSuggestions sagemaker:List* sagemaker:Search",
            ["*"],
            because="People find their way by listing and searching, which changes nothing.",
        ),
        allow_own(
            "DescribeByName",
            "sagemaker:Describe*",
            [
                *place.own(*_DESCRIBED_BY_NAME),
                *place.tuning_jobs("hyper-parameter-tuning-job", "training-job"),
            ],
        ),
        allow(
            "DescribeByTag",
            "sagemaker:DescribeDataQualityJobDefinition sagemaker:DescribeDomain "
            "sagemaker:DescribeMlflowApp sagemaker:DescribeMlflowTrackingServer "
            "sagemaker:DescribeStudioLifecycleConfig sagemaker:DescribeUserProfile",
            ["*"],
            {"StringEquals": {f"aws:ResourceTag/{ENVIRONMENT}": place.prefix}},
            because="The condition says whose; AWS names them.",
        ),
        allow(
            "DescribeSpacesAndApps",
            "sagemaker:DescribeApp sagemaker:DescribeSpace",
            [place.sagemaker("app", "*"), place.sagemaker("space", "*")],
            because="The domain's id is known only after it is made, and what people make in it has no tags.",
        ),
        allow(
            "MakeLogGroupOfStudio",
            "logs:CreateLogGroup",
            [place.log_group("/aws/sagemaker/studio*")],
            because=SAGEMAKER_LOGS,
        ),
        allow(
            "FindLogs",
            "logs:DescribeLogStreams",
            [place.log_group("/aws/sagemaker/*")],
            because=SAGEMAKER_LOGS,
        ),
        # Not FilterLogEvents of jobs: it asks for the group, which is the whole account's.
        allow_own(
            "ReadLogsOfJobs",
            "logs:GetLogEvents",
            [
                *place.job_log_streams(place.name("*")),
                place.tuning_log_streams,
                place.transform_log_streams,
            ],
        ),
        allow_own("ReadLogsOfEndpoints", "logs:FilterLogEvents logs:GetLogEvents", [place.endpoint_logs]),
        use_key(key_arn),
        grant_key("GrantKeyToStudioDisks", key_arn),
        _own_use_case(shares_endpoint=shares_endpoint),
    ]


def only_from(vpc_id: str) -> Statement:
    """Without the key, which only requests through VPC endpoints have, the condition is true as well.

    A service that acts for a person, such as Athena, comes from no VPC. URLs are decided when they are used.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
    """
    return deny(
        "OnlyFromTheNetwork",
        "s3:GetObject s3:GetObjectVersion sagemaker:CreatePresignedDomainUrl "
        "sagemaker:CreatePresignedMlflowAppUrl sagemaker:CreatePresignedMlflowTrackingServerUrl",
        {
            "StringNotEqualsIfExists": {"aws:SourceVpc": vpc_id},
            "BoolIfExists": {"aws:ViaAWSService": "false"},
        },
    )


def _own_use_case(*, shares_endpoint: bool) -> Statement:
    """Sessions that carry the tag `use-case` reach resources with the same tag only; others, all use cases.

    The actions are those on resources that carry the tag from their stack. Not covered, because AWS does not
    evaluate tags there: versions of a model (the tags are the group's), objects in S3 that our jobs write,
    executions that run already, and everything that is merely listed. The release belongs to no use case. A
    shared endpoint is everybody's, and each model on it has the tag of its use case.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    """
    return deny(
        "OtherUseCases",
        "sagemaker:InvokeEndpoint sagemaker:InvokeEndpointAsync sagemaker:StartMonitoringSchedule "
        "sagemaker:StartPipelineExecution sagemaker:StopMonitoringSchedule "
        "sagemaker:UpdateEndpointWeightsAndCapacities states:StartExecution",
        beside_own_use_case(*([SHARED_ENDPOINT] if shares_endpoint else [])),
    )


def beside_own_use_case(*everybodys: str) -> Conditions:
    """Of a session with the tag, what has another one, or none; `everybodys` are tags of what all may use."""
    own = f"${{aws:PrincipalTag/{USE_CASE}}}"
    return {
        "Null": {f"aws:PrincipalTag/{USE_CASE}": "false"},
        "StringNotEquals": {f"aws:ResourceTag/{USE_CASE}": [own, *everybodys] if everybodys else own},
    }
