"""No role can do more than its boundary lets it, and none can change its boundary."""

from fnmatch import fnmatchcase

import pytest

from config.settings import Settings
from tests.stacks.cloud import Cloud, Resource
from tests.stacks.roles import Statement, listed, roles_of


@pytest.fixture(scope="module")
def boundaries(cloud: Cloud) -> list[Resource]:
    found = [policy for policy in cloud.of_type("AWS::IAM::ManagedPolicy") if policy.get("ManagedPolicyName")]
    assert found
    return found


def _statements(boundary: Resource) -> dict[str, Statement]:
    return {one["Sid"]: one for one in boundary.get("PolicyDocument", "Statement")}


def test_every_role_of_every_stack_has_the_boundary_of_its_environment(cloud: Cloud) -> None:
    for role in roles_of(cloud):
        boundary = cloud.the_one(role.resource, "PermissionsBoundary")
        environment = role.resource.template.environment
        assert boundary.get("ManagedPolicyName") == f"{environment}-boundary", role
        assert boundary.template.environment == environment, role


def test_a_boundary_is_attached_to_nobody_as_a_policy(boundaries: list[Resource]) -> None:
    for boundary in boundaries:
        assert boundary.get("Roles") is None, boundary


def test_every_action_that_a_role_is_allowed_is_within_its_boundary(cloud: Cloud) -> None:
    """Otherwise the role fails with a policy that looks right."""
    for role in roles_of(cloud):
        boundary = _statements(cloud.the_one(role.resource, "PermissionsBoundary"))
        allowed = [one["Action"] for one in boundary.values() if one["Effect"] == "Allow"]
        denied = [one["Action"] for one in boundary.values() if one["Effect"] == "Deny" and "Action" in one]
        for statement in role.statements:
            if statement["Effect"] == "Allow":
                for action in listed(statement["Action"]):
                    assert _is_in(action, allowed), f"{role}: {statement['Sid']}: {action}"
                    assert not _is_in(action, denied), f"{role}: {statement['Sid']}: {action}"


def _is_in(action: str, lists: list[list[str] | str]) -> bool:
    return any(fnmatchcase(action, pattern) for patterns in lists for pattern in listed(patterns))


def test_the_boundary_denies_what_cannot_be_undone(boundaries: list[Resource]) -> None:
    for boundary in boundaries:
        statements = _statements(boundary)
        denied = {sid for sid, one in statements.items() if one["Effect"] == "Deny"}
        assert denied == {
            "NoBoundaryRemoval",
            "NoBucketTakeover",
            "NoKeyDestruction",
            "NoPolicyChange",
            "RegionLock",
        }
        assert "kms:ScheduleKeyDeletion" in statements["NoKeyDestruction"]["Action"]
        assert {"s3:DeleteBucket*", "s3:PutBucketPolicy"} <= set(statements["NoBucketTakeover"]["Action"])
        assert "iam:DeleteRolePermissionsBoundary" in statements["NoBoundaryRemoval"]["Action"]
        assert "iam:CreatePolicyVersion" in statements["NoPolicyChange"]["Action"]


def test_the_boundary_protects_itself_by_its_name(boundaries: list[Resource]) -> None:
    for boundary in boundaries:
        protected = _statements(boundary)["NoPolicyChange"]["Resource"]
        name = boundary.get("ManagedPolicyName")
        assert fnmatchcase(f"arn:aws:iam::{boundary.template.account}:policy/{name}", protected)


def test_nothing_happens_outside_the_regions_of_the_environment(shipped: Cloud, settings: Settings) -> None:
    environments = {environment.name: environment for environment in settings.environments}
    for policy in shipped.of_type("AWS::IAM::ManagedPolicy"):
        if policy.get("ManagedPolicyName"):
            environment = environments[policy.template.environment]
            lock = _statements(policy)["RegionLock"]
            regions = {environment.region, environment.replication_region} - {None}
            assert set(lock["Condition"]["StringNotEquals"]["aws:RequestedRegion"]) == regions
            assert lock["NotAction"] == ["iam:*", "sts:*"]


def test_no_role_can_make_identities_or_give_permissions(boundaries: list[Resource]) -> None:
    for boundary in boundaries:
        for statement in _statements(boundary).values():
            if statement["Effect"] == "Allow":
                identity = {action for action in listed(statement["Action"]) if action.startswith("iam:")}
                assert identity <= {"iam:PassRole"}, boundary
                assert "*" not in listed(statement["Action"]), boundary
