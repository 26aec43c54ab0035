"""Types whose properties take more than one call: what is declared arrives, changes and goes again."""

import json
from typing import Any

from tests.tools.local_aws.cloudformation.helpers import Aws, allow, gone, settled, trust

ACCOUNT = "111111111111"


def test_a_bucket_is_protected_as_declared_and_can_be_changed(aws: Aws, name: str) -> None:
    def bucket(**properties: Any) -> dict[str, Any]:
        return {
            "Key": {
                "Type": "AWS::KMS::Key",
                "Properties": {"KeyPolicy": key_policy(), "EnableKeyRotation": True},
            },
            # S3 writes access logs here, and a bucket with objects is not deleted.
            "Logs": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties},
        }

    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": "Key.Arn"}}
    rules = [{"ServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
    ids = settled(
        aws,
        name,
        bucket(
            BucketEncryption={"ServerSideEncryptionConfiguration": rules},
            VersioningConfiguration={"Status": "Enabled"},
            PublicAccessBlockConfiguration={"BlockPublicAcls": True, "RestrictPublicBuckets": True},
            OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            LoggingConfiguration={"DestinationBucketName": {"Ref": "Logs"}, "LogFilePrefix": "data/"},
            NotificationConfiguration={"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 30}]},
            Tags=[{"Key": "a", "Value": "1"}],
        ),
    )
    s3, name_of = aws.client("s3"), {"Bucket": ids["Bucket"]}
    encryption = s3.get_bucket_encryption(**name_of)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert ids["Key"] in encryption["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert s3.get_bucket_logging(**name_of)["LoggingEnabled"]["TargetBucket"] == ids["Logs"]
    changed = settled(aws, name, bucket(Tags=[{"Key": "b", "Value": "2"}]))
    assert changed["Bucket"] == ids["Bucket"]
    assert s3.get_bucket_versioning(**name_of)["Status"] == "Suspended"
    assert "LoggingEnabled" not in s3.get_bucket_logging(**name_of)
    assert s3.get_bucket_tagging(**name_of)["TagSet"] == [{"Key": "b", "Value": "2"}]
    assert gone(aws, name)


def key_policy() -> dict[str, Any]:
    return allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Resource="*")


def test_a_key_changes_policy_description_and_rotation(aws: Aws, name: str) -> None:
    def key(rotates: bool, description: str, *more: str) -> dict[str, Any]:
        policy = allow("kms:*", *more, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Resource="*")
        properties = {"KeyPolicy": policy, "EnableKeyRotation": rotates, "Description": description}
        alias = {"AliasName": f"alias/{name}", "TargetKeyId": {"Ref": "Key"}}
        return {
            "Key": {"Type": "AWS::KMS::Key", "Properties": properties},
            "Alias": {"Type": "AWS::KMS::Alias", "Properties": alias},
        }

    ids = settled(aws, name, key(True, "first"))
    assert settled(aws, name, key(False, "second", "kms:Decrypt")) == ids
    kms = aws.client("kms")
    assert kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["Description"] == "second"
    assert kms.get_key_rotation_status(KeyId=ids["Key"])["KeyRotationEnabled"] is False
    assert "kms:Decrypt" in kms.get_key_policy(KeyId=ids["Key"], PolicyName="default")["Policy"]
    assert gone(aws, name)


def test_roles_and_policies_follow_the_template(aws: Aws, name: str) -> None:
    def roles(action: str, managed: list[str], **more: Any) -> dict[str, Any]:
        document = allow(action, Resource="*")
        return {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": trust("sagemaker.amazonaws.com"),
                    "ManagedPolicyArns": managed,
                    **more,
                },
            },
            "Inline": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "inline",
                    "PolicyDocument": document,
                    "Roles": [{"Ref": "Role"}],
                },
            },
            "Managed": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": document, "Roles": [{"Ref": "Role"}]},
            },
        }

    reader, boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"
    ids = settled(aws, name, roles("s3:GetObject", [reader], PermissionsBoundary=boundary))
    extra = [{"PolicyName": "extra", "PolicyDocument": allow("s3:ListBucket", Resource="*")}]
    assert settled(aws, name, roles("s3:PutObject", [], Policies=extra, Description="new")) == ids
    iam, role = aws.client("iam"), {"RoleName": ids["Role"]}
    attached = iam.list_attached_role_policies(**role)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [ids["Managed"]]
    assert sorted(iam.list_role_policies(**role)["PolicyNames"]) == ["extra", "inline"]
    assert "s3:PutObject" in json.dumps(iam.get_role_policy(**role, PolicyName="inline")["PolicyDocument"])
    version = iam.get_policy(PolicyArn=ids["Managed"])["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=ids["Managed"], VersionId=version)["PolicyVersion"][
        "Document"
    ]
    assert "s3:PutObject" in json.dumps(document)
    assert "PermissionsBoundary" not in iam.get_role(**role)["Role"]
    assert gone(aws, name)


def test_a_network_is_built_changed_and_taken_down(aws: Aws, name: str) -> None:
    def network(port: int, endpoint_subnets: list[str], action: str) -> dict[str, Any]:
        vpc = {"Ref": "Vpc"}
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": "10.0.0.0/16"}
        return {
            "Vpc": {
                "Type": "AWS::EC2::VPC",
                "Properties": {
                    "CidrBlock": "10.0.0.0/16",
                    "EnableDnsHostnames": True,
                    "Tags": [{"Key": "Name", "Value": str(port)}],
                },
            },
            **{
                f"Subnet{zone}": {
                    "Type": "AWS::EC2::Subnet",
                    "Properties": {
                        "VpcId": vpc,
                        "CidrBlock": f"10.0.{number}.0/24",
                        "AvailabilityZone": {"Fn::Select": [number, {"Fn::GetAZs": ""}]},
                    },
                }
                for number, zone in enumerate("AB")
            },
            "Routes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": vpc}},
            "Association": {
                "Type": "AWS::EC2::SubnetRouteTableAssociation",
                "Properties": {"RouteTableId": {"Ref": "Routes"}, "SubnetId": {"Ref": "SubnetA"}},
            },
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "GroupDescription": "jobs",
                    "VpcId": vpc,
                    "SecurityGroupIngress": [rule],
                    "SecurityGroupEgress": [rule],
                },
            },
            "Among": {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {
                    "GroupId": {"Ref": "Group"},
                    "IpProtocol": "-1",
                    "SourceSecurityGroupId": {"Fn::GetAtt": "Group.GroupId"},
                },
            },
            "Interface": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "VpcId": vpc,
                    "ServiceName": "com.amazonaws.us-east-1.logs",
                    "VpcEndpointType": "Interface",
                    "SubnetIds": [{"Ref": subnet} for subnet in endpoint_subnets],
                    "SecurityGroupIds": [{"Ref": "Group"}],
                    "PrivateDnsEnabled": True,
                    "PolicyDocument": allow(action, Principal="*", Resource="*"),
                },
            },
            "Gateway": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {
                    "VpcId": vpc,
                    "ServiceName": "com.amazonaws.us-east-1.s3",
                    "RouteTableIds": [{"Ref": "Routes"}],
                },
            },
        }

    ids = settled(aws, name, network(443, ["SubnetA"], "logs:*"))
    changed = settled(aws, name, network(8443, ["SubnetA", "SubnetB"], "logs:PutLogEvents"))
    assert changed == ids
    ec2 = aws.client("ec2")
    group = ec2.describe_security_groups(GroupIds=[ids["Group"]])["SecurityGroups"][0]
    assert [rule["FromPort"] for rule in group["IpPermissionsEgress"]] == [8443]
    assert 443 not in [rule.get("FromPort") for rule in group["IpPermissions"]]
    endpoint = ec2.describe_vpc_endpoints(VpcEndpointIds=[ids["Interface"]])["VpcEndpoints"][0]
    assert set(endpoint["SubnetIds"]) == {ids["SubnetA"], ids["SubnetB"]}
    assert "logs:PutLogEvents" in endpoint["PolicyDocument"]
    vpc = ec2.describe_vpcs(VpcIds=[ids["Vpc"]])["Vpcs"][0]
    assert vpc["Tags"] == [{"Key": "Name", "Value": "8443"}]
    assert gone(aws, name)


def test_a_bus_keeps_its_rules_when_its_policy_changes(aws: Aws, name: str) -> None:
    def hears(*actions: str, about: str) -> dict[str, Any]:
        statement = {"Sid": "Tell", "Principal": {"AWS": "arn:aws:iam::333333333333:root"}}
        bus = f"arn:aws:events:us-east-1:111111111111:event-bus/{name}"
        return {
            "Bus": {
                "Type": "AWS::Events::EventBus",
                "Properties": {
                    "Name": name,
                    "Description": about,
                    "Policy": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {**statement, "Effect": "Allow", "Action": actions[0], "Resource": bus}
                        ],
                    },
                },
            },
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "EventBusName": {"Ref": "Bus"},
                    "EventPattern": {"source": ["aws.sagemaker"]},
                    "State": "ENABLED",
                },
            },
        }

    ids = settled(aws, name, hears("events:PutEvents", about="first"))
    assert settled(aws, name, hears("events:PutRule", about="second")) == ids
    events = aws.client("events")
    bus = events.describe_event_bus(Name=name)
    assert ("events:PutRule" in bus["Policy"], "events:PutEvents" in bus["Policy"]) == (True, False)
    assert bus["Description"] == "second"
    assert events.describe_rule(Name=ids["Rule"], EventBusName=name)["State"] == "ENABLED"
    assert gone(aws, name)


def test_topics_queues_and_rules_are_wired_and_rewired(aws: Aws, name: str) -> None:
    def wired(state: str, seconds: int, shown: str, *actions: str) -> dict[str, Any]:
        events = {"Service": "events.amazonaws.com"}
        of_topic, of_queue = (allow(action, Principal=events, Resource="*") for action in actions)
        queue_arn = {"Fn::GetAtt": "Queue.Arn"}
        return {
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"DisplayName": shown, "KmsMasterKeyId": "alias/aws/sns"},
            },
            "TopicPolicy": {
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": of_topic},
            },
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"VisibilityTimeout": seconds, "SqsManagedSseEnabled": True},
            },
            "QueuePolicy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": of_queue},
            },
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "TopicArn": {"Ref": "Topic"},
                    "Protocol": "sqs",
                    "Endpoint": queue_arn,
                    "RawMessageDelivery": seconds > 30,
                },
            },
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "EventPattern": {"source": ["aws.sagemaker"]},
                    "State": state,
                    "Targets": [{"Id": f"to-{seconds}", "Arn": queue_arn}],
                    "Tags": [{"Key": "seconds", "Value": str(seconds)}],
                },
            },
        }

    ids = settled(aws, name, wired("ENABLED", 30, "first", "sns:Subscribe", "sqs:ReceiveMessage"))
    second = wired("DISABLED", 60, "second", "sns:Publish", "sqs:SendMessage")
    assert settled(aws, name, second) == ids
    topic = aws.client("sns").get_topic_attributes(TopicArn=ids["Topic"])["Attributes"]
    assert topic["DisplayName"] == "second"
    assert "sns:Publish" in topic["Policy"]
    queue = aws.client("sqs").get_queue_attributes(QueueUrl=ids["Queue"], AttributeNames=["All"])[
        "Attributes"
    ]
    assert queue["VisibilityTimeout"] == "60"
    assert "sqs:SendMessage" in queue["Policy"]
    events = aws.client("events")
    assert events.describe_rule(Name=ids["Rule"])["State"] == "DISABLED"
    assert [target["Id"] for target in events.list_targets_by_rule(Rule=ids["Rule"])["Targets"]] == ["to-60"]
    assert gone(aws, name)


def test_logs_alarms_dashboards_and_state_machines_change_in_place(aws: Aws, name: str) -> None:
    def watched(days: int, threshold: int) -> dict[str, Any]:
        definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": days, "End": True}}}
        return {
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}},
            "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "Namespace": "n",
                    "MetricName": "m",
                    "Statistic": "Maximum",
                    "Period": 60,
                    "EvaluationPeriods": 1,
                    "ComparisonOperator": "GreaterThanThreshold",
                    "Threshold": threshold,
                    "TreatMissingData": "notBreaching",
                },
            },
            "Dashboard": {
                "Type": "AWS::CloudWatch::Dashboard",
                "Properties": {
                    "DashboardName": name,
                    "DashboardBody": json.dumps({"widgets": [], "start": f"-P{days}D"}),
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": trust("states.amazonaws.com")},
            },
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": {"Fn::GetAtt": "Role.Arn"},
                    "DefinitionString": json.dumps(definition),
                },
            },
        }

    ids = settled(aws, name, watched(30, 1))
    assert settled(aws, name, watched(90, 2)) == ids
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=ids["Logs"])["logGroups"]
    assert groups[0]["retentionInDays"] == 90
    alarm = aws.client("cloudwatch").describe_alarms(AlarmNames=[ids["Alarm"]])["MetricAlarms"][0]
    assert alarm["Threshold"] == 2
    machine = aws.client("stepfunctions").describe_state_machine(stateMachineArn=ids["Machine"])
    assert json.loads(machine["definition"])["States"]["Wait"]["Seconds"] == 90
    assert gone(aws, name)


def test_a_flow_log_names_what_the_service_refused(aws: Aws, name: str) -> None:
    flow_log = {
        "ResourceId": "vpc-00000000000000000",
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": f"arn:aws:s3:::{name}-missing",
    }
    stack = aws.deploy(name, {"FlowLog": {"Type": "AWS::EC2::FlowLog", "Properties": flow_log}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "vpc-00000000000000000" in str(aws.events(name))


def test_a_budget_is_made_changed_and_tagged_and_other_notifications_replace_it(aws: Aws, name: str) -> None:
    def budget(amount: int, threshold: int, **tags: str) -> dict[str, Any]:
        notification = {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": threshold,
            "ThresholdType": "PERCENTAGE",
        }
        properties = {
            "Budget": {
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": amount, "Unit": "USD"},
                "CostFilters": {"TagKeyValue": ["user:environment$dev"]},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": notification,
                    "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ml@example.com"}],
                }
            ],
            "ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        return {"Budget": {"Type": "AWS::Budgets::Budget", "Properties": properties}}

    client, account = aws.client("budgets"), {"AccountId": ACCOUNT}
    first = settled(aws, name, budget(100, 80, a="1"))["Budget"]
    assert settled(aws, name, budget(200, 80, a="2"))["Budget"] == first
    found = client.describe_budget(**account, BudgetName=first)["Budget"]
    assert float(found["BudgetLimit"]["Amount"]) == 200
    assert found["CostFilters"] == {"TagKeyValue": ["user:environment$dev"]}
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{first}"
    assert client.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "a", "Value": "2"}]
    second = settled(aws, name, budget(200, 90))["Budget"]
    assert second != first
    (notification,) = client.describe_notifications_for_budget(**account, BudgetName=second)["Notifications"]
    assert notification["Threshold"] == 90
    subscribers = client.describe_subscribers_for_notification(
        **account, BudgetName=second, Notification=notification
    )["Subscribers"]
    assert [subscriber["Address"] for subscriber in subscribers] == ["ml@example.com"]
    assert gone(aws, name)
    assert client.describe_budgets(**account)["Budgets"] == []


def test_an_identity_provider_changes_whom_its_tokens_are_for(aws: Aws, name: str) -> None:
    def provider(*clients: str) -> dict[str, Any]:
        properties = {"Url": f"https://{name}.example.com", "ClientIdList": list(clients)}
        return {"Provider": {"Type": "AWS::IAM::OIDCProvider", "Properties": properties}}

    arn = settled(aws, name, provider("sts.amazonaws.com"))["Provider"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{name}.example.com"
    assert settled(aws, name, provider("other"))["Provider"] == arn
    found = aws.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert found["ClientIDList"] == ["other"]
    assert gone(aws, name)


def test_an_association_closes_the_default_security_group_of_its_vpc(aws: Aws, name: str) -> None:
    group = {"Fn::GetAtt": ["Vpc", "DefaultSecurityGroup"]}
    actions = (
        *("ec2:DescribeSecurityGroups", "ec2:RevokeSecurityGroupIngress"),
        "ec2:RevokeSecurityGroupEgress",
    )
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": trust("ssm.amazonaws.com"),
                "Policies": [{"PolicyName": "close", "PolicyDocument": allow(*actions, Resource="*")}],
            },
        },
        "Close": {
            "Type": "AWS::SSM::Association",
            "Properties": {
                "Name": "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules",
                "Parameters": {"AutomationAssumeRole": [{"Fn::GetAtt": ["Role", "Arn"]}], "GroupId": [group]},
                "ScheduleExpression": "rate(1 day)",
            },
        },
    }
    settled(aws, name, resources, Outputs={"Group": {"Value": group}})
    closed = aws.outputs(name)["Group"]
    found = aws.client("ec2").describe_security_groups(GroupIds=[closed])["SecurityGroups"][0]
    assert (found["IpPermissions"], found["IpPermissionsEgress"]) == ([], [])
    assert gone(aws, name)


def test_a_dns_firewall_filters_a_network_and_is_taken_away_in_order(aws: Aws, name: str) -> None:
    def firewall(domains: list[str], priority: int, **tags: str) -> dict[str, Any]:
        given = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        allow_them = {"Action": "ALLOW", "Priority": 1, "FirewallDomainListId": {"Fn::GetAtt": "Domains.Id"}}
        of_vpc = {"VpcId": {"Ref": "Vpc"}, "FirewallRuleGroupId": {"Ref": "Rules"}, "Priority": priority}
        return {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.8.0.0/16"}},
            "Domains": resolver("FirewallDomainList", Domains=domains, **given),
            "Rules": resolver("FirewallRuleGroup", FirewallRules=[allow_them]),
            "Firewall": resolver("FirewallRuleGroupAssociation", **of_vpc),
            "Queries": resolver("ResolverQueryLoggingConfig", DestinationArn=f"arn:aws:logs:{name}", **given),
            "Logged": resolver(
                "ResolverQueryLoggingConfigAssociation",
                ResolverQueryLogConfigId={"Ref": "Queries"},
                ResourceId={"Ref": "Vpc"},
            ),
        }

    def resolver(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::Route53Resolver::{kind}", "Properties": properties}

    client = aws.client("route53resolver")
    ids = settled(aws, name, firewall(["*.example.com"], 101, a="1"))
    in_group = {"FirewallRuleGroupId": ids["Rules"]}
    assert [rule["Action"] for rule in client.list_firewall_rules(**in_group)["FirewallRules"]] == ["ALLOW"]
    changed = settled(aws, name, firewall(["*"], 200, b="2"))
    assert changed == ids | {"Queries": changed["Queries"], "Logged": changed["Logged"]}
    listed = client.list_firewall_domains(FirewallDomainListId=ids["Domains"])
    assert listed["Domains"] == ["*"]
    arn = client.get_firewall_domain_list(FirewallDomainListId=ids["Domains"])["FirewallDomainList"]["Arn"]
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    assert gone(aws, name)
    assert client.list_resolver_query_log_configs()["ResolverQueryLogConfigs"] == []
