"""Every service that is called inside a network has an endpoint, which leads to nothing of anybody else."""

import pytest

from tests.stacks.cloud import Cloud, Resource, text_of
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy

FOR_JOBS = {
    *("ecr.api", "ecr.dkr", "kms", "logs", "monitoring"),
    *("s3", "sagemaker.api", "sagemaker.runtime", "sts"),
}
FOR_STUDIO, FOR_THE_MLFLOW_APP = {"studio"}, {"mlflow"}
FOR_THE_CATALOG = {"glue", "athena", "databrew", "sagemaker.featurestore-runtime"}
# Each option, and what people in a VPC-only domain call because of it.
REQUIRED = {"dev": FOR_JOBS | FOR_STUDIO | FOR_THE_MLFLOW_APP | FOR_THE_CATALOG, "prod": FOR_JOBS}
OTHERS = "999999999999"


def service_of(endpoint: Resource) -> str:
    """The service's short name: what comes after the region, except that `sagemaker` may come before it."""
    return text_of(endpoint.get("ServiceName")).split(".", 3)[3]


def endpoints_of(cloud: Cloud, environment: str) -> dict[str, Resource]:
    endpoints = cloud.stack(f"{environment}-network").of_type("AWS::EC2::VPCEndpoint")
    return {service_of(endpoint): endpoint for endpoint in endpoints}


@pytest.mark.parametrize("environment", REQUIRED)
def test_everything_that_is_called_inside_the_network_has_a_vpc_endpoint(
    sample: Cloud, environment: str
) -> None:
    """A missing one lets jobs hang until they time out, with an error about something else."""
    assert set(endpoints_of(sample, environment)) == REQUIRED[environment]


def test_the_names_of_sagemakers_own_endpoints_begin_differently(sample: Cloud) -> None:
    found = {name: endpoint.get("ServiceName") for name, endpoint in endpoints_of(sample, "dev").items()}
    assert found["studio"] == "aws.sagemaker.us-east-1.studio"
    assert found["mlflow"] == "aws.sagemaker.us-east-1.mlflow"
    assert found["sagemaker.api"] == "com.amazonaws.us-east-1.sagemaker.api"


class Gate:
    """What one endpoint's policy lets through, whatever else would allow it."""

    def __init__(self, endpoint: Resource, account: str) -> None:
        self.policy = parse_policy(endpoint.get("PolicyDocument"), str(endpoint), PolicyKind.RESOURCE)
        self.account = account

    def opens(self, action: str, resource: str, *, caller: str = "", owner: str = "") -> bool:
        caller, owner = caller or self.account, owner or self.account
        context = {"aws:PrincipalAccount": caller, "aws:ResourceAccount": owner}
        principal = Principal.role_session(f"arn:aws:iam::{caller}:role/somebody", "session")
        request = Request(principal, action, resource, context, caller)
        return decide(request, Policies(resource=self.policy)).allowed


def gates_of(cloud: Cloud, environment: str) -> dict[str, Gate]:
    found = endpoints_of(cloud, environment)
    return {name: Gate(endpoint, endpoint.template.account) for name, endpoint in found.items()}


@pytest.fixture
def gates(sample: Cloud) -> dict[str, Gate]:
    return gates_of(sample, "dev")


def test_jobs_reach_the_buckets_of_their_account(gates: dict[str, Gate]) -> None:
    for bucket in ("dev-foundation-data", "cdk-hnb659fds-assets-111111111111-us-east-1"):
        assert gates["s3"].opens("s3:GetObject", f"arn:aws:s3:::{bucket}/some/object"), bucket
    assert gates["s3"].opens("s3:PutObject", "arn:aws:s3:::dev-foundation-artifacts/model.tar.gz")


def test_image_layers_come_from_the_bucket_of_ecr_and_nothing_can_be_put_there(
    gates: dict[str, Gate],
) -> None:
    layer = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/layer"
    assert gates["s3"].opens("s3:GetObject", layer, caller=OTHERS, owner=OTHERS)
    assert not gates["s3"].opens("s3:PutObject", layer, owner=OTHERS)
    elsewhere = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/layer"
    assert not gates["s3"].opens("s3:GetObject", elsewhere, caller=OTHERS, owner=OTHERS)


def test_data_cannot_be_carried_to_buckets_of_others(gates: dict[str, Gate]) -> None:
    theirs, ours = "arn:aws:s3:::theirs/stolen.csv", "arn:aws:s3:::dev-foundation-data/stolen.csv"
    assert not gates["s3"].opens("s3:PutObject", theirs, owner=OTHERS)
    assert not gates["s3"].opens("s3:PutObject", theirs, caller=OTHERS, owner=OTHERS)
    assert not gates["s3"].opens("s3:GetObject", ours, caller=OTHERS)


def test_interface_endpoints_serve_the_own_account_only(gates: dict[str, Gate]) -> None:
    for name in set(gates) - {"s3", "studio"}:
        assert gates[name].opens("any:Thing", "*"), name
        assert not gates[name].opens("any:Thing", "*", caller=OTHERS), name
        assert not gates[name].opens("any:Thing", "*", owner=OTHERS), name


def test_images_of_aws_can_be_pulled_although_they_belong_to_others(gates: dict[str, Gate]) -> None:
    image = "arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-xgboost"
    other = "arn:aws:ecr:us-east-1:683313688378:repository/other"
    for name in ("ecr.api", "ecr.dkr"):
        assert gates[name].opens("ecr:BatchGetImage", image, owner="683313688378"), name
        assert not gates[name].opens("ecr:BatchGetImage", other, owner="683313688378"), name
        assert not gates[name].opens("ecr:PutImage", image, owner="683313688378"), name


def test_the_endpoint_of_studio_leads_to_the_domain_of_the_account(gates: dict[str, Gate]) -> None:
    action = "sagemaker:CreatePresignedDomainUrl"
    own = "arn:aws:sagemaker:us-east-1:111111111111:user-profile/d-1/sam"
    assert gates["studio"].opens(action, own, caller=OTHERS)
    assert not gates["studio"].opens(action, own.replace("111111111111", OTHERS), owner=OTHERS)


def test_a_source_in_another_account_can_be_read_and_not_written(sample: Cloud) -> None:
    theirs, s3, kms = "333333333333", gates_of(sample, "data")["s3"], gates_of(sample, "data")["kms"]
    delivery = "arn:aws:s3:::land-registry/sales/prices/2026.csv"
    assert s3.opens("s3:GetObject", delivery, owner=theirs)
    assert s3.opens("s3:ListBucket", "arn:aws:s3:::land-registry", owner=theirs)
    assert not s3.opens("s3:PutObject", delivery, owner=theirs)
    assert not s3.opens("s3:GetObject", delivery.replace("land", "other"), owner=theirs)
    key = f"arn:aws:kms:us-east-1:{theirs}:key/11111111-2222-3333-4444-555555555555"
    assert kms.opens("kms:Decrypt", key, owner=theirs)
    assert not kms.opens("kms:Encrypt", key, owner=theirs)
    assert not kms.opens("kms:Decrypt", key.replace("/1111", "/9999"), owner=theirs)
