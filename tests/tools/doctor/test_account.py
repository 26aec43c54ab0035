"""What the account of the rehearsal has is told as ok; whatever lacks is told, with what to change."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tests.tools.doctor.conftest import having, look, only
from tools.bootstrap.managed_policies import EXECUTION
from tools.doctor import account, availability, network, quotas
from tools.doctor.__main__ import CHECKS, main
from tools.doctor.checks import Check
from tools.doctor.usage import COUNTED_ELSEWHERE, Need
from tools.local_aws.clients import Credentials
from tools.looking_up import looking_up
from tools.rehearse.people import sign_in
from tools.synthesized import Synthesized

MONITOR = "AWS::SageMaker::MonitoringSchedule"


def test_everybody_else_is_told_which_rights_are_missing(kept: Kept, deployed: Synthesized) -> None:
    role = kept.outputs("dev-foundation")["DataEngineerRoleArn"]
    with kept.signed_in(sign_in(kept, "data engineer", role).credentials):
        assert look(quotas.sagemaker, deployed) == [
            ("not known", "needs servicequotas:ListAWSDefaultServiceQuotas")
        ]
        assert ("not known", "needs ssm:GetParameter") in look(account.bootstrap, deployed)


def test_all_is_told_at_once_and_problems_are_the_status(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(kept.folder / "cdk.out" / "assembly-dev")]) == 1
    told = capsys.readouterr().out
    findings = [line for line in told.splitlines() if line.startswith("  ") and " do: " not in line]
    # A new account may run little; whatever else a deployed environment needs is there.
    assert [line for line in findings if not line.startswith("  ok")] == [
        line for line in findings if line.startswith("  problem    quotas of SageMaker  ")
    ]
    assert "ml.m5.large for processing job usage: 0, and 1 is needed" in told
    assert "request-service-quota-increase --service-code sagemaker --quota-code L-8541302D" in told
    assert [check.name for check in CHECKS if check.name not in told] == [
        "existing network",
        "quota of VPCs",
    ]


def test_quotas_that_were_raised_are_enough(kept: Kept, deployed: Synthesized) -> None:
    client = kept.client("service-quotas")
    for finding in Check("", quotas.sagemaker).carry_out(deployed):
        if finding.change:
            words = dict(zip(finding.change.split()[3::2], finding.change.split()[4::2], strict=True))
            client.request_service_quota_increase(
                ServiceCode=words["--service-code"],
                QuotaCode=words["--quota-code"],
                DesiredValue=float(words["--desired-value"]),
            )
    ((state, told),) = look(quotas.sagemaker, deployed)
    assert (state, told.endswith("are enough for what the templates ask for")) == ("ok", True)


def test_what_other_services_count_for_each_use_case_is_compared(kept: Kept, deployed: Synthesized) -> None:
    kinds = {each["Type"] for stack in deployed.stacks for each in stack.template["Resources"].values()}
    counted = sum(kind in kinds for kind in COUNTED_ELSEWHERE.values()) + 1
    assert look(quotas.others, deployed) == [
        ("ok", f"{counted} quotas are enough for what the templates ask for")
    ]
    many = replace(deployed, stacks=only(deployed, "AWS::Events::Rule").stacks * 301)
    assert_problem(quotas.others, many, "Number of rules: 300, and 301 is needed")


def test_a_quota_that_aws_does_not_list_is_not_taken_for_enough(
    kept: Kept, deployed: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "needs_elsewhere", lambda _: {("events", "L-GONE"): Need(1, 1)})
    assert look(quotas.others, deployed) == [("not known", "Service Quotas lists no L-GONE of events")]


@pytest.mark.parametrize(
    ("at", "changed", "expected"),
    [
        (account.credentials, {"account": "222222222222"}, "is signed in, but dev is in 222222222222"),
        (account.regions, {"region": "me-south-1"}, "me-south-1 is not enabled"),
        (account.bootstrap, {"qualifier": "m000000000"}, "not bootstrapped with the qualifier m000000000"),
        (account.bootstrap, {"bootstrap_version": 99}, "and 99 is needed"),
        (availability.services, {"region": "mars-north-1"}, "mars-north-1 does not have"),
    ],
)
def test_what_the_account_lacks_is_a_problem(
    deployed: Synthesized, at: Any, changed: dict[str, Any], expected: str
) -> None:
    assert_problem(at, _changed(deployed, **changed), expected)


def _changed(environment: Synthesized, **changed: Any) -> Synthesized:
    stacks = list(environment.stacks)
    if "region" in changed:
        stacks = [replace(stack, region=changed["region"]) for stack in stacks]
    if "qualifier" in changed:
        role = f"arn:aws:iam::1:role/cdk-{changed.pop('qualifier')}-deploy-role"
        stacks[0] = replace(stacks[0], deploy_role_arn=role)
    if "bootstrap_version" in changed:
        stacks[0] = replace(stacks[0], bootstrap_version=changed.pop("bootstrap_version"))
    return replace(environment, stacks=tuple(stacks), **changed)


def assert_problem(at: Any, environment: Synthesized, expected: str) -> None:
    problems = [told for state, told in look(at, environment) if state == "problem"]
    assert any(expected in told for told in problems), look(at, environment)


@pytest.mark.parametrize(
    ("at", "kind", "properties", "expected"),
    [
        (
            availability.images,
            "AWS::SageMaker::Model",
            {"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-elsewhere:1-0"},
            "sagemaker-elsewhere:1-0",
        ),
        (availability.zones, "AWS::EC2::Subnet", {"AvailabilityZone": "us-east-1z"}, "no us-east-1z"),
        (
            availability.endpoint_services,
            "AWS::EC2::VPCEndpoint",
            {"ServiceName": {"Fn::Join": ["", ["com.amazonaws.", {"Ref": "AWS::Region"}, ".nothing"]]}},
            "no VPC endpoints for com.amazonaws.us-east-1.nothing",
        ),
        (
            quotas.sagemaker,
            "AWS::SageMaker::EndpointConfig",
            {
                "ProductionVariants": [
                    {"VariantName": "A", "InstanceType": "ml.none.large", "InitialInstanceCount": 1}
                ]
            },
            "this region has no ml.none.large for endpoint usage",
        ),
    ],
)
def test_what_a_template_names_and_is_not_there_is_a_problem(
    deployed: Synthesized, at: Any, kind: str, properties: dict[str, Any], expected: str
) -> None:
    assert_problem(at, having(deployed, kind, properties), expected)


def test_policies_that_are_not_those_that_are_committed_are_told(
    deployed: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "EXECUTION", (*EXECUTION[1:], "execution-later"))
    found = look(account.bootstrap, deployed)
    assert ("problem", "not in force as they are committed: execution-later") in found
    assert any(state == "warning" and "besides what is reviewed" in told for state, told in found)


def test_a_mail_that_nobody_has_confirmed_is_a_warning(deployed: Synthesized) -> None:
    foundation = next(stack for stack in deployed.stacks if stack.path == "dev/foundation")
    template = json.loads(json.dumps(foundation.template).replace("alerts@", "nobody@"))
    assert look(account.mail, replace(deployed, stacks=(replace(foundation, template=template),))) == [
        (
            "warning",
            "nobody@example.com has not confirmed the subscription: nobody hears an alarm",
        )
    ]


def test_a_workspace_of_slack_has_to_be_authorized_and_enabled(
    deployed: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(account.slack, deployed) == [("ok", "T0123ABCD (T0123ABCD) is authorized")]
    channel = "AWS::Chatbot::SlackChannelConfiguration"
    other = only(deployed, channel, {"SlackWorkspaceId": "T9"})
    assert_problem(account.slack, other, "nobody has authorized the workspace T9")
    assert look(account.slack, only(deployed, "AWS::SNS::Topic")) == []
    disabled = {"SlackTeamId": "T9", "SlackTeamName": "Nine", "State": "DISABLED", "StateReason": "a policy"}
    paginator = SimpleNamespace(paginate=lambda: [{"SlackWorkspaces": [disabled]}])
    client = SimpleNamespace(get_paginator=lambda _: paginator)
    monkeypatch.setattr("tools.doctor.account.boto3.client", lambda *_, **__: client)
    assert_problem(account.slack, other, "the workspace T9 is disabled: a policy")


def test_who_may_not_ask_for_workspaces_is_told_the_right(kept: Kept, deployed: Synthesized) -> None:
    role = kept.outputs("dev-foundation")["DataEngineerRoleArn"]
    with kept.signed_in(sign_in(kept, "data engineer", role).credentials):
        assert look(account.slack, deployed) == [("not known", "needs chatbot:DescribeSlackWorkspaces")]


def test_a_role_that_only_reads_may_ask_for_workspaces(kept: Kept, deployed: Synthesized) -> None:
    given = looking_up(deployed, "doctor").get_credentials()
    with kept.signed_in(Credentials(given.access_key, given.secret_key, given.token)):
        assert look(account.slack, deployed) == [("ok", "T0123ABCD (T0123ABCD) is authorized")]


def test_before_the_first_deployment_nobody_has_to_confirm(deployed: Synthesized) -> None:
    to = {"Endpoint": "a@example.com", "TopicArn": {"Ref": "Nothing"}}
    environment = only(deployed, "AWS::SNS::Subscription", {"Protocol": "email", **to})
    assert look(account.mail, environment) == [
        ("ok", "a@example.com is asked to confirm after the first deployment")
    ]


def test_what_is_closed_to_new_customers_is_told_by_the_age_of_the_account(
    kept: Kept, deployed: Synthesized, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = only(deployed, "AWS::SageMaker::Workteam")
    assert_problem(availability.closed_features, environment, "accounts as young as this one")
    created = kept.client("account").get_account_information()["AccountCreatedDate"]
    monkeypatch.setattr(availability, "CLOSED_SINCE", created + timedelta(days=1))
    ((state, told),) = look(availability.closed_features, environment)
    assert (state, "account by account" in told) == ("not known", True)


def test_there_is_room_for_a_network_or_a_problem(kept: Kept, deployed: Synthesized) -> None:
    new = only(deployed, "AWS::EC2::VPC")
    elsewhere = replace(new, stacks=tuple(replace(each, name="new-more") for each in new.stacks))
    assert look(quotas.vpcs, elsewhere)[0][0] == "ok"
    made = [kept.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"] for _ in range(3)]
    try:
        assert_problem(quotas.vpcs, elsewhere, "VPCs per Region: 5, and 6 is needed")
    finally:
        for vpc in made:
            kept.client("ec2").delete_vpc(VpcId=vpc)


@pytest.fixture
def existing(kept: Kept) -> dict[str, Any]:
    """What the rehearsal has deployed, as the network of somebody else."""
    ec2, outputs = kept.client("ec2"), kept.outputs("dev-network")
    subnets = ec2.describe_subnets(SubnetIds=outputs["JobSubnetIds"].split(","))["Subnets"]
    return {
        "vpc_id": subnets[0]["VpcId"],
        "subnet_ids": [each["SubnetId"] for each in subnets],
        "availability_zones": [each["AvailabilityZone"] for each in subnets],
        "security_group_ids": outputs["JobSecurityGroupIds"].split(","),
        "vpc_endpoints": ["s3", "sagemaker.api", "sts", "studio"],
    }


def using(environment: Synthesized, recorded: dict[str, Any], **other: Any) -> Synthesized:
    found = only(environment, "AWS::SSM::Parameter", {"Value": json.dumps({**recorded, **other})})
    return replace(found, stacks=tuple(replace(each, path="dev/network") for each in found.stacks))


def test_an_existing_network_that_is_as_it_is_recorded_is_ok(
    deployed: Synthesized, existing: dict[str, Any]
) -> None:
    assert look(network.existing_network, using(deployed, existing)) == [
        ("ok", f"{existing['vpc_id']} has its 4 endpoints")
    ]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"vpc_endpoints": ["sagemaker.elsewhere"]}, "no endpoints for sagemaker.elsewhere"),
        ({"availability_zones": ["us-east-1f", "us-east-1a"]}, "the subnets are in us-east-1a, us-east-1b"),
        ({"security_group_ids": ["sg-00000000000000000"]}, "sg-00000000000000000"),
        ({"vpc_id": "vpc-00000000000000000"}, "vpc-00000000000000000"),
    ],
)
def test_an_existing_network_that_is_otherwise_is_a_problem(
    deployed: Synthesized, existing: dict[str, Any], other: dict[str, Any], expected: str
) -> None:
    assert_problem(network.existing_network, using(deployed, existing, **other), expected)


def test_endpoints_of_a_network_that_another_account_shares_are_not_known(
    deployed: Synthesized, existing: dict[str, Any]
) -> None:
    elsewhere = replace(using(deployed, existing), account="222222222222")
    ((state, told),) = look(network.existing_network, elsewhere)
    assert (state, "only its owner" in told) == ("not known", True)
