"""Apps of Studio start with role, key and script, and stand in the way of what would pull them away."""

from typing import Any

import pytest

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL
from tests.tools.local_aws.sagemaker.studio.helpers import TRUST, Studio, refusal, settled, trust

WHO_AM_I = """
python3 -c "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])" > "$HOME/who"
"""


def denying(*actions: str) -> dict[str, Any]:
    denial = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [*ALLOW_ALL["Statement"], denial]}


def test_an_app_comes_into_service_and_is_remembered_when_it_is_gone(studio: Studio, domain: str) -> None:
    identity = studio.app(domain, studio.space(domain))
    app = studio.started(identity)
    assert app["AppArn"].endswith(f":app/{domain}/{identity['SpaceName']}/JupyterLab/default")
    with refusal("ResourceInUse", "already exists"):
        studio.sagemaker.create_app(**identity)
    studio.end(identity)
    listed = studio.sagemaker.list_apps(SpaceNameEquals=identity["SpaceName"])["Apps"]
    assert [item["Status"] for item in listed] == ["Deleted"]
    with refusal("ResourceInUse", "is Deleted"):
        studio.sagemaker.delete_app(**identity)
    studio.sagemaker.create_app(**identity)
    studio.started(identity)
    studio.end(identity)


def test_nothing_is_deleted_under_a_running_app(studio: Studio) -> None:
    domain_id = studio.domain()
    studio.profile(domain_id)
    identity = studio.app(domain_id, studio.space(domain_id))
    studio.started(identity)
    with refusal("ResourceInUse", r"App\(s\) are associated"):
        studio.sagemaker.delete_space(DomainId=domain_id, SpaceName=identity["SpaceName"])
    with refusal("ResourceInUse", r"App\(s\) are associated"):
        studio.sagemaker.delete_domain(DomainId=domain_id)
    own = {"DomainId": domain_id, "UserProfileName": "ada", "AppType": "Canvas", "AppName": "default"}
    studio.sagemaker.create_app(**own)
    with refusal("ResourceInUse", r"App\(s\) are associated"):
        studio.sagemaker.delete_user_profile(DomainId=domain_id, UserProfileName="ada")


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("AppNetworkAccessType", {"AppNetworkAccessType": "PublicInternetOnly"}),
        (
            "ExecutionRoleIdentityConfig",
            {"DomainSettingsForUpdate": {"ExecutionRoleIdentityConfig": "DISABLED"}},
        ),
    ],
)
def test_what_apps_depend_on_cannot_be_changed_while_they_run(
    studio: Studio, member: str, change: dict[str, Any]
) -> None:
    domain_id = studio.domain()
    studio.profile(domain_id)
    identity = studio.app(domain_id, studio.space(domain_id))
    with refusal("ResourceInUse", f"Unable to update {member}"):
        studio.sagemaker.update_domain(DomainId=domain_id, **change)
    studio.sagemaker.update_domain(DomainId=domain_id, DefaultUserSettings={"StudioWebPortal": "ENABLED"})
    studio.started(identity)
    studio.end(identity)
    settled(lambda: studio.sagemaker.describe_domain(DomainId=domain_id))
    studio.sagemaker.update_domain(DomainId=domain_id, **change)


def test_apps_have_the_owner_and_the_name_that_their_type_wants(studio: Studio, domain: str) -> None:
    space = studio.space(domain)
    of_user = {"DomainId": domain, "UserProfileName": "ada", "AppName": "default"}
    of_space = {"DomainId": domain, "SpaceName": space}
    create = studio.sagemaker.create_app
    with refusal("ValidationException", "JupyterLab needs a SpaceName"):
        create(**of_user, AppType="JupyterLab")
    with refusal("ValidationException", "Canvas needs a UserProfileName"):
        create(**of_space, AppType="Canvas", AppName="default")
    with refusal("ValidationException", "must be default"):
        create(**of_space, AppType="JupyterLab", AppName="mine")
    with refusal("ValidationException", "is for the app type JupyterLab, not CodeEditor"):
        create(**of_space, AppType="CodeEditor", AppName="default")
    with refusal("ValidationException", "either a UserProfileName or a SpaceName"):
        create(DomainId=domain, AppType="JupyterLab", AppName="default")


def test_the_script_runs_at_the_start_as_the_person_whose_space_it_is(studio: Studio) -> None:
    script = studio.script(WHO_AM_I + 'cat "$HOME/who"')
    domain_id = studio.domain(DefaultUserSettings=studio.with_script(script))
    studio.profile(domain_id)
    identity = studio.app(domain_id, studio.space(domain_id))
    app = studio.started(identity)
    assert app["ResourceSpec"]["LifecycleConfigArn"] == script
    stream = f"{domain_id}/{identity['SpaceName']}/JupyterLab/default/LifecycleConfigOnStart"
    logs = studio.place.aws.client("logs")
    events = logs.get_log_events(logGroupName="/aws/sagemaker/studio", logStreamName=stream)["events"]
    role = studio.role_arn.rsplit("/", 1)[-1]
    assert [event["message"] for event in events] == [
        f"arn:aws:sts::111111111111:assumed-role/{role}/SageMaker"
    ]


def test_a_script_that_fails_keeps_the_app_from_starting(studio: Studio) -> None:
    script = studio.script("echo no such luck; exit 3")
    domain_id = studio.domain(DefaultUserSettings=studio.with_script(script))
    studio.profile(domain_id)
    app = studio.started(studio.app(domain_id, studio.space(domain_id)), "Failed")
    assert "failed with exit code 3: no such luck" in app["FailureReason"]


def test_a_script_that_is_not_offered_is_refused(studio: Studio, domain: str) -> None:
    script = studio.script("true")
    specification = {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": script}
    with refusal("ValidationException", "is not attached to the user profile or domain"):
        studio.app(domain, studio.space(domain), ResourceSpec=specification)


def test_settings_name_scripts_that_exist_for_the_type_of_app(studio: Studio) -> None:
    def create(settings: dict[str, Any]) -> None:
        studio.sagemaker.create_domain(**studio.request(DefaultUserSettings=settings))

    script = studio.script("true", "CodeEditor")
    with refusal("ValidationException", "is for CodeEditor, not for JupyterLab"):
        create(studio.with_script(script))
    with refusal("ValidationException", "does not exist"):
        create(studio.with_script(f"{script}-not"))
    with refusal("ValidationException", "needs a DefaultResourceSpec"):
        create(studio.settings(CodeEditorAppSettings={"LifecycleConfigArns": [script]}))
    default = {"DefaultResourceSpec": {"LifecycleConfigArn": script}}
    with refusal("ValidationException", "not among LifecycleConfigArns"):
        create(studio.settings(CodeEditorAppSettings=default))


def test_a_script_that_is_in_use_stays(studio: Studio) -> None:
    script = studio.script("true")
    name = script.rsplit("/", 1)[-1]
    domain_id = studio.domain(DefaultUserSettings=studio.with_script(script))
    with refusal("ResourceInUse", "a Domain, UserProfile or App uses it"):
        studio.sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName=name)
    with refusal("ResourceInUse", "already exists"):
        studio.sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName=name,
            StudioLifecycleConfigContent="dHJ1ZQ==",
            StudioLifecycleConfigAppType="JupyterLab",
        )
    studio.sagemaker.delete_domain(DomainId=domain_id)
    described = studio.sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName=name)
    assert described["StudioLifecycleConfigContent"] == "dHJ1ZQ=="


def test_a_script_is_encoded(studio: Studio) -> None:
    with refusal("ValidationException", "must be encoded in base64"):
        studio.sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName=unique("plain"),
            StudioLifecycleConfigContent="echo hello",
            StudioLifecycleConfigAppType="JupyterLab",
        )


@pytest.mark.parametrize("action", ["kms:CreateGrant", "kms:DescribeKey"])
def test_an_app_needs_the_key_of_its_domain(studio: Studio, domain: str, action: str) -> None:
    role = studio.place.role(unique("no-key"), denying(action), TRUST)
    studio.profile(domain, name := unique("user"), UserSettings={"ExecutionRole": role})
    app = studio.started(studio.app(domain, studio.space(domain, name)), "Failed")
    assert f"is not authorized to perform: {action}" in app["FailureReason"]


def test_a_role_that_does_not_take_the_name_of_its_user_starts_nothing(studio: Studio, domain: str) -> None:
    role = studio.place.role(unique("nameless"), ALLOW_ALL, trust())
    studio.profile(domain, name := unique("user"), UserSettings={"ExecutionRole": role})
    app = studio.started(studio.app(domain, studio.space(domain, name)), "Failed")
    assert f"Could not assume role {role}" in app["FailureReason"]
