"""The feature group of a use case: one feature per column, kept in S3, optionally online too."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from config.settings import UseCase
from config.values.columns import EVENT_TIME, RECORD_IDENTIFIER, feature_name
from stacks.permissions.roles import arn_of
from stacks.use_case_stack import UseCaseStack


def feature_definitions(use_case: UseCase) -> list[dict[str, str]]:
    """Identifier and time of a record, then the columns; the target belongs to it for training sets.

    A use case names no identifier and no time, because models need neither. Whoever puts records adds both:
    `record_id` names the thing described, `event_time` (ISO 8601, UTC) says since when it is so.
    """
    types = {RECORD_IDENTIFIER: "String", EVENT_TIME: "String"} | {
        feature_name(column): "Fractional" if column in use_case.numeric_columns else "String"
        for column in use_case.columns
    }
    return [{"FeatureName": name, "FeatureType": kind} for name, kind in types.items()]


def create_feature_group(stack: UseCaseStack, role: iam.Role, *, online: bool) -> sagemaker.CfnFeatureGroup:
    """A feature group, retained: almost every property is create-only, and a new one would begin empty."""
    use_case, foundation = stack.use_case, stack.foundation
    key = foundation.key_arn
    group = sagemaker.CfnFeatureGroup(
        stack,
        "FeatureGroup",
        feature_group_name=stack.fixed_name,
        record_identifier_feature_name=RECORD_IDENTIFIER,
        event_time_feature_name=EVENT_TIME,
        description=f"Features of {use_case.name}",
        role_arn=arn_of(role),
        feature_definitions=[
            sagemaker.CfnFeatureGroup.FeatureDefinitionProperty(
                feature_name=feature["FeatureName"], feature_type=feature["FeatureType"]
            )
            for feature in feature_definitions(use_case)
        ],
        # CDK takes these two as they are written, so they are written as CloudFormation spells them.
        offline_store_config={
            "S3StorageConfig": {"S3Uri": foundation.layout.features.uri(use_case.name), "KmsKeyId": key},
            "TableFormat": "Glue",
        },
        online_store_config=_online_store(key) if online else None,
    )
    group.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    return group


def _online_store(key_arn: str) -> dict[str, Any]:
    return {"EnableOnlineStore": True, "StorageType": "Standard", "SecurityConfig": {"KmsKeyId": key_arn}}
