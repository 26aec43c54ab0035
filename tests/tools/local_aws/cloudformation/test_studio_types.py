"""The types of SageMaker Studio: created in order, changed in place, and gone in order."""

import base64
from typing import Any

from tests.tools.local_aws.cloudformation.helpers import Aws, allow, gone, settled, trust

TRUST = trust("sagemaker.amazonaws.com")


def resources(*, script: str = "true", portal: str = "ENABLED", size: str = "Small") -> dict[str, Any]:
    """A domain with everything that lives in it."""
    arn = {"Fn::GetAtt": "Script.StudioLifecycleConfigArn"}
    specification = {"InstanceType": "ml.t3.medium", "LifecycleConfigArn": arn}
    role = {"Fn::GetAtt": "Role.Arn"}
    settings = {
        "ExecutionRole": role,
        "SecurityGroups": [{"Fn::GetAtt": "Group.GroupId"}],
        "StudioWebPortal": portal,
        "JupyterLabAppSettings": {"DefaultResourceSpec": specification, "LifecycleConfigArns": [arn]},
    }
    domain = {"DomainId": {"Ref": "Domain"}}
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [{"PolicyName": "all", "PolicyDocument": allow("*", Resource="*")}],
            },
        },
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.78.0.0/16"}},
        "Subnet": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.78.0.0/24"},
        },
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupDescription": "apps"},
        },
        "Script": {
            "Type": "AWS::SageMaker::StudioLifecycleConfig",
            "Properties": {
                "StudioLifecycleConfigName": f"start-{len(script)}",
                "StudioLifecycleConfigAppType": "JupyterLab",
                "StudioLifecycleConfigContent": base64.b64encode(script.encode()).decode(),
            },
        },
        "Domain": {
            "Type": "AWS::SageMaker::Domain",
            "Properties": {
                "DomainName": "people",
                "AuthMode": "IAM",
                "AppNetworkAccessType": "VpcOnly",
                "VpcId": {"Ref": "Vpc"},
                "SubnetIds": [{"Ref": "Subnet"}],
                "DefaultUserSettings": settings,
                "DomainSettings": {"DockerSettings": {"EnableDockerAccess": "DISABLED"}},
            },
        },
        "Ada": {
            "Type": "AWS::SageMaker::UserProfile",
            "Properties": {**domain, "UserProfileName": "ada", "UserSettings": {"ExecutionRole": role}},
        },
        "Space": {
            "Type": "AWS::SageMaker::Space",
            "DependsOn": "Ada",
            "Properties": {
                **domain,
                "SpaceName": "desk",
                "OwnershipSettings": {"OwnerUserProfileName": "ada"},
                "SpaceSharingSettings": {"SharingType": "Private"},
            },
        },
        "Canvas": {
            "Type": "AWS::SageMaker::App",
            "DependsOn": "Ada",
            "Properties": {**domain, "UserProfileName": "ada", "AppType": "Canvas", "AppName": "default"},
        },
        "MlflowApp": {
            "Type": "AWS::SageMaker::MlflowApp",
            "Properties": {
                "Name": "experiments",
                "ArtifactStoreUri": f"s3://somewhere/{size}",
                "RoleArn": role,
                "ModelRegistrationMode": "AutoModelRegistrationDisabled",
            },
        },
        "Mlflow": {
            "Type": "AWS::SageMaker::MlflowTrackingServer",
            "Properties": {
                "TrackingServerName": "experiments",
                "ArtifactStoreUri": "s3://somewhere/mlflow",
                "RoleArn": role,
                "TrackingServerSize": size,
            },
        },
    }


def test_a_domain_and_what_lives_in_it(aws: Aws, name: str) -> None:
    outputs = {
        "Home": {"Value": {"Fn::GetAtt": "Domain.HomeEfsFileSystemId"}},
        "Url": {"Value": {"Fn::GetAtt": "Domain.Url"}},
        "Ada": {"Value": {"Fn::GetAtt": "Ada.UserProfileArn"}},
    }
    ids = settled(aws, name, resources(), Outputs=outputs)
    domain, sagemaker = ids["Domain"], aws.client("sagemaker")
    assert (ids["Ada"], ids["Space"]) == (f"ada|{domain}", f"{domain}|desk")
    assert aws.outputs(name)["Home"].startswith("fs-")
    assert aws.outputs(name)["Ada"].endswith(f":user-profile/{domain}/ada")
    assert sagemaker.describe_mlflow_tracking_server(TrackingServerName="experiments")
    changed = settled(
        aws,
        name,
        resources(script="echo other", portal="DISABLED", size="Medium"),
        Outputs={**outputs, "Script": {"Value": {"Ref": "Script"}}},
    )
    kept = ("Domain", "Ada", "Space", "Canvas", "MlflowApp", "Mlflow")
    assert [changed[item] for item in kept] == [ids[item] for item in kept]
    settings = sagemaker.describe_domain(DomainId=domain)["DefaultUserSettings"]
    assert settings["StudioWebPortal"] == "DISABLED"
    assert settings["JupyterLabAppSettings"]["LifecycleConfigArns"][0].endswith("/start-10")
    scripts = sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
    assert "start-4" not in [item["StudioLifecycleConfigName"] for item in scripts]
    server = sagemaker.describe_mlflow_tracking_server(TrackingServerName="experiments")
    assert server["TrackingServerSize"] == "Medium"
    app = sagemaker.describe_mlflow_app(Arn=ids["MlflowApp"])
    assert (app["ArtifactStoreUri"], app["Status"]) == ("s3://somewhere/Medium", "Updated")
    assert app["ModelRegistrationMode"] == "AutoModelRegistrationDisabled"
    home = aws.outputs(name)["Home"]
    aws.client("cloudformation").delete_stack(StackName=name)
    assert "has dependencies and cannot be deleted" in aws.stack(name)["StackStatusReason"]
    # The file system that the domain left behind stands in the subnet.
    efs = aws.client("efs")
    for target in efs.describe_mount_targets(FileSystemId=home)["MountTargets"]:
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    assert gone(aws, name)
    assert sagemaker.describe_mlflow_app(Arn=ids["MlflowApp"])["Status"] == "Deleted"
    assert domain not in [item["DomainId"] for item in sagemaker.list_domains()["Domains"]]


def test_a_stack_whose_domain_is_used_otherwise_is_not_deleted(aws: Aws, name: str) -> None:
    settled(aws, name, {key: value for key, value in resources().items() if key not in ("Space", "Canvas")})
    domain = aws.resource(name, "Domain")["PhysicalResourceId"]
    sagemaker = aws.client("sagemaker")
    sagemaker.create_space(
        DomainId=domain,
        SpaceName="by-hand",
        OwnershipSettings={"OwnerUserProfileName": "ada"},
        SpaceSharingSettings={"SharingType": "Private"},
    )
    aws.client("cloudformation").delete_stack(StackName=name)
    assert aws.stack(name)["StackStatus"] == "DELETE_FAILED"
    reasons = [reason for logical_id, _, reason in aws.events(name) if logical_id == "Ada"]
    assert any("Space(s) are associated" in reason for reason in reasons)
    sagemaker.delete_space(DomainId=domain, SpaceName="by-hand")
