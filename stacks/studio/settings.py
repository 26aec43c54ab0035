"""What everybody who works in Studio gets: apps, disks, limits, and what the portal shows."""

from collections.abc import Mapping

from aws_cdk import aws_sagemaker as sagemaker

from config.settings import Studio
from stacks.network.stack import JobNetwork

SHORTEST_IDLE_MINUTES = 60
# Studio Classic and RStudio are not set up here; they would fail when somebody starts them.
NOT_OFFERED = ("JupyterServer", "RStudioServerPro")

_Domain = sagemaker.CfnDomain


def user_settings(
    studio: Studio, *, network: JobNetwork, role_arn: str, lifecycle_configs: Mapping[str, str]
) -> sagemaker.CfnDomain.UserSettingsProperty:
    """The settings of all users; `lifecycle_configs` are ARNs by type of app."""
    idle = _idle_shutdown(studio)
    jupyter_lab, code_editor = lifecycle_configs["JupyterLab"], lifecycle_configs["CodeEditor"]
    return _Domain.UserSettingsProperty(
        execution_role=role_arn,
        security_groups=network.security_group_ids,
        default_landing_uri="studio::",
        studio_web_portal="ENABLED",
        studio_web_portal_settings=_Domain.StudioWebPortalSettingsProperty(hidden_app_types=_hidden(studio)),
        sharing_settings=_Domain.SharingSettingsProperty(notebook_output_option="Disabled"),
        space_storage_settings=_disks(studio),
        jupyter_lab_app_settings=_Domain.JupyterLabAppSettingsProperty(
            app_lifecycle_management=idle,
            default_resource_spec=_resources(studio, jupyter_lab),
            lifecycle_config_arns=[jupyter_lab],
        ),
        code_editor_app_settings=_Domain.CodeEditorAppSettingsProperty(
            app_lifecycle_management=idle,
            default_resource_spec=_resources(studio, code_editor),
            lifecycle_config_arns=[code_editor],
        ),
    )


def _hidden(studio: Studio) -> list[str]:
    return [*NOT_OFFERED, *([] if studio.canvas else ["Canvas"])]


def _idle_shutdown(studio: Studio) -> sagemaker.CfnDomain.AppLifecycleManagementProperty:
    """People may shorten the time, and not lengthen it."""
    return _Domain.AppLifecycleManagementProperty(
        idle_settings=_Domain.IdleSettingsProperty(
            lifecycle_management="ENABLED",
            idle_timeout_in_minutes=studio.idle_minutes,
            min_idle_timeout_in_minutes=SHORTEST_IDLE_MINUTES,
            max_idle_timeout_in_minutes=studio.idle_minutes,
        )
    )


def _disks(studio: Studio) -> sagemaker.CfnDomain.DefaultSpaceStorageSettingsProperty:
    return _Domain.DefaultSpaceStorageSettingsProperty(
        default_ebs_storage_settings=_Domain.DefaultEbsStorageSettingsProperty(
            default_ebs_volume_size_in_gb=studio.storage_gb.default,
            maximum_ebs_volume_size_in_gb=studio.storage_gb.max,
        )
    )


def _resources(studio: Studio, lifecycle_config_arn: str) -> sagemaker.CfnDomain.ResourceSpecProperty:
    return _Domain.ResourceSpecProperty(
        instance_type=studio.instance_types[0], lifecycle_config_arn=lifecycle_config_arn
    )
