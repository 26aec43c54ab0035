"""What the account as it stands forbids: limits that are reached, what is still in use, what is not there.

The limits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Callable, Iterator
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.athena.models import athena_backends
from moto.awslambda.models import lambda_backends
from moto.core.utils import camelcase_to_underscores
from moto.ec2.models import ec2_backends
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.key_states import key_named
from tools.local_aws.requests.wire import Request

Members = dict[str, Any]
Asked = Callable[[Members, str, str], Any]
_PARTITION = "aws"
_POLICIES_PER_ROLE = 10
_PRIVATE_ACLS = ("private", "bucket-owner-full-control", "bucket-owner-read")


def _iam(account: str) -> Any:
    return iam_backends[account][_PARTITION]


def _bucket(members: Members, account: str) -> Any:
    return s3_backends[account][_PARTITION].buckets.get(members["Bucket"])


def _is_attached(members: Members, account: str, _: str) -> Any:
    policy = _iam(account).managed_policies.get(members["PolicyArn"])
    return policy and policy.attachment_count


def _has_older_versions(members: Members, account: str, _: str) -> Any:
    policy = _iam(account).managed_policies.get(members["PolicyArn"])
    return policy and len(policy.versions) > 1


def _has_keys(members: Members, account: str, _: str) -> Any:
    user = _iam(account).users.get(members["UserName"])
    return user and user.access_keys


def _is_full(members: Members, account: str, _: str) -> bool:
    named = (role for role in _iam(account).roles.values() if role.name == members["RoleName"])
    attached: dict[str, Any] = next((role.managed_policies for role in named), {})
    return len(attached) >= _POLICIES_PER_ROLE and members["PolicyArn"] not in attached


def _is_taken(members: Members, account: str, _: str) -> bool:
    return members["RoleName"].lower() in {role.name.lower() for role in _iam(account).roles.values()}


def _is_unbounded(members: Members, account: str, _: str) -> bool:
    return members.get("PermissionsBoundary") not in {None, *_iam(account).managed_policies}


def _has_no_acls(members: Members, account: str, _: str) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html."""
    granted = "AccessControlPolicy" in members or any(name.startswith("Grant") for name in members)
    asked = granted or members.get("ACL", "private") not in _PRIVATE_ACLS
    bucket = _bucket(members, account)
    return asked and bucket and bucket.ownership_rule == "BucketOwnerEnforced"


def _has_not_begun(members: Members, account: str, _: str) -> Any:
    bucket = _bucket(members, account)
    return bucket and members["UploadId"] not in bucket.multiparts


def _goes_nowhere(members: Members, account: str, _: str) -> bool:
    known = s3_backends[account][_PARTITION]._pagination_tokens
    return members.get("ContinuationToken", "") not in {"", *known}


def _does_not_scale(members: Members, account: str, region: str) -> bool:
    targets = applicationautoscaling_backends[account][region].targets
    return members.get("ResourceId") not in targets.get(members.get("ScalableDimension"), {})


def _does_nothing_then(members: Members, account: str, region: str) -> bool:
    actions = applicationautoscaling_backends[account][region].scheduled_actions
    return members["ScheduledActionName"] not in [action.scheduled_action_name for action in actions]


def _lacks_a_capacity(members: Members, account: str, region: str) -> bool:
    both = "MinCapacity" in members and "MaxCapacity" in members
    return not both and _does_not_scale(members, account, region)


def _lasts_longer(members: Members, account: str, _: str) -> bool:
    roles = {role.arn: role.max_session_duration for role in _iam(account).roles.values()}
    return int(members.get("DurationSeconds", 0)) > int(roles.get(members["RoleArn"]) or 3600)


def _has_no_material_of_aws(members: Members, account: str, region: str) -> Any:
    key = key_named(kms_backends[account][region], members["KeyId"])
    return key and (key.key_spec, key.origin) != ("SYMMETRIC_DEFAULT", "AWS_KMS")


def _is_no_pair(members: Members, account: str, region: str) -> Any:
    key = key_named(kms_backends[account][region], members["KeyId"])
    return key and key.key_spec.startswith(("SYMMETRIC", "HMAC"))


def _is_another_topic(members: Members, account: str, region: str) -> bool:
    arn = f"arn:aws:sns:{region}:{account}:{members['Name']}"
    topic = sns_backends[account][region].topics.get(arn)
    given = {name: value for name, value in members.get("Attributes", {}).items() if name != "Policy"}
    told = {name: str(getattr(topic, camelcase_to_underscores(name), given[name])) for name in given}
    return topic is not None and {name: told[name].lower() for name in told} != {
        name: str(given[name]).lower() for name in given
    }


def _is_another_machine(members: Members, account: str, region: str) -> bool:
    named = (
        known
        for known in stepfunctions_parser_backends[account][region].state_machines
        if known.name == members["name"]
    )
    return any((it.definition, it.roleArn) != (members["definition"], members["roleArn"]) for it in named)


def _says_it_already(members: Members, account: str, region: str) -> bool:
    named = members["FunctionName"].split(":")
    functions = lambda_backends[account][region].list_functions()
    return any(
        statement["Sid"] == members["StatementId"]
        for function in functions
        if function.function_name in named
        for statement in function.policy.statements
    )


def _fits_no_partition(members: Members, account: str, region: str) -> bool:
    database = glue_backends[account][region].databases.get(members["DatabaseName"])
    table = database and database.tables.get(members["TableName"])
    if table is None:
        return False
    *_, current = table.versions.values()
    return len(current.get("PartitionKeys", [])) != len(members["PartitionInput"].get("Values", []))


def _has_another_table(members: Members, account: str, region: str) -> bool:
    tables = ec2_backends[account][region].route_tables.values()
    others = (table for table in tables if table.id != members["RouteTableId"])
    return any(members.get("SubnetId") in table._associations.values() for table in others)


def _has_no_names(members: Members, account: str, region: str) -> bool:
    network = ec2_backends[account][region].vpcs.get(members["VpcId"])
    named = network is None or (
        str(network.enable_dns_support).lower() == str(network.enable_dns_hostnames).lower() == "true"
    )
    return bool(members.get("PrivateDnsEnabled")) and not named


def _share_a_zone(members: Members, account: str, region: str) -> bool:
    known = [subnet for zone in ec2_backends[account][region].subnets.values() for subnet in zone.values()]
    zones = [subnet.availability_zone for subnet in known if subnet.id in members.get("SubnetIds", [])]
    return len(set(zones)) < len(zones)


def _was_never_asked(members: Members, account: str, region: str) -> bool:
    return members["queryId"] not in logs_backends[account][region].queries


def _never_ran(members: Members, account: str, region: str) -> bool:
    return members["QueryExecutionId"] not in athena_backends[account][region].executions


_NO_ACLS = (_has_no_acls, "AccessControlListNotSupported", "The bucket does not allow ACLs")
_NO_UPLOAD = (_has_not_begun, "NoSuchUpload", "The specified upload does not exist.")
_NO_TARGET = (
    *(_does_not_scale, "ObjectNotFoundException"),
    "No scalable target registered for service namespace: {ServiceNamespace}, resource ID: {ResourceId}",
)
_FULL = f"Cannot exceed quota for PoliciesPerRole: {_POLICIES_PER_ROLE}"
_NO_BOUNDARY = (
    *(_is_unbounded, "NoSuchEntity"),
    "Scope ARN: {PermissionsBoundary} does not exist or is not attachable.",
)
_KEYS = "Cannot delete entity, must delete access keys first."
_UNKNOWN_QUERY = "QueryExecution {QueryExecutionId} was not found"
_STANDING: tuple[tuple[str, Asked, str, str], ...] = (
    ("athena:GetQueryExecution", _never_ran, "InvalidRequestException", _UNKNOWN_QUERY),
    ("iam:DeletePolicy", _is_attached, "DeleteConflict", "Cannot delete a policy attached to entities."),
    (
        *("iam:DeletePolicy", _has_older_versions, "DeleteConflict"),
        "This policy has more than one version. Before you delete a policy, you must delete the policy's "
        "versions. The default version is deleted with the policy.",
    ),
    ("iam:DeleteUser", _has_keys, "DeleteConflict", _KEYS),
    ("iam:AttachRolePolicy", _is_full, "LimitExceeded", _FULL),
    ("iam:CreateRole", _is_taken, "EntityAlreadyExists", "Role with name {RoleName} already exists."),
    ("iam:CreateRole", *_NO_BOUNDARY),
    ("iam:PutRolePermissionsBoundary", *_NO_BOUNDARY),
    (
        *("sts:AssumeRole", _lasts_longer, "ValidationError"),
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    ),
    (
        *("kms:EnableKeyRotation", _has_no_material_of_aws, "UnsupportedOperationException"),
        "Only symmetric encryption keys whose material AWS has made are rotated.",
    ),
    (
        *("kms:GetPublicKey", _is_no_pair, "UnsupportedOperationException"),
        "{KeyId} has no public key.",
    ),
    (
        *("logs:GetQueryResults", _was_never_asked, "ResourceNotFoundException"),
        "The query {queryId} does not exist.",
    ),
    (
        *("ec2:CreateVpcEndpoint", _share_a_zone, "DuplicateSubnetsInSameZone"),
        "Found another VPC endpoint subnet in the availability zone. VPC endpoint subnets should be in "
        "different availability zones supported by the VPC endpoint service.",
    ),
    (
        *("sns:CreateTopic", _is_another_topic, "InvalidParameter"),
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
    ),
    (
        *("stepfunctions:CreateStateMachine", _is_another_machine, "StateMachineAlreadyExists"),
        "State Machine Already Exists: '{name}'",
    ),
    (
        *("lambda:AddPermission", _says_it_already, "ResourceConflictException"),
        "The statement id ({StatementId}) provided already exists. Please provide a new statement id, or "
        "remove the existing statement.",
    ),
    (
        *("glue:CreatePartition", _fits_no_partition, "InvalidInputException"),
        "The number of partition keys do not match the number of partition values",
    ),
    (
        *("ec2:AssociateRouteTable", _has_another_table, "Resource.AlreadyAssociated"),
        "the specified association for route table {RouteTableId} conflicts with an existing association",
    ),
    (
        *("ec2:CreateVpcEndpoint", _has_no_names, "InvalidParameter"),
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to "
        "true for {VpcId}",
    ),
    (
        *("application-autoscaling:DeleteScheduledAction", _does_nothing_then, "ObjectNotFoundException"),
        "No scheduled action found for service namespace: {ServiceNamespace}, resource ID: {ResourceId}",
    ),
    (
        *("application-autoscaling:RegisterScalableTarget", _lacks_a_capacity, "ValidationException"),
        "A new scalable target needs MinCapacity and MaxCapacity.",
    ),
    ("s3:PutBucketAcl", *_NO_ACLS),
    ("s3:PutObject", *_NO_ACLS),
    ("s3:PutObjectAcl", *_NO_ACLS),
    ("s3:UploadPart", *_NO_UPLOAD),
    ("s3:CompleteMultipartUpload", *_NO_UPLOAD),
    ("s3:ListObjectsV2", _goes_nowhere, "InvalidArgument", "The continuation token provided is incorrect"),
    ("application-autoscaling:PutScalingPolicy", *_NO_TARGET),
    ("application-autoscaling:PutScheduledAction", *_NO_TARGET),
    ("application-autoscaling:DeregisterScalableTarget", *_NO_TARGET),
)


def forbidden(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what would be possible in another account."""
    for call, holds, code, words in _STANDING:
        if call == f"{request.service}:{request.operation}" and holds(request.members, account, region):
            yield ApiError(code, words.format(**request.members))
