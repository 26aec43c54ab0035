"""Small stacks for tests of the review, and one line for the review of two of them."""

import copy
import datetime
import json
from collections.abc import Callable
from typing import Any

from tools.review.approvals import Approval
from tools.review.outcome import Review, review
from tools.review.stacks import of_templates

Json = dict[str, Any]

TODAY = datetime.date(2026, 11, 21)
BUCKET: Json = {
    "Type": "AWS::S3::Bucket",
    "DeletionPolicy": "Retain",
    "UpdateReplacePolicy": "Retain",
    "Properties": {"BucketName": "shop-dev-data", "Tags": [{"Key": "team", "Value": "a"}]},
}
ENDPOINT_CONFIGURATION: Json = {
    "Type": "AWS::SageMaker::EndpointConfig",
    "Properties": {
        "ProductionVariants": [{"InitialInstanceCount": 1, "InstanceType": "ml.m5.large", "VariantName": "A"}]
    },
}


def step(name: str, *needs: str) -> Json:
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {"needs": [{"Get": f"Steps.{other}.x"} for other in needs]},
    }


def pipeline(*steps: Json) -> Json:
    body = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps}, separators=(",", ":"))
    properties = {
        "PipelineName": "prices",
        "PipelineDefinition": {"PipelineDefinitionBody": body},
        "RoleArn": "r",
    }
    return {"Type": "AWS::SageMaker::Pipeline", "Properties": properties}


def template(**resources: Json) -> Json:
    return {"Description": "a stack", "Resources": copy.deepcopy(resources)}


def changed(resource: Json, change: Callable[[Json], object]) -> Json:
    copied = copy.deepcopy(resource)
    change(copied)
    return copied


def compared(before: dict[str, Json], after: dict[str, Json], *approvals: Approval) -> Review:
    """Stacks of the environment `dev`, before and after."""
    return review(of_templates("dev", before), of_templates("dev", after), approvals=approvals, today=TODAY)
