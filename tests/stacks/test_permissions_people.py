"""Data engineers bring data, data scientists train, MLOps engineers decide; none does another's work."""

from collections.abc import Iterator

from tests.stacks.cloud import Cloud, Resource
from tests.stacks.roles import PEOPLE, Role, listed, roles_of, text_of

OWN_PROFILE = r"user-profile/*/${aws:SourceIdentity}"
CATALOG_ROLES = {"DataQuality"}
"""What data engineers may pass as well, where there is a catalog."""
PASSED: dict[str, set[str]] = {
    "DataEngineer": {"Processing"},
    "DataScientist": {"Experiment", "Training"},
    "MlopsEngineer": set(),
    "Pipeline": {"Processing", "Training"},
}


def _names(roles: list[Role]) -> set[str]:
    return {role.name for role in roles}


def _may(cloud: Cloud, action: str) -> set[str]:
    return _names([role for role in roles_of(cloud) if role.allowing(action)])


def test_only_an_mlops_engineer_decides_on_models(cloud: Cloud) -> None:
    assert _may(cloud, "sagemaker:UpdateModelPackage") == {"MlopsEngineer"}
    for role in roles_of(cloud, "MlopsEngineer"):
        decides = role.statement("DecideOnModels")
        environment = role.resource.template.environment
        assert decides["Resource"].endswith(f":model-package/{environment}-*"), role
        approvals = decides["Condition"]["StringEquals"]["sagemaker:ModelApprovalStatus"]
        assert approvals == ["Approved", "Rejected"], role


def test_whoever_decides_does_not_train(cloud: Cloud) -> None:
    for role in roles_of(cloud, "MlopsEngineer"):
        for action in ("CreateTrainingJob", "CreateProcessingJob", "StartPipelineExecution"):
            assert not role.allowing(f"sagemaker:{action}"), role


def test_a_data_scientist_is_denied_every_decision_whatever_is_added(cloud: Cloud) -> None:
    for role in roles_of(cloud, "DataScientist"):
        never = role.statement("NeverDecide")
        assert never["Effect"] == "Deny", role
        assert never["Action"] == "sagemaker:UpdateModelPackage", role
        assert never["Resource"] == "*", role
        assert "Condition" not in never, role


def test_a_data_scientist_is_denied_to_register_anything_but_pending_versions(cloud: Cloud) -> None:
    for role in roles_of(cloud, "DataScientist"):
        registers = role.statement("RegisterNothingElse")
        assert registers["Effect"] == "Deny", role
        assert registers["Action"] == "sagemaker:CreateModelPackage", role
        status = registers["Condition"]["StringNotEquals"]["sagemaker:ModelApprovalStatus"]
        assert status == "PendingManualApproval", role


def test_versions_are_registered_by_pipelines_and_data_scientists_only(cloud: Cloud) -> None:
    assert _may(cloud, "sagemaker:CreateModelPackage") == {"DataScientist", "Pipeline"}


def test_roles_are_passed_to_jobs_exactly_as_the_work_needs_it(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PASSED):
        in_catalog = CATALOG_ROLES if role.name == "DataEngineer" else set()
        assert PASSED[role.name] <= role.passed(cloud) <= PASSED[role.name] | in_catalog, role


def test_no_role_that_a_data_scientist_passes_reads_raw_data(cloud: Cloud) -> None:
    """A job reads what its role reads, and writes it where the data scientist may read."""
    for role in roles_of(cloud, *PASSED["DataScientist"], "DataScientist"):
        assert not [name for name in _objects(role) if "/raw" in name], role


def _objects(role: Role) -> Iterator[str]:
    for statement in role.allowing("s3:GetObject"):
        yield from map(text_of, listed(statement["Resource"]))


def test_among_people_the_data_engineer_alone_is_given_raw_data(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PEOPLE):
        gets_raw_data = any("/raw/" in name for name in _objects(role))
        assert gets_raw_data == (role.name == "DataEngineer"), role


def test_the_bucket_refuses_raw_data_to_everybody_else(cloud: Cloud) -> None:
    for policy in _data_bucket_policies(cloud):
        (statement,) = (
            one
            for one in policy.get("PolicyDocument", "Statement")
            if one.get("Sid") == "RawDataForItsReadersOnly"
        )
        assert statement["Effect"] == "Deny", policy
        assert statement["Principal"] in ("*", {"AWS": "*"}), policy
        assert statement["Action"] == ["s3:GetObject", "s3:GetObjectVersion"], policy
        assert text_of(statement["Resource"]).endswith("/raw/*"), policy
        spared = statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
        roles = cloud.referenced(policy.template, spared)
        here = policy.template
        assert _names([Role(role) for role in roles]) == {"DataEngineer", "Processing"}, policy
        assert [name for name in spared if isinstance(name, str)] == [
            f"arn:aws:iam::{here.account}:role/{here.environment}-catalog-*",
            f"arn:aws:iam::{here.account}:root",
        ], policy


def _data_bucket_policies(cloud: Cloud) -> list[Resource]:
    policies = cloud.of_type("AWS::S3::BucketPolicy")
    found = [policy for policy in policies if policy.logical_id.startswith("DataPolicy")]
    assert found
    return found


def test_everybody_opens_their_own_studio_only(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PEOPLE):
        (opens,) = role.allowing("sagemaker:CreatePresignedDomainUrl")
        assert opens["Resource"].endswith(OWN_PROFILE), role


def test_spaces_and_apps_are_private_and_ones_own(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PEOPLE):
        for sid in ("KeepOwnSpaces", "RunAppsInOwnSpaces"):
            condition = role.statement(sid)["Condition"]
            assert condition["ArnLike"]["sagemaker:OwnerUserProfileArn"].endswith(OWN_PROFILE), role
            assert condition["StringEquals"] == {"sagemaker:SpaceSharingType": "Private"}, role


def test_a_session_limited_to_a_use_case_reaches_no_other(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PEOPLE):
        other = role.statement("OtherUseCases")
        assert other["Effect"] == "Deny", role
        assert other["Condition"] == {
            "Null": {"aws:PrincipalTag/use-case": "false"},
            "StringNotEquals": {"aws:ResourceTag/use-case": "${aws:PrincipalTag/use-case}"},
        }, role


def test_people_and_studio_assume_the_roles_of_people(cloud: Cloud) -> None:
    for role in roles_of(cloud, *PEOPLE):
        trust = {one["Sid"]: one for one in role.resource.get("AssumeRolePolicyDocument", "Statement")}
        assert set(trust) == {"PeopleOfThisAccount", "PeopleOfOneUseCase", "StudioOfThisAccount"}, role
        studio = trust["StudioOfThisAccount"]
        assert studio["Principal"] == {"Service": "sagemaker.amazonaws.com"}, role
        assert studio["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"], role


def test_no_session_tag_but_the_use_case_may_be_set(cloud: Cloud) -> None:
    """A session tag takes the place of a role's own, so others could claim what they are not."""
    for role in roles_of(cloud, *PEOPLE):
        statements = role.resource.get("AssumeRolePolicyDocument", "Statement")
        (tagging,) = (one for one in statements if "sts:TagSession" in listed(one["Action"]))
        assert tagging["Condition"] == {
            "ForAllValues:StringEquals": {"aws:TagKeys": ["use-case"]},
            "Null": {"aws:TagKeys": "false"},
        }, role


def test_tags_are_set_while_creating_and_never_changed(cloud: Cloud) -> None:
    for role in roles_of(cloud):
        for statement in role.allowing("sagemaker:AddTags"):
            operations = statement["Condition"]["StringEquals"]["sagemaker:TaggingAction"]
            assert all(operation.startswith("Create") for operation in listed(operations)), role
        assert not role.allowing("sagemaker:DeleteTags"), role


def test_a_release_is_replayed_by_the_name_of_its_machine(cloud: Cloud) -> None:
    machines = {
        machine.template.environment: machine.get("StateMachineName")
        for machine in cloud.of_type("AWS::StepFunctions::StateMachine")
    }
    for role in roles_of(cloud, "MlopsEngineer"):
        (replay,) = role.allowing("states:StartExecution")
        name = machines[role.resource.template.environment]
        assert replay["Resource"].endswith(f":stateMachine:{name}"), role
