"""SQS, S3, Systems Manager, Budgets, ECR, CloudTrail, Route 53 Resolver, Service Quotas, Account Management.

One gap or a few operations each.
"""

from collections.abc import Callable
from typing import Any

from moto.account.responses import AccountResponse
from moto.account.urls import url_paths as paths_of_account
from moto.budgets.responses import BudgetsResponse
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.route53resolver.models import Route53ResolverBackend
from moto.route53resolver.responses import Route53ResolverResponse
from moto.s3.models import FakeBucket
from moto.servicequotas.resources.default_quotas.vpc import VPC_DEFAULT_QUOTAS
from moto.servicequotas.responses import ServiceQuotasResponse
from moto.sqs.models import Queue
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from tools.local_aws.context import Context
from tools.local_aws.small import budgets
from tools.local_aws.small.accounts import with_its_age
from tools.local_aws.small.associations import Associations
from tools.local_aws.small.dns_firewall import DnsFirewall
from tools.local_aws.small.quotas import Quotas
from tools.local_aws.small.registries import with_images_of_aws


def install(context: Context) -> None:
    Queue._set_attributes = _keeping_the_policy(Queue._set_attributes)
    # S3 takes a bucket for logs as it is; whether logs may be written there shows later, in their absence.
    FakeBucket._log_permissions_enabled_policy = staticmethod(lambda **_: True)
    # The CDK CLI looks for denied calls after a failed deployment, and tries for half a minute if nobody
    # answers. CloudTrail delivers events minutes late, so there are none yet.
    CloudTrailResponse.lookup_events = lambda _: ActionResult({"Events": []})
    _repair_associations(Associations(context))
    _repair_budgets(budgets.Tags())
    _add_dns_firewall(DnsFirewall(context))
    _add_quotas(Quotas(context, lambda: VPC_DEFAULT_QUOTAS))
    AccountResponse.get_account_information = with_its_age(context)
    paths_of_account["{0}/getAccountInformation$"] = AccountResponse.dispatch
    ECRResponse.batch_get_image = with_images_of_aws(ECRResponse.batch_get_image, context)


def _keeping_the_policy(set_attributes: Callable[..., None]) -> Callable[..., None]:
    """Moto drops the policy of a queue whenever any other attribute is set."""

    def set_and_keep(queue: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        known = getattr(queue, "_policy_json", None)
        set_attributes(queue, attributes, now)
        if "Policy" not in attributes and known is not None:
            queue._policy_json = known

    return set_and_keep


def _repair_associations(associations: Associations) -> None:
    for name, operation in associations.operations.items():
        setattr(SimpleSystemManagerResponse, name, operation)
    SimpleSystemManagerBackend._validate_resource_type_and_id = associations.knowing_their_tags(
        SimpleSystemManagerBackend._validate_resource_type_and_id
    )


def _add_dns_firewall(firewall: DnsFirewall) -> None:
    for name, operation in firewall.operations.items():
        setattr(Route53ResolverResponse, name, operation)
    Route53ResolverBackend._matched_arn = firewall.knowing_their_tags(Route53ResolverBackend._matched_arn)


def _add_quotas(quotas: Quotas) -> None:
    for name, operation in quotas.operations.items():
        setattr(ServiceQuotasResponse, name, operation)


def _repair_budgets(tags: budgets.Tags) -> None:
    for name, operation in budgets.operations(tags).items():
        setattr(BudgetsResponse, name, operation)
    BudgetsResponse.create_budget = tags.with_those_given(BudgetsResponse.create_budget)
