"""Service Quotas has AWS's names, codes and defaults, and grants what is asked for; an account has an age."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.local_aws.process import LocalAws
from tools.local_aws.sagemaker.closed import CLOSED_SINCE

PROCESSING = "ml.m5.large for processing job usage"


@pytest.fixture
def quotas(local_aws: LocalAws) -> Any:
    return local_aws.client("service-quotas")


def values(quotas: Any, operation: str, service: str) -> dict[str, float]:
    pages = quotas.get_paginator(operation).paginate(ServiceCode=service, PaginationConfig={"PageSize": 50})
    return {each["QuotaName"]: each["Value"] for page in pages for each in page["Quotas"]}


def test_a_new_account_may_run_little(quotas: Any) -> None:
    found = values(quotas, "list_aws_default_service_quotas", "sagemaker")
    assert len(found) > 100
    assert (found["ml.t3.medium for processing job usage"], found["ml.m5.large for endpoint usage"]) == (4, 0)
    assert values(quotas, "list_service_quotas", "vpc")["VPCs per Region"] == 5
    assert values(quotas, "list_service_quotas", "events") == {"Number of rules": 300}


def test_an_increase_is_granted_at_once_and_defaults_stay(quotas: Any) -> None:
    quota = {"ServiceCode": "sagemaker", "QuotaCode": "L-8541302D"}
    asked = quotas.request_service_quota_increase(**quota, DesiredValue=3)["RequestedQuota"]
    assert (asked["QuotaName"], asked["Status"]) == (PROCESSING, "APPROVED")
    assert quotas.get_service_quota(**quota)["Quota"]["Value"] == 3
    assert values(quotas, "list_service_quotas", "sagemaker")[PROCESSING] == 3
    assert values(quotas, "list_aws_default_service_quotas", "sagemaker")[PROCESSING] == 0
    with pytest.raises(ClientError, match="greater than the current quota value"):
        quotas.request_service_quota_increase(**quota, DesiredValue=3)


@pytest.mark.parametrize(("service", "code"), [("elsewhere", "L-8541302D"), ("sagemaker", "L-00000000")])
def test_what_does_not_exist_is_refused(quotas: Any, service: str, code: str) -> None:
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode=service, QuotaCode=code)


def test_the_account_is_older_than_what_was_closed(local_aws: LocalAws) -> None:
    told = local_aws.client("account").get_account_information()
    assert (told["AccountId"], told["AccountCreatedDate"] < CLOSED_SINCE) == (local_aws.account, True)
