"""SageMaker Studio: domains, people, spaces, apps, lifecycle configurations and MLflow."""

from typing import Any

from tools.local_aws.cloudformation.parts import gone, reads_back, wait_for_status
from tools.local_aws.cloudformation.row import Read, Row, Tagging, Work

_FAILED = ("Failed", "Update_Failed", "CreateFailed", "UpdateFailed")


def _studio(noun: str, identifiers: tuple[str, ...], **more: Any) -> Row:
    """A resource that the template names; the identifiers come in the order of its physical id."""
    arn = more.pop("arn", f"{noun}Arn")
    return Row(
        type_name=f"AWS::SageMaker::{noun}",
        service="sagemaker",
        create=f"Create{noun}",
        delete=f"Delete{noun}",
        reference="|".join(f"{{{member}}}" for member in identifiers),
        identity={member: f"{{{member}}}" for member in identifiers} | {"ResourceArn": f"{{{arn}}}"},
        learns={arn: arn, **more.pop("learns", {})},
        tagging=Tagging("AddTags", "DeleteTags"),
        **more,
    )


def _in_service(noun: str) -> Any:
    return wait_for_status(f"Describe{noun}", "Status", done=("InService",), failed=_FAILED)


def _domain_arguments(work: Work) -> dict[str, Any]:
    given = dict(work.properties)
    if work.phase == "update" and "DomainSettings" in given:
        given["DomainSettingsForUpdate"] = given.pop("DomainSettings")
    return given


_wait_for_domain = _in_service("Domain")


def _settle_domain(work: Work) -> None:
    _wait_for_domain(work)
    work.learn({"HomeEfsFileSystemId": "HomeEfsFileSystemId"}, work.call("DescribeDomain"))


def _deleted(noun: str) -> Any:
    """Describe tells for a while that something was deleted."""
    return wait_for_status(f"Describe{noun}", "Status", done=("Deleted",), failed=("DeleteFailed",))


ROWS = (
    _studio(
        "Domain",
        ("DomainId",),
        update="UpdateDomain",
        learns={"DomainId": "DomainId", "Url": "Url"},
        arguments=_domain_arguments,
        settle=_settle_domain,
        settle_deletion=gone("DescribeDomain"),
        # The update takes the settings of a domain under another name, so that a lost one would not show.
        checks=(reads_back("DescribeDomain", {"DomainSettings": "DomainSettings"}),),
    ),
    _studio(
        "UserProfile",
        ("UserProfileName", "DomainId"),
        update="UpdateUserProfile",
        settle=_in_service("UserProfile"),
        settle_deletion=gone("DescribeUserProfile"),
    ),
    _studio(
        "Space",
        ("DomainId", "SpaceName"),
        update="UpdateSpace",
        learns={"Url": "Url"},
        settle=_in_service("Space"),
        settle_deletion=gone("DescribeSpace"),
    ),
    _studio(
        "App",
        ("AppName", "AppType", "DomainId", "UserProfileName"),
        read=Read("DescribeApp", found="Status != 'Deleted'"),
        settle=_in_service("App"),
        settle_deletion=_deleted("App"),
    ),
    _studio("StudioLifecycleConfig", ("StudioLifecycleConfigName",)),
    _studio(
        "MlflowApp",
        ("Arn",),
        arn="Arn",
        update="UpdateMlflowApp",
        read=Read("DescribeMlflowApp", found="Status != 'Deleted'"),
        settle=wait_for_status("DescribeMlflowApp", "Status", done=("Created", "Updated"), failed=_FAILED),
        settle_deletion=_deleted("MlflowApp"),
    ),
    _studio(
        "MlflowTrackingServer",
        ("TrackingServerName",),
        arn="TrackingServerArn",
        update="UpdateMlflowTrackingServer",
        settle=wait_for_status(
            "DescribeMlflowTrackingServer",
            "TrackingServerStatus",
            done=("Created", "Updated", "Started", "Stopped"),
            failed=_FAILED,
        ),
        settle_deletion=gone("DescribeMlflowTrackingServer"),
    ),
)
