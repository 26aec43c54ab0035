"""49 templates that somebody broke by one realistic mistake each, and what rejects them before a deployment.

That is a rule of CloudFormation's validation or one of our Guard rules, by id, or one of the promises, which
are functions of all templates.
"""

from collections.abc import Callable
from typing import NamedTuple

from tests.promises import (
    test_catalog,
    test_delivery,
    test_deployment_order,
    test_image,
    test_limits,
    test_monitoring,
    test_network,
    test_permissions,
    test_serving,
    test_storage,
    test_studio,
)
from tests.security.changes import Change, add, attribute, embedded, put, remove, rename, statement, wait_for
from tests.security.controls import ABSENT
from tests.security.iam.proof import the_table_holds
from tests.stacks import test_retained_resources
from tests.stacks.training import test_pipeline_definition

Promise = Callable[..., None]

NETWORK, FOUNDATION, RELEASE = "network", "foundation", "release"
TRAINING, SERVING, MONITORING = "house-prices-training", "house-prices-serving", "house-prices-monitoring"
STUDIO, CATALOG, DELIVERY, IMAGE = "studio", "catalog", "delivery", "image"
CONFIGURATION = "AWS::SageMaker::EndpointConfig"
MACHINE = "AWS::StepFunctions::StateMachine"
PIPELINE = "AWS::SageMaker::Pipeline"
BODY = "PipelineDefinition.PipelineDefinitionBody"


class Mistake(NamedTuple):
    """A change to one template, and what rejects it; the stack is one of `dev` or named in full."""

    name: str
    stack: str
    change: Change
    rejected_by: str | Promise


MISTAKES = (
    # Image
    Mistake("tags of our image move", IMAGE, put("AWS::ECR::Repository", "ImageTagMutability", "MUTABLE"),
            test_image.test_images_are_looked_through_kept_encrypted_and_never_replaced),
    Mistake("anybody pushes an image", IMAGE, put("AWS::ECR::Repository", "RepositoryPolicyText", ABSENT),
            test_image.test_only_the_build_pushes_and_nobody_deletes),
    Mistake("build with the internet", IMAGE, put("AWS::CodeBuild::Project", "VpcConfig", ABSENT),
            test_image.test_a_build_runs_in_the_network_of_its_environment_and_downloads_nothing),
    # Network
    Mistake("subnet outside its VPC", NETWORK, put("AWS::EC2::Subnet", "CidrBlock", "10.9.0.0/24"), "E3059"),
    Mistake("subnet gives public addresses", NETWORK, put("AWS::EC2::Subnet", "MapPublicIpOnLaunch", True),
            test_network.test_no_subnet_gives_public_addresses),
    Mistake("internet gateway", NETWORK, add("Internet", "AWS::EC2::InternetGateway"),
            test_network.test_there_is_no_route_to_the_internet),
    Mistake("VPC endpoint forgotten", NETWORK, remove("AWS::EC2::VPCEndpoint"),
            test_network.test_every_subnet_reaches_s3_through_the_gateway_endpoint),
    Mistake("security group rule without protocol", NETWORK,
            put("AWS::EC2::SecurityGroupIngress", "IpProtocol", ABSENT), "F3003"),
    Mistake("security group open to the world", NETWORK,
            put("AWS::EC2::SecurityGroup", "SecurityGroupIngress",
                [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]),
            test_network.test_nobody_outside_may_connect),
    Mistake("VPC without flow logs", NETWORK, remove("AWS::EC2::FlowLog"),
            test_network.test_the_network_of_every_vpc_is_logged),
    # Keys, buckets, topics, logs
    Mistake("key does not rotate", FOUNDATION, put("AWS::KMS::Key", "EnableKeyRotation", False),
            test_storage.test_every_key_rotates),
    Mistake("key is deleted with its stack", FOUNDATION,
            attribute("AWS::KMS::Key", "DeletionPolicy", "Delete"),
            test_storage.test_data_keys_and_model_versions_outlive_their_stack),
    Mistake("bucket is deleted with its stack", FOUNDATION,
            attribute("AWS::S3::Bucket", "DeletionPolicy", "Delete"),
            test_storage.test_data_keys_and_model_versions_outlive_their_stack),
    Mistake("bucket has another logical id", FOUNDATION, rename("AWS::S3::Bucket"),
            test_retained_resources.test_no_retained_resource_is_lost),
    Mistake("bucket can become public", FOUNDATION,
            put("AWS::S3::Bucket", "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
            test_storage.test_no_bucket_is_public),
    Mistake("bucket without TLS", FOUNDATION, remove("AWS::S3::BucketPolicy"),
            test_storage.test_no_bucket_can_be_read_without_tls),
    Mistake("bucket forgets old versions", FOUNDATION,
            put("AWS::S3::Bucket", "VersioningConfiguration.Status", "Suspended"),
            test_storage.test_every_bucket_keeps_old_versions_for_a_while),
    Mistake("topic is not encrypted", FOUNDATION, put("AWS::SNS::Topic", "KmsMasterKeyId", ABSENT),
            test_storage.test_topics_and_queues_are_encrypted_with_the_key_of_their_environment),
    Mistake("logs are kept for 42 days, which CloudWatch does not offer", RELEASE,
            put("AWS::Logs::LogGroup", "RetentionInDays", 42), "W3030"),
    Mistake("logs are not encrypted", RELEASE, put("AWS::Logs::LogGroup", "KmsKeyId", ABSENT),
            test_storage.test_log_groups_are_encrypted_and_end_when_that_is_configured),
    # Permissions
    Mistake("role that nobody can assume", FOUNDATION,
            put("AWS::IAM::Role", "AssumeRolePolicyDocument", ABSENT), "F3003"),
    Mistake("services of every account assume a role", FOUNDATION,
            put("AWS::IAM::Role", "AssumeRolePolicyDocument.Statement.0.Condition", ABSENT), the_table_holds),
    Mistake("every role can be passed", FOUNDATION, statement("PassJobRoles", Resource="*"), the_table_holds),
    Mistake("everything of S3 is allowed", FOUNDATION, statement("WriteModel", Action="s3:*", Resource="*"),
            test_permissions.test_actions_are_named_one_by_one),
    Mistake("the pipeline registers approved models", FOUNDATION,
            statement("RegisterAsPending", Condition=ABSENT), the_table_holds),
    Mistake("a policy of AWS for full access", FOUNDATION,
            put("AWS::IAM::Role", "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"]),
            test_permissions.test_roles_have_managed_policies_only_and_none_of_aws),
    # Training
    Mistake("name of the group with an underscore", TRAINING,
            put("AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupName", "dev_house_prices"), "F3031"),
    Mistake("name of the pipeline is too long", TRAINING,
            put(PIPELINE, "PipelineName", "dev-" + "house-prices" * 10),
            test_limits.test_pipeline_names_are_as_short_as_the_service_demands),
    Mistake("step of a type that does not exist", TRAINING,
            embedded(PIPELINE, BODY, lambda text: text.replace('"Type":"Training"', '"Type":"Trainning"')),
            test_pipeline_definition.test_every_deployed_definition_is_correct),
    Mistake("definition that is no JSON", TRAINING,
            embedded(PIPELINE, BODY, lambda text: text.replace('"Steps":[', '"Steps":[,')),
            test_limits.test_definitions_are_json_once_and_fit),
    # Serving
    Mistake("instance type misspelt", SERVING,
            put(CONFIGURATION, "ProductionVariants.0.InstanceType", "ml.m5.tiny"), "W3030"),
    Mistake("no instance", SERVING, put(CONFIGURATION, "ProductionVariants.0.InitialInstanceCount", 0),
            "F3034"),
    Mistake("data capture of 150 %", SERVING,
            put(CONFIGURATION, "DataCaptureConfig.InitialSamplingPercentage", 150), "F3034"),
    Mistake("unknown property", SERVING, put(CONFIGURATION, "KmsKey", "alias/key"), "F3002"),
    Mistake("model is not isolated", SERVING, put("AWS::SageMaker::Model", "EnableNetworkIsolation", False),
            "SAGEMAKER_5"),
    Mistake("configuration has a fixed name", SERVING,
            put(CONFIGURATION, "EndpointConfigName", "dev-house-prices"),
            test_serving.test_what_is_replaced_has_no_fixed_name),
    Mistake("an update resets the number of instances", SERVING,
            put("AWS::SageMaker::Endpoint", "RetainAllVariantProperties", ABSENT),
            test_serving.test_an_update_keeps_the_number_of_instances_that_scaling_chose),
    Mistake("endpoint names a configuration that is not there", SERVING,
            put("AWS::SageMaker::Endpoint", "EndpointConfigName", {"Ref": "Configuration"}), "F1020"),
    # Monitoring and release
    Mistake("traffic between containers in clear text", MONITORING,
            embedded(MACHINE, "DefinitionString",
                     lambda text: text.replace('TrafficEncryption":true', 'TrafficEncryption":false')),
            test_monitoring.test_monitoring_jobs_run_isolated_and_encrypted_in_the_private_network),
    Mistake("alarm that tells nobody", MONITORING, put("AWS::CloudWatch::Alarm", "AlarmActions", []),
            test_monitoring.test_every_alarm_notifies_somebody_or_starts_an_instance),
    Mistake("two resources that wait for each other", RELEASE,
            wait_for("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"), "F3004"),
    Mistake("resource of a type that does not exist", RELEASE,
            attribute("AWS::StepFunctions::StateMachine", "Type", "AWS::StepFunctions::Machine"), "F3006"),
    Mistake("machine before the policies of its role", RELEASE,
            attribute("AWS::StepFunctions::StateMachine", "DependsOn", []),
            test_deployment_order.test_every_resource_that_uses_a_role_waits_for_the_policies_of_the_role),
    # Studio, catalog, delivery
    Mistake("apps of Studio on the internet", STUDIO,
            put("AWS::SageMaker::Domain", "AppNetworkAccessType", "PublicInternetOnly"),
            test_studio.test_apps_have_no_way_to_the_internet),
    Mistake("homes of people are not encrypted", STUDIO, put("AWS::SageMaker::Domain", "KmsKeyId", ABSENT),
            test_studio.test_disks_and_homes_are_encrypted_with_the_key_of_the_environment),
    Mistake("Docker in Studio", STUDIO,
            put("AWS::SageMaker::Domain", "DomainSettings.DockerSettings.EnableDockerAccess", "ENABLED"),
            test_studio.test_docker_sharing_and_shared_spaces_are_off),
    Mistake("queries choose their own limits", CATALOG,
            put("AWS::Athena::WorkGroup", "WorkGroupConfiguration.EnforceWorkGroupConfiguration", False),
            test_catalog.test_queries_cannot_leave_the_limits_of_their_workgroup),
    Mistake("features in clear text", "house-prices-catalog",
            put("AWS::SageMaker::FeatureGroup", "OfflineStoreConfig.S3StorageConfig.KmsKeyId", ABSENT),
            "SAGEMAKER_17"),
    Mistake("tokens of GitHub for anybody", DELIVERY, put("AWS::IAM::OIDCProvider", "ClientIdList", ["*"]),
            test_delivery.test_tokens_of_the_provider_are_for_sts_only),
)  # fmt: skip
