"""Two accounts in one server: each is alone, and what one reaches of the other both must allow."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, Queue, allow, eventually, make_role, policy, unique
from tools.local_aws.clients import Credentials
from tools.local_aws.process import LocalAws

OTHER = "222222222222"
PIPELINE = {"Containers": [{"Image": "x"}], "SupportedContentTypes": ["text/csv"]}


@pytest.fixture(scope="module")
def first(_referee: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    log_path = tmp_path_factory.mktemp("two-accounts") / "server.log"
    with LocalAws(account=ACCOUNT, region="us-east-1", second_account=OTHER, log_path=log_path) as aws:
        yield aws


def session(aws: LocalAws, *statements: dict[str, Any]) -> tuple[str, Credentials]:
    """A role with these permissions in an account, and somebody who works with it."""
    arn = make_role(aws, {"AWS": aws.account}, *statements)
    answer = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")
    return arn, Credentials.from_sts(answer["Credentials"])


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value)


def test_each_operator_is_of_an_account_and_sees_nothing_of_the_other(first: LocalAws) -> None:
    for aws in (first, first.second):
        assert aws.client("sts").get_caller_identity()["Account"] == aws.account
    name = unique("only-here")
    first.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    first.client("sns").create_topic(Name=name)
    assert first.second.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert first.second.client("sns").list_topics()["Topics"] == []
    with pytest.raises(ClientError, match="does not exist"):
        first.second.client("sagemaker").describe_model_package_group(ModelPackageGroupName=name)


def test_names_in_arns_are_those_of_the_account(first: LocalAws) -> None:
    name = unique("group")
    created = first.second.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    assert created["ModelPackageGroupArn"].split(":")[4] == OTHER
    with pytest.raises(ClientError, match="codebuild in its first account only"):
        first.second.client("codebuild").list_projects()


def test_a_slack_workspace_and_its_channels_are_of_one_account(first: LocalAws) -> None:
    second, role = first.second, make_role(first.second, {"Service": "chatbot.amazonaws.com"})
    asked = {"SlackTeamId": "T7", "SlackChannelId": "C7", "IamRoleArn": role, "ConfigurationName": "chat"}
    first.control("authorize-slack-workspace", workspace="T7")
    create = partial(second.client("chatbot").create_slack_channel_configuration, **asked)
    assert f"not authorized for AWS account {OTHER}" in refused(create)
    second.control("authorize-slack-workspace", workspace="T7")
    arn = create()["ChannelConfiguration"]["ChatConfigurationArn"]
    assert arn == f"arn:aws:chatbot::{OTHER}:chat-configuration/slack-channel/chat"
    listed = first.client("chatbot").describe_slack_channel_configurations()
    assert listed["SlackChannelConfigurations"] == []


def test_an_object_of_the_other_account_takes_the_permission_of_both(first: LocalAws) -> None:
    s3, bucket = first.client("s3"), unique("shared")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="models/a/1", Body=b"model")
    arn = f"arn:aws:s3:::{bucket}/models/a/*"
    role, allowed = session(first.second, allow("s3:GetObject", resource=arn))
    _, not_allowed = session(first.second)
    get = partial(first.second.client("s3", allowed).get_object, Bucket=bucket, Key="models/a/1")
    assert "no resource-based policy allows" in refused(get)
    shared = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, **allow("s3:GetObject", resource=arn)}
    only = {"Condition": {"ArnEquals": {"aws:PrincipalArn": role}}}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({**shared, **only}))
    assert get()["Body"].read() == b"model"
    other = first.second.client("s3", not_allowed)
    assert "AccessDenied" in refused(partial(other.get_object, Bucket=bucket, Key="models/a/1"))


def test_a_key_of_the_other_account_is_asked_when_an_object_is_copied(first: LocalAws) -> None:
    kms, s3 = first.client("kms"), first.client("s3")
    everything = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
    own = {**everything, "Resource": "*"}
    key = kms.create_key(Policy=policy(own))["KeyMetadata"]["Arn"]
    bucket, copies = unique("encrypted"), unique("copies")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"model", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    first.second.client("s3").create_bucket(Bucket=copies)
    root = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    s3.put_bucket_policy(
        Bucket=bucket,
        Policy=policy({"Principal": root, **allow("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/a")}),
    )
    _, copier = session(first.second, allow("s3:*", "kms:Decrypt"))
    copy = partial(
        first.second.client("s3", copier).copy_object, Bucket=copies, Key="a", CopySource=f"{bucket}/a"
    )
    assert "kms:Decrypt" in refused(copy)
    shared = {"Principal": root, **allow("kms:Decrypt")}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(own, shared))
    copy()
    assert first.second.client("s3").get_object(Bucket=copies, Key="a")["Body"].read() == b"model"


def test_versions_are_read_where_the_policy_of_their_group_lets_the_other_account(first: LocalAws) -> None:
    sagemaker, name = first.client("sagemaker"), unique("group")
    group = sagemaker.create_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    version = sagemaker.create_model_package(ModelPackageGroupName=name, InferenceSpecification=PIPELINE)[
        "ModelPackageArn"
    ]
    _, reader = session(first.second, allow("sagemaker:*"))
    there = first.second.client("sagemaker", reader)
    describe = partial(there.describe_model_package, ModelPackageName=version)
    assert "no resource-based policy allows" in refused(describe)
    shared = {
        "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
        **allow(
            "sagemaker:DescribeModelPackage",
            "sagemaker:ListModelPackages",
            resource=f"{group.replace('-group/', '/')}/*",
        ),
    }
    sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=policy(shared))
    assert describe()["ModelPackageVersion"] == 1
    (listed,) = there.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
    assert listed["ModelPackageArn"] == version
    approve = partial(there.update_model_package, ModelPackageArn=version, ModelApprovalStatus="Approved")
    assert "is not authorized" in refused(approve)


def test_an_event_reaches_a_bus_of_the_other_account_as_it_is_where_both_allow_it(first: LocalAws) -> None:
    there, source = first.second.client("events"), unique("source")
    bus = there.create_event_bus(Name=unique("bus"))["EventBusArn"]
    queue, name = Queue(first.second, "events.amazonaws.com"), bus.rpartition("/")[2]
    pattern = json.dumps({"source": [source], "account": [ACCOUNT]})
    there.put_rule(Name="heard", EventBusName=name, EventPattern=pattern)
    there.put_targets(Rule="heard", EventBusName=name, Targets=[{"Id": "1", "Arn": queue.arn}])
    role = make_role(first, {"Service": "events.amazonaws.com"}, allow("events:PutEvents", resource=bus))
    here, undelivered = first.client("events"), Queue(first, "events.amazonaws.com")
    here.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    target = {"Id": "1", "Arn": bus, "RoleArn": role, "DeadLetterConfig": {"Arn": undelivered.arn}}
    here.put_targets(Rule=source, Targets=[target])
    entry = {"Source": source, "DetailType": "Something", "Detail": '{"a": 1}'}
    here.put_events(Entries=[entry])
    code = undelivered.next_message()["MessageAttributes"]["ERROR_CODE"]["StringValue"]
    assert code == "NO_PERMISSIONS"
    shared = {"Sid": "Heard", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    told = {
        "Condition": {
            "ForAllValues:StringEquals": {"events:source": source},
            "ArnEquals": {"aws:PrincipalArn": role},
        }
    }
    there.put_permission(
        EventBusName=name, Policy=policy({**shared, **allow("events:PutEvents", resource=bus), **told})
    )
    here.put_events(Entries=[entry])
    event = queue.next_body()
    assert (event["account"], event["source"], event["detail"]) == (ACCOUNT, source, {"a": 1})


def test_a_principal_of_the_other_account_that_does_not_exist_is_refused(first: LocalAws) -> None:
    """So policies name the account, and a condition the role."""
    bucket = unique("bucket")
    first.client("s3").create_bucket(Bucket=bucket)
    named = {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/not-there"}}
    statement = {**named, **allow("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/*")}
    put = partial(first.client("s3").put_bucket_policy, Bucket=bucket, Policy=policy(statement))
    assert "Invalid principal in policy" in refused(put)


def test_the_hour_strikes_for_the_account_that_asks(first: LocalAws) -> None:
    assert eventually(lambda: first.second.control("strike-hour")) == {"started": []}
