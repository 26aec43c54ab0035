"""Service Quotas of what is deployed, where moto knows those of VPCs only. None of them limits anything here.

A new account has AWS's defaults: 0 for most instance types. An increase is granted when it is asked for.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

Members = Mapping[str, Any]
Quota = dict[str, Any]
OfVpc = Callable[[], list[Quota]]
_NAMES = {
    "application-autoscaling": "Application Auto Scaling",
    "cloudformation": "AWS CloudFormation",
    "databrew": "AWS Glue DataBrew",
    "events": "Amazon EventBridge (CloudWatch Events)",
    "glue": "AWS Glue",
    "sagemaker": "Amazon SageMaker",
    "vpc": "Amazon Virtual Private Cloud (Amazon VPC)",
}
# What a page holds where nobody says how much:
# https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
_MOST_OF_A_PAGE = 100


class Quotas:
    """What was granted, by region, service and code."""

    def __init__(self, context: Context, of_vpc: OfVpc) -> None:
        self._account, self._of_vpc = context.account, of_vpc
        self._granted: dict[tuple[str, str, str], float] = {}

    @property
    def operations(self) -> dict[str, Callable[[Any], str]]:
        """By the name of the method of moto's class of responses."""
        found = {
            "list_aws_default_service_quotas": self._list_defaults,
            "list_service_quotas": self._list_applied,
            "get_service_quota": self._get_applied,
            "request_service_quota_increase": self._increase,
        }
        return {name: _served(operation) for name, operation in found.items()}

    def _list_defaults(self, region: str, request: Members) -> Members:
        return _page(self._defaults(region, request), request)

    def _list_applied(self, region: str, request: Members) -> Members:
        return _page([self._applied(region, each) for each in self._defaults(region, request)], request)

    def _get_applied(self, region: str, request: Members) -> Members:
        return {"Quota": self._applied(region, self._default(region, request))}

    def _increase(self, region: str, request: Members) -> Members:
        quota, desired = self._applied(region, self._default(region, request)), request["DesiredValue"]
        if desired <= quota["Value"]:
            # The words: https://github.com/cloud-custodian/cloud-custodian/pull/8939
            message = "You must provide a quota value greater than the current quota value"
            raise ApiError("IllegalArgumentException", message)
        self._granted[region, quota["ServiceCode"], quota["QuotaCode"]] = desired
        told = ("ServiceCode", "ServiceName", "QuotaCode", "QuotaName", "QuotaArn", "GlobalQuota", "Unit")
        asked = {"Id": uuid4().hex, "DesiredValue": desired, "Status": "APPROVED"}
        return {"RequestedQuota": {**asked, **{name: quota[name] for name in told}, "Created": _now()}}

    def _default(self, region: str, request: Members) -> Quota:
        for quota in self._defaults(region, request):
            if quota["QuotaCode"] == request["QuotaCode"]:
                return quota
        raise _missing("quota")

    def _applied(self, region: str, quota: Quota) -> Quota:
        key = (region, quota["ServiceCode"], quota["QuotaCode"])
        return {**quota, "Value": self._granted.get(key, quota["Value"])}

    def _defaults(self, region: str, request: Members) -> list[Quota]:
        service = request["ServiceCode"]
        if service not in _NAMES:
            raise _missing("service")
        rows = [_row(quota) for quota in self._of_vpc()] if service == "vpc" else _rows(service)
        return [self._told(region, service, *row) for row in rows]

    def _told(self, region: str, service: str, name: str, code: str, value: float) -> Quota:
        return {
            "ServiceCode": service,
            "ServiceName": _NAMES[service],
            "QuotaArn": f"arn:aws:servicequotas:{region}:{self._account}:{service}/{code}",
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }


def _served(operation: Callable[[str, Members], Members]) -> Callable[[Any], str]:
    def answer(response: Any) -> str:
        return json.dumps(operation(response.region, json.loads(response.body)))

    return answer


def _page(quotas: list[Quota], request: Members) -> Members:
    start = int(request.get("NextToken", 0))
    end = start + request.get("MaxResults", _MOST_OF_A_PAGE)
    more = {"NextToken": str(end)} if end < len(quotas) else {}
    return {"Quotas": quotas[start:end], **more}


def _missing(what: str) -> ApiError:
    """In the words of https://github.com/brennerm/aws-quota-checker/pull/23."""
    message = f"The request failed because the specified {what} does not exist."
    return ApiError("NoSuchResourceException", message)


def _row(quota: Quota) -> tuple[str, str, float]:
    return quota["QuotaName"], quota["QuotaCode"], quota["Value"]


@cache
def _rows(service: str) -> list[tuple[str, str, float]]:
    """Name, code and default."""
    table = yaml.safe_load(Path(__file__).with_name("quotas.yaml").read_text("utf-8"))
    named = _of_sagemaker(table) if service == "sagemaker" else table["other_services"][service]
    return list(_read(named))


def _of_sagemaker(table: Members) -> Members:
    named = {
        pattern.format(f"{family}.{size}"): text
        for pattern, families in table["of_instance_types"].items()
        for family, sizes in families.items()
        for size, text in sizes.items()
    }
    return {**named, **table["others"]}


def _read(named: Members) -> Iterator[tuple[str, str, float]]:
    for name, text in named.items():
        code, _, value = text.partition(" ")
        yield name, code, float(value or 0)


def _now() -> float:
    return datetime.now(UTC).timestamp()
