"""Managed policies, and the reason of every wildcard in them.

cdk-nag reports each `*` that a policy allows. A policy made here acknowledges those it can explain, one by
one; a wildcard without a reason fails the synthesis.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.permissions.acknowledgements import acknowledge, checkov
from stacks.permissions.policy_size import check_size

ANY_RESOURCE = {
    "Ceiling": "A boundary allows nothing by itself; the policies of roles name resources.",
    "CeilingOfIdentity": "A boundary allows nothing by itself; the policies of roles name the roles.",
    "AttachToVpc": "SageMaker refuses resource filters on these actions when it validates a job's role.",
    "DeliverLogs": "Log delivery of Step Functions has no resource-level permissions.",
    "GetRegistryToken": "The token belongs to no repository; pulling is allowed for two repositories only.",
    "PublishDataQuality": "Metrics have no ARN; the condition allows the namespace of data quality only.",
    "PublishMetrics": "Metrics have no ARN; the condition allows SageMaker's namespaces only.",
    "ReadAlarms": "Reading alarms and metrics changes nothing, and metrics have no ARN.",
    "ReadRollbackAlarms": "Automatic rollback describes alarms with the endpoint's role.",
    "ReadSecurityGroups": "Describing security groups has no resource-level permissions.",
    "ReadSageMaker": "People find their way by describing, listing and searching, which changes nothing.",
    "Trace": "X-Ray's sampling and trace segments have no ARN.",
}
"""Why a statement (by its Sid) is about all resources."""

OPEN_ACTIONS = {
    "Ceiling": "A boundary allows nothing by itself: it limits what the policies of roles can allow.",
    "ReadSageMaker": "People find their way by describing and listing; neither changes anything.",
}
"""Why a statement (by its Sid) allows actions that it does not name one by one."""

CHECKOV_RULES = {
    "AttachToVpc": ("CKV_AWS_109", "CKV_AWS_111"),
    "Ceiling": ("CKV_AWS_107", "CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_110", "CKV_AWS_111"),
}
"""What checkov says about a statement (by its Sid) that changes things and is about all resources."""

RESOURCE_PATTERNS = {
    r"arn:aws:logs:[^*]+:log-group:/aws-glue(-databrew)?/\*": "Glue and DataBrew name log groups by job.",
    r"arn:aws:glue:[^*]+:table/sagemaker_featurestore/[a-z0-9-]+[-_]\*": (
        "SageMaker names the table after the feature group and the time when it was created."
    ),
    r"arn:aws:s3:::[a-z0-9-]+-foundation-(data|artifacts)\*(/\*)?": (
        "CloudFormation makes up the rest of the bucket's name, and referring to it would go in a circle."
    ),
    r"arn:aws:kms:[^*]+:key/\*": "The key elsewhere is known by its alias only, which the condition names.",
    r"arn:aws:ssm:[^*]+:automation-execution/\*": "An execution's id is made up when it starts.",
    r"arn:aws:logs:[^*]+:log-group:/aws/sagemaker/(studio)?\*": (
        "SageMaker names its log groups by kind of job."
    ),
    r"arn:aws:sagemaker:[^*]+:(processing|training)-job/pipelines-\*": (
        "SageMaker names the jobs of pipeline executions; they all start with pipelines-."
    ),
    r"arn:aws:sagemaker:[^*]+:(app|space)/\*": "The condition says whose; the name says only which domain.",
    r"arn:aws:sagemaker:[^*]+:user-profile/\*/<aws:SourceIdentity>": (
        "The domain's id is known only after it is made; the profile is the caller's own."
    ),
    r"arn:aws:states:[^*]+:execution:[a-z0-9-]+-release:\*": "An execution's id is made up when it starts.",
    r"arn:aws:(sagemaker|cloudformation):[^*]+/[a-z0-9-]+-\*(-(serving|monitoring)/\*)?": (
        "Whatever belongs to this environment has its name as prefix; use cases come and go."
    ),
    r"(<\w+\.Arn>|arn:aws:s3:::[a-z0-9.-]+)(/[^*]+)?/\*": (
        "Objects of one bucket below one prefix; their names are known when they are written."
    ),
}
"""Why a part of a resource's name is left open, by the resource's pattern."""


def managed_policy(
    scope: Construct,
    construct_id: str,
    *,
    description: str,
    statements: Sequence[iam.PolicyStatement],
    roles: Sequence[iam.Role] = (),
    name: str | None = None,
) -> iam.ManagedPolicy:
    """A policy of roles.

    Raises ValueError for a wildcard that this module cannot explain, and for more text than IAM takes.
    """
    policy = iam.ManagedPolicy(
        scope,
        construct_id,
        description=description,
        statements=statements,
        roles=list(roles),
        managed_policy_name=name,
    )
    check_size(policy)
    reasons: dict[str, list[str]] = {}
    for statement in statements:
        for rule, reason in _explanations(policy, statement):
            reasons.setdefault(rule, []).append(reason)
    for rule, explained in reasons.items():
        acknowledge(policy, " ".join(dict.fromkeys(explained)), rule)
    return policy


def _explanations(policy: iam.ManagedPolicy, statement: iam.PolicyStatement) -> Iterator[tuple[str, str]]:
    """What cdk-nag finds in each allowed wildcard, and checkov in the statement; each with its reason."""
    if statement.effect == iam.Effect.DENY:
        return
    sid = statement.sid or ""
    for action in statement.actions:
        if "*" in action:
            if sid not in OPEN_ACTIONS:
                raise ValueError(
                    f"{policy.node.path}: {sid} allows {action}; name the actions that are needed"
                )
            yield f"AwsSolutions-IAM5[Action::{action}]", OPEN_ACTIONS[sid]
    for resource in statement.resources:
        name = _name(policy.stack.resolve(resource))
        if "*" in name:
            yield f"AwsSolutions-IAM5[Resource::{name}]", _reason(policy.node.path, sid, name)
    for rule in CHECKOV_RULES.get(sid, ()):
        yield checkov(rule), ANY_RESOURCE[sid]


def _reason(path: str, sid: str, resource: str) -> str:
    if resource == "*" and sid in ANY_RESOURCE:
        return ANY_RESOURCE[sid]
    for pattern, reason in RESOURCE_PATTERNS.items():
        if re.fullmatch(pattern, resource):
            return reason
    raise ValueError(
        f"{path}: {sid} is about {resource}, a wildcard without a reason; name the resource, "
        "or explain the wildcard in stacks/permissions/policies.py"
    )


def _name(resource: Any) -> str:
    """A resource as cdk-nag writes it: attributes of other resources and variables in angle brackets."""
    if isinstance(resource, str):
        return re.sub(r"\$\{([^}]+)\}", r"<\1>", resource)
    ((function, argument),) = resource.items()
    if function == "Fn::Join":
        return "".join(_name(piece) for piece in argument[1])
    return f"<{argument if function == 'Ref' else '.'.join(argument)}>"
